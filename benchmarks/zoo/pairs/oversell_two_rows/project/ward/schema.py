"""The doctors; run as a module it creates the table, with two of them on call."""

import os

import psycopg

TABLES = """
CREATE TABLE doctors (name text PRIMARY KEY, on_call boolean NOT NULL);
INSERT INTO doctors VALUES ('ann', true), ('bob', true);
"""

if __name__ == "__main__":
    with psycopg.connect(os.environ["DATABASE_URL"]) as db:
        db.execute(TABLES)
