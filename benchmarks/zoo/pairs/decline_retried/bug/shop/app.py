"""`POST /orders`: charge the card, then store the order. What may pass is tried again."""

import logging
import os
import time

import psycopg
import requests
from flask import Flask, request
from flask.typing import ResponseReturnValue
from psycopg_pool import ConnectionPool

PAYMENTS_URL = os.environ["PAYMENTS_URL"]
TRIES = 3
PAUSE_S = 0.05

INSERT = """
INSERT INTO orders (item, charge_id, idempotency_key) VALUES (%s, %s, %s)
ON CONFLICT (idempotency_key) DO UPDATE SET charge_id = EXCLUDED.charge_id
RETURNING id
"""

pool = ConnectionPool(
    os.environ["DATABASE_URL"],
    kwargs={"options": "-c statement_timeout=500 -c transaction_timeout=700"},
    check=ConnectionPool.check_connection,
    min_size=2,
    max_size=8,
    timeout=0.5,
    open=True,
)

app = Flask(__name__)
log = logging.getLogger(__name__)


@app.get("/health")
def health() -> ResponseReturnValue:
    return {"status": "ok"}


@app.errorhandler(psycopg.Error)
def unavailable(error: psycopg.Error) -> ResponseReturnValue:
    log.error("the database failed", exc_info=error)
    return {"error": "database_unavailable", "retryable": True}, 503


@app.errorhandler(requests.RequestException)
def not_charged(error: requests.RequestException) -> ResponseReturnValue:
    status = None if error.response is None else error.response.status_code
    if status == 402:
        return {"error": "card_declined", "retryable": False}, 402
    log.error("the card was not charged", exc_info=error)
    if error.response is not None and status == 429:
        wait = error.response.headers.get("Retry-After", "1")
        return {"error": "payment_busy", "retryable": True}, 503, {"Retry-After": wait}
    return {"error": "payment_unavailable", "retryable": True}, 502


@app.post("/orders")
def place_order() -> ResponseReturnValue:
    body = request.get_json(silent=True)
    key = request.headers.get("Idempotency-Key", "")
    if not isinstance(body, dict) or not all(map(is_word, (body.get("item"), body.get("card"), key))):
        return {"error": "item, card and an Idempotency-Key required"}, 400
    charge_id = charge_patiently(body["card"], key)
    with pool.connection() as db:
        stored = db.execute(INSERT, (body["item"], charge_id, key)).fetchone()
    assert stored is not None
    return {"id": stored[0], "item": body["item"], "charge": charge_id}, 201


def charge_patiently(card: str, key: str) -> str:
    """The charge's id, at the latest of three tries; a caller who waits is not kept longer."""
    for tried in range(TRIES - 1):
        try:
            return charge(card, key)
        except requests.RequestException as error:
            if not may_pass(error):
                raise
            time.sleep(PAUSE_S * 2**tried)
    return charge(card, key)


def may_pass(error: requests.RequestException) -> bool:
    if isinstance(error, requests.Timeout):
        return False
    return error.response is None or error.response.status_code != 429


def charge(card: str, key: str) -> str:
    """The charge's id. Asking again with the same key gives the first charge."""
    reply = requests.post(
        f"{PAYMENTS_URL}/v1/charges",
        json={"card": card, "cents": 4200},
        headers={"Idempotency-Key": key},
        timeout=0.5,
    )
    reply.raise_for_status()
    confirmed = reply.json()
    if not isinstance(confirmed, dict) or not is_word(confirmed.get("id")):
        raise requests.RequestException("the provider confirmed nothing")
    return str(confirmed["id"])


def is_word(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 200 and value.isprintable()
