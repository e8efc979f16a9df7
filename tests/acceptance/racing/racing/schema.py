"""The shop's tables; run as a module it creates them, with one mug left."""

import os

import psycopg

TABLES = """
CREATE TABLE stock (sku text PRIMARY KEY, left_over int NOT NULL, version int NOT NULL DEFAULT 1);
CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, sku text NOT NULL, key text);
CREATE TABLE once (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, sku text NOT NULL, key text UNIQUE);
CREATE TABLE seats (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, seat text UNIQUE);
CREATE TABLE flags (raised bool NOT NULL);
INSERT INTO flags VALUES (false);
INSERT INTO stock (sku, left_over) VALUES ('mug', 1), ('tea', 10);
"""

if __name__ == "__main__":
    with psycopg.connect(os.environ["DATABASE_URL"]) as db:
        db.execute(TABLES)
