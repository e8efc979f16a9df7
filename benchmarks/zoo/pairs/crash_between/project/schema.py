"""Top-ups, and the attempts to charge for them; run as a program it creates them."""

import os

import psycopg

DDL = """
CREATE TABLE topups (
    id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key    text NOT NULL UNIQUE,
    cents  integer NOT NULL CHECK (cents > 0),
    charge text NOT NULL
);
CREATE TABLE attempts (
    key        text PRIMARY KEY,
    charge_key text NOT NULL
);
"""

if __name__ == "__main__":
    with psycopg.connect(os.environ["DATABASE_URL"]) as db:
        db.execute(DDL)
