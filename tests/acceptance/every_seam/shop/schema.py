"""The shop's two tables; run as a module it creates them, with two customers."""

import os

import psycopg

TABLES = """
CREATE TABLE customers (token text PRIMARY KEY, email text NOT NULL UNIQUE);
CREATE TABLE orders (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email text NOT NULL REFERENCES customers (email),
    request_key text NOT NULL UNIQUE,
    seat varchar(4) NOT NULL UNIQUE,
    cents int NOT NULL CHECK (cents >= 100),
    charge_id text NOT NULL
);
INSERT INTO customers VALUES ('ann', 'ann@example.org'), ('ben', 'ben@example.org');
"""

if __name__ == "__main__":
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        connection.execute(TABLES)
