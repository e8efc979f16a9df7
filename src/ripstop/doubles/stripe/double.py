"""The Stripe double put together: its routes, the errors it can be asked for, its wording."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from urllib.parse import urlencode

from ripstop.doubles.double import Double
from ripstop.doubles.loading import Context
from ripstop.doubles.stripe import (
    charges,
    checkout,
    customers,
    errors,
    events,
    invoices,
    payment_intents,
    payment_methods,
    products,
    refunds,
    subscriptions,
)
from ripstop.doubles.stripe.books import Books, empty
from ripstop.doubles.stripe.cards import DECLINES, NAMES, Decline
from ripstop.doubles.stripe.forms import parameters
from ripstop.doubles.stripe.served import register
from ripstop.model.http import Reply, Request

ROUTES = (
    *customers.ROUTES,
    *payment_methods.ROUTES,
    *payment_intents.ROUTES,
    *charges.ROUTES,
    *refunds.ROUTES,
    *products.ROUTES,
    *subscriptions.ROUTES,
    *invoices.ROUTES,
    *checkout.ROUTES,
    *events.ROUTES,
)
SECRET = "whsec_ripstop"  # noqa: S105
"""What events are signed with where the configuration names nothing else."""

_INTENTS, _CONFIRM = "POST /v1/payment_intents", "POST /v1/payment_intents/{id}/confirm"
_CHARGES = "POST /v1/charges"


def make(context: Context) -> Double:
    """A Stripe account with nothing in it. Its state is what the API was asked to make."""
    double = _account(context.name, context.webhook, context.webhook_secret or SECRET)
    for name, (on_intent, on_charge) in _declines().items():
        double.error(name, on=_INTENTS, reply=on_intent, when=_charging)
        double.error(name, on=_CONFIRM, reply=on_intent)
        double.error(name, on=_CHARGES, reply=on_charge)
    for status, reply in errors.shapes().items():
        double.error_shape(status, reply)
    return double


def _account(name: str, webhook: str | None, secret: str) -> Double:
    double = Double(name, idempotency_header="Idempotency-Key", state=empty(), manner=errors.MANNER)
    books = Books(double, webhook, secret)
    for served in ROUTES:
        register(double, books, served)
    return double


def _charging(request: Request) -> bool:
    """Whether an intent is confirmed as it is created: only then can a card be declined."""
    return parameters(request).get("confirm") == "true"


@functools.cache
def _declines() -> Mapping[str, tuple[Reply, Reply]]:
    """Each decline as an account tells it that really meets it: of an intent, and of a charge."""
    account = _account("stripe", None, SECRET)
    return {name: _told(account, decline) for name, decline in DECLINES.items()}


def _told(account: Double, decline: Decline) -> tuple[Reply, Reply]:
    name = next(name for name, card in NAMES.items() if card.decline is decline and not card.asks)
    about = {"amount": "1000", "currency": "usd", "confirm": "true", "return_url": "https://example.com"}
    intent = account.respond(_post("/v1/payment_intents", {**about, "payment_method": f"pm_card_{name}"}))
    asked = {"amount": "1000", "currency": "usd", "source": f"tok_{name}"}
    return intent, account.respond(_post("/v1/charges", asked))


def _post(path: str, fields: Mapping[str, str]) -> Request:
    headers = (("authorization", "Bearer sk_test"), ("content-type", "application/x-www-form-urlencoded"))
    return Request("POST", path, headers, urlencode(fields).encode())
