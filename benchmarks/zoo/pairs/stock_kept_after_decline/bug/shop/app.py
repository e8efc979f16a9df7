"""`POST /orders`: take an item off the shelf and place the order, then charge the card."""

import logging
import os
from typing import Any

import requests
from flask import Flask, request
from flask.typing import ResponseReturnValue
from shop.schema import Order, Stock, engine
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

PAYMENTS_URL = os.environ["PAYMENTS_URL"]
CENTS = 4200

app = Flask(__name__)
log = logging.getLogger(__name__)


class PaymentError(Exception):
    """The card was not charged, or nobody knows."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status
        self.body = {"error": code, "retryable": status != 402}


@app.get("/health")
def health() -> ResponseReturnValue:
    return {"status": "ok"}


@app.errorhandler(SQLAlchemyError)
def unavailable(error: SQLAlchemyError) -> ResponseReturnValue:
    log.error("the database failed", exc_info=error)
    return {"error": "database_unavailable", "retryable": True}, 503


@app.post("/orders")
def place_order() -> ResponseReturnValue:
    body = request.get_json(silent=True)
    key = request.headers.get("Idempotency-Key", "")
    if not isinstance(body, dict) or not all(map(is_word, (body.get("sku"), body.get("card"), key))):
        return {"error": "sku, card and an Idempotency-Key required"}, 400
    order = place(body["sku"], body["card"], key)
    if order is None:
        return {"error": "not_on_the_shelf"}, 409
    try:
        charge_id = charge(order["card"], key)
    except PaymentError as error:
        cancel(order)
        return error.body, error.status
    return {"id": order["id"], "sku": order["sku"], "charge": charge_id}, 201


def place(sku: str, card: str, key: str) -> dict[str, Any] | None:
    """The order of this key, its item taken off the shelf; None where the shelf is empty."""
    new = (
        insert(Order)
        .values(sku=sku, card=card, idempotency_key=key)
        .on_conflict_do_nothing()
        .returning(Order.id)
    )
    take = update(Stock).where(Stock.sku == sku, Stock.left_over > 0).values(left_over=Stock.left_over - 1)
    with Session(engine) as session:
        if session.scalar(new) and not session.execute(take).rowcount:
            return None
        order = session.scalars(select(Order).where(Order.idempotency_key == key)).one()
        placed = {"id": order.id, "sku": order.sku, "card": order.card}
        session.commit()
    return placed


def cancel(order: dict[str, Any]) -> None:
    with Session(engine) as session, session.begin():
        session.execute(delete(Order).where(Order.id == order["id"]))


def charge(card: str, key: str) -> str:
    """The charge's id. Asking again with the same key gives the first charge."""
    try:
        reply = requests.post(
            f"{PAYMENTS_URL}/v1/charges",
            json={"card": card, "cents": CENTS},
            headers={"Idempotency-Key": key},
            timeout=0.5,
        )
        if reply.status_code == 402:
            raise PaymentError(402, "card_declined")
        reply.raise_for_status()
        confirmed = reply.json()
    except requests.RequestException as error:
        raise PaymentError(502, "payment_unavailable") from error
    if not isinstance(confirmed, dict) or not is_word(confirmed.get("id")):
        raise PaymentError(502, "payment_unconfirmed")
    return str(confirmed["id"])


def is_word(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 200 and value.isprintable()
