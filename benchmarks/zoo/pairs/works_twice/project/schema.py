"""Payouts, due and paid; run as a program it creates them."""

import os

import psycopg

DDL = """
CREATE TABLE payouts (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key     text NOT NULL UNIQUE,
    account text NOT NULL,
    cents   integer NOT NULL CHECK (cents > 0),
    state   text NOT NULL DEFAULT 'due'
);
"""

if __name__ == "__main__":
    with psycopg.connect(os.environ["DATABASE_URL"]) as db:
        db.execute(DDL)
