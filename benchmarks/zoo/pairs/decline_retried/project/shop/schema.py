"""The orders table, one row for each idempotency key; run as a module it creates it."""

import os

import psycopg

TABLES = """
CREATE TABLE orders (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    item            text NOT NULL,
    charge_id       text NOT NULL,
    idempotency_key text NOT NULL UNIQUE
)
"""

if __name__ == "__main__":
    with psycopg.connect(os.environ["DATABASE_URL"]) as db:
        db.execute(TABLES)
