"""`POST /orders`: charge the card, then store the order as paid."""

import os
from typing import Any

import requests
from flask import Flask, request
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from orders.schema import engine

PAYMENTS_URL = os.environ["PAYMENTS_URL"]
MOST_CENTS = 100_000_000

INSERT = text("""
INSERT INTO orders (user_id, amount_cents, idempotency_key, status)
VALUES (:user_id, :amount_cents, :key, 'paid')
RETURNING id, user_id AS "userId", amount_cents AS "amountCents", status
""")

app = Flask(__name__)


@app.get("/health")
def health() -> ResponseReturnValue:
    return {"status": "ok"}


@app.post("/orders")
def place_order() -> ResponseReturnValue:
    payload: dict[str, Any] = request.get_json()
    user_id, amount_cents = payload.get("userId"), payload.get("amountCents")
    if not user_id or not is_amount(amount_cents):
        return {"error": "userId and amountCents required"}, 400
    key = payload.get("idempotencyKey")

    try:
        charge(user_id, amount_cents, key)
    except requests.RequestException:
        return {"error": "payment_failed"}, 402

    try:
        with engine.begin() as connection:
            values = {"user_id": user_id, "amount_cents": amount_cents, "key": key}
            order = connection.execute(INSERT, values).mappings().one()
    except SQLAlchemyError:
        return {"error": "order_persist_failed", "retryable": True}, 503
    return dict(order), 201


def is_amount(value: object) -> bool:
    return type(value) is int and 0 < value <= MOST_CENTS


def charge(user_id: str, amount_cents: int, key: str | None) -> None:
    reply = requests.post(
        f"{PAYMENTS_URL}/v1/charges",
        json={"userId": user_id, "amountCents": amount_cents},
        headers={"Idempotency-Key": key},
    )
    reply.raise_for_status()
