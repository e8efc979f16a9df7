"""Creates the table of links, one row for each idempotency key."""

import os

import psycopg

TABLES = """
CREATE TABLE IF NOT EXISTS links (
    token           text PRIMARY KEY,
    idempotency_key text NOT NULL UNIQUE CHECK (length(idempotency_key) <= 200),
    document        text NOT NULL CHECK (length(document) BETWEEN 1 AND 80),
    expires_at      timestamptz NOT NULL
)
"""

if __name__ == "__main__":
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        connection.execute(TABLES)
