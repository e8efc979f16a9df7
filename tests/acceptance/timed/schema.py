"""The tables: tokens, and what the worker makes of them."""

import os

import psycopg

TABLES = """
CREATE TABLE tokens (token text PRIMARY KEY, expires_at timestamptz NOT NULL);
CREATE TABLE seen (token text PRIMARY KEY, alive_here boolean NOT NULL, alive_there boolean NOT NULL);
"""

if __name__ == "__main__":
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        connection.execute(TABLES)
