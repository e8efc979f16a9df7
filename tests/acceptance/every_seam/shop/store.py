"""What the shop keeps: each answer of the database within its time, also where the network is dead."""

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
from psycopg.rows import dict_row

TIMEOUT_S = 0.9
KEEP = """
INSERT INTO orders (email, request_key, seat, cents, charge_id)
VALUES (%(email)s, %(key)s, %(seat)s, %(cents)s, %(charge)s)
ON CONFLICT (request_key) DO UPDATE SET request_key = EXCLUDED.request_key RETURNING id
"""
_workers = ThreadPoolExecutor(16)


def ask(statement: str, values: Any, *, autocommit: bool = True) -> dict[str, Any] | None:
    """The first row. Raises TimeoutError where it takes longer; psycopg itself never gives up."""

    def work() -> dict[str, Any] | None:
        url, limits = os.environ["DATABASE_URL"], "-c statement_timeout=500 -c lock_timeout=400"
        with psycopg.connect(url, autocommit=autocommit, row_factory=dict_row, options=limits) as connection:
            return connection.execute(statement, values).fetchone()

    return _workers.submit(work).result(TIMEOUT_S)


def customer_of(token: str) -> str | None:
    """The mail address of the customer with a token."""
    found = ask("SELECT email FROM customers WHERE token = %s", (token,))
    return found["email"] if found else None


def taken(seat: str, key: str) -> bool:
    """Whether another order has the seat."""
    return ask("SELECT 1 FROM orders WHERE seat = %s AND request_key <> %s", (seat, key)) is not None


def keep(order: dict[str, Any]) -> int:
    """The order's id: the first one's for a key that was seen before."""
    kept = ask(KEEP, order, autocommit=False)
    assert kept is not None
    return kept["id"]


def order_of(number: int) -> dict[str, Any] | None:
    return ask("SELECT id, seat, cents FROM orders WHERE id = %s", (number,))
