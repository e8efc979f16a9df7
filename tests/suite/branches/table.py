"""Creates one table in one of the databases: ``python table.py HEAD orders``."""

import sys

from app import connect

prefix, name = sys.argv[1:]
with connect(prefix) as connection:
    connection.execute(f"CREATE TABLE {name} (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, item text)")
