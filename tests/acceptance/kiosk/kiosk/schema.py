"""Users, products, orders; run as a module it creates them."""

import os

import psycopg

DDL = """
CREATE TABLE users (id integer PRIMARY KEY, token text UNIQUE NOT NULL);
INSERT INTO users VALUES (1, 'ann-token'), (2, 'eve-token');
CREATE TABLE products (sku text PRIMARY KEY);
INSERT INTO products VALUES ('tea-7'), ('bun-3');
CREATE TABLE orders (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id integer NOT NULL REFERENCES users,
    sku text NOT NULL REFERENCES products,
    quantity integer NOT NULL CHECK (quantity > 0),
    tip integer,
    note varchar(20),
    table_name text UNIQUE
);
"""

if __name__ == "__main__":
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        connection.execute(DDL)
