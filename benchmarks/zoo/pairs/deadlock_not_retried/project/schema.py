"""Creates the tables of stock and orders, and fills the shelves."""

import os

import psycopg

TABLES = """
CREATE TABLE IF NOT EXISTS stock (
    sku       text PRIMARY KEY,
    left_over integer NOT NULL CHECK (left_over >= 0)
);
CREATE TABLE IF NOT EXISTS orders (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    idempotency_key text NOT NULL UNIQUE,
    skus            text[] NOT NULL
);
INSERT INTO stock VALUES ('mug', 100), ('plate', 100) ON CONFLICT DO NOTHING;
"""

if __name__ == "__main__":
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        connection.execute(TABLES)
