"""One row for each booking; run as a program it creates the table."""

import os

import psycopg

DDL = """
CREATE TABLE bookings (
    id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key  text NOT NULL UNIQUE,
    room text NOT NULL
)
"""

if __name__ == "__main__":
    with psycopg.connect(os.environ["DATABASE_URL"]) as db:
        db.execute(DDL)
