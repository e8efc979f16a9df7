"""The shop's routes. Sound but for four faults of its own, which `test_every_seam.py` expects to be found:

1. what Redis answers to a write with an error is caught by nobody (`remember`; a Redis that is away is);
2. the ticket is sent after the commit, and where that fails the customer is told all is well;
3. who reads an order is asked who they are, and not whether it is theirs;
4. of two who want one seat at once both are charged, and the one who comes too late gets no money back.
"""

import logging
import smtplib
from collections.abc import Mapping
from typing import Any

import psycopg
import stripe
from flask import Flask, Response, jsonify, request

from shop.outside import charge, remember, remembered, send_tickets
from shop.store import customer_of, keep, order_of, taken

app = Flask(__name__)
log = logging.getLogger(__name__)


@app.get("/health")
def health() -> Response:
    return jsonify(status="ok")


@app.post("/orders")
def place_order() -> tuple[Response, int]:
    key, new = request.headers.get("Idempotency-Key"), request.get_json(silent=True)
    email = asking()
    if email is None:
        return jsonify(error="unauthorized"), 401
    if not key or not is_order(new):
        return jsonify(error="a key, a seat and cents from 100 are required"), 422
    if taken(new["seat"], key):
        return jsonify(error="seat_taken"), 409
    paid = charge(new["cents"], key)
    number = keep({"email": email, "key": key, "charge": paid, **new})
    try:
        send_tickets(email, new["seat"])
    except (OSError, smtplib.SMTPException):
        log.warning("no mail for order %s", number)
    return jsonify(id=number, seat=new["seat"]), 201


@app.get("/orders/<int:number>")
def read_order(number: int) -> tuple[Response, int]:
    if asking() is None:
        return jsonify(error="unauthorized"), 401
    order = order_of(number) if number < 2**63 else None
    return (jsonify(order), 200) if order else (jsonify(error="no_such_order"), 404)


@app.post("/stripe-events")
def hear() -> tuple[Response, int]:
    """Events are for the log alone: hearing one twice changes nothing."""
    try:
        event = stripe.Webhook.construct_event(
            request.get_data(), request.headers.get("Stripe-Signature", ""), "whsec_shop"
        )
    except (ValueError, stripe.SignatureVerificationError):
        return jsonify(error="not_from_stripe"), 400
    log.info("stripe: %s", event.type)
    return jsonify(received=True), 200


@app.errorhandler(stripe.CardError)
def declined(_: Exception) -> tuple[Response, int]:
    return jsonify(error="card_declined", retryable=False), 402


@app.errorhandler(stripe.StripeError)
def provider_away(_: Exception) -> tuple[Response, int]:
    return jsonify(error="payment_unavailable", retryable=True), 502


@app.errorhandler(psycopg.Error)
@app.errorhandler(TimeoutError)
def database_away(_: Exception) -> tuple[Response, int]:
    return jsonify(error="orders_unavailable", retryable=True), 503


def asking() -> str | None:
    """The mail address of the customer whose token came with the request."""
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if known := remembered(token):
        return known
    email = customer_of(token) if token else None
    if email is not None:
        remember(token, email)
    return email


def is_order(new: Any) -> bool:
    if not isinstance(new, Mapping) or set(new) != {"seat", "cents"}:
        return False
    seat, cents = new["seat"], new["cents"]
    return isinstance(seat, str) and 0 < len(seat) <= 4 and type(cents) is int and 100 <= cents < 1_000_000
