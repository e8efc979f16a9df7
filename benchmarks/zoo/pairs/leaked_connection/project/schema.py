"""One row for each ticket; run as a program it creates the table."""

import os

import psycopg

DDL = """
CREATE TABLE tickets (
    id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key  text NOT NULL UNIQUE,
    body text NOT NULL
)
"""

if __name__ == "__main__":
    with psycopg.connect(os.environ["DATABASE_URL"]) as db:
        db.execute(DDL)
