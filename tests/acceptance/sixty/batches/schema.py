"""The tables of the batch service; run as a module it creates them."""

import os

import psycopg

if __name__ == "__main__":
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        for table in ("deliveries", "lines"):
            connection.execute(f"CREATE TABLE {table} (batch text, line int, PRIMARY KEY (batch, line))")
