"""The database and its orders table; run as a module it creates it."""

import os

from sqlalchemy import create_engine, make_url, text

engine = create_engine(
    make_url(os.environ["DATABASE_URL"]).set(drivername="postgresql+psycopg"),
    connect_args={"options": "-c statement_timeout=2000 -c transaction_timeout=3000"},
)

ORDERS = """
CREATE TABLE IF NOT EXISTS orders (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id         text NOT NULL,
    amount_cents    integer NOT NULL,
    idempotency_key text,
    status          text NOT NULL
)
"""

if __name__ == "__main__":
    with engine.begin() as connection:
        connection.execute(text(ORDERS))
