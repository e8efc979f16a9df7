"""Payments; run as a module it creates them."""

import os

import psycopg

if __name__ == "__main__":
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        connection.execute("CREATE TABLE payments (key text PRIMARY KEY, charge text)")
