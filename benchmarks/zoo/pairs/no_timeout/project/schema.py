"""Creates the table of top-ups, one row for each idempotency key."""

import os

import psycopg

TABLES = """
CREATE TABLE IF NOT EXISTS topups (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    idempotency_key text NOT NULL UNIQUE CHECK (length(idempotency_key) <= 200),
    account         text NOT NULL CHECK (length(account) BETWEEN 1 AND 80),
    cents           integer NOT NULL CHECK (cents BETWEEN 100 AND 50000),
    charge_id       text NOT NULL
)
"""

if __name__ == "__main__":
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        connection.execute(TABLES)
