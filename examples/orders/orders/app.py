"""`POST /orders`: charge the card, then store the order as paid."""

import os
from typing import Any

import requests
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import sessionmaker

from orders.schema import Order, engine

PAYMENTS_URL = os.environ["PAYMENTS_URL"]
MOST_CENTS = 100_000_000

app = FastAPI()
new_session = sessionmaker(engine, expire_on_commit=False)


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/orders")
def place_order(payload: dict[str, Any]) -> JSONResponse:
    user_id, amount_cents = payload.get("userId"), payload.get("amountCents")
    if not user_id or not is_amount(amount_cents):
        return JSONResponse({"error": "userId and amountCents required"}, 400)
    key = payload.get("idempotencyKey")

    try:
        charge(user_id, amount_cents, key)
    except requests.RequestException:
        return JSONResponse({"error": "payment_failed"}, 402)

    order = Order(user_id=user_id, amount_cents=amount_cents, idempotency_key=key, status="paid")
    try:
        with new_session.begin() as session:
            session.add(order)
    except SQLAlchemyError:
        return JSONResponse({"error": "order_persist_failed", "retryable": True}, 503)
    return JSONResponse(as_json(order), 201)


def is_amount(value: object) -> bool:
    return type(value) is int and 0 < value <= MOST_CENTS


def charge(user_id: str, amount_cents: int, key: str | None) -> None:
    reply = requests.post(
        f"{PAYMENTS_URL}/v1/charges",
        json={"userId": user_id, "amountCents": amount_cents},
        headers={"Idempotency-Key": key},
    )
    reply.raise_for_status()


def as_json(order: Order) -> dict[str, Any]:
    return {
        "id": order.id,
        "userId": order.user_id,
        "amountCents": order.amount_cents,
        "status": order.status,
    }
