"""Stripe's packages: the routes behind their methods."""

from __future__ import annotations

from pathlib import Path

import pytest

from .snippets import operations, reached, within

PYTHON = "import stripe\nclient = stripe.StripeClient('sk')\n"
NODE = "import Stripe from 'stripe'\nconst stripe = new Stripe('sk')\n"


@pytest.mark.parametrize(
    ("before", "call", "told"),
    [
        (PYTHON, "stripe.PaymentIntent.create(amount=1)", "POST /v1/payment_intents"),
        (PYTHON, "stripe.Customer.retrieve(x)", "GET /v1/customers/{id}"),
        (PYTHON, "stripe.Customer.list(limit=3)", "GET /v1/customers"),
        (PYTHON, "stripe.checkout.Session.create(mode='payment')", "POST /v1/checkout/sessions"),
        (PYTHON, "stripe.PaymentIntent.capture(x)", "POST /v1/payment_intents/{id}/capture"),
        (PYTHON, "stripe.Subscription.cancel(x)", "DELETE /v1/subscriptions/{id}"),
        (PYTHON, "client.v1.charges.create({})", "POST /v1/charges"),
        (PYTHON, "client.refunds.create({})", "POST /v1/refunds"),
        (NODE, "await stripe.paymentIntents.create({})", "POST /v1/payment_intents"),
        (NODE, "await stripe.subscriptions.update(x, {})", "POST /v1/subscriptions/{id}"),
        (NODE, "await stripe.checkout.sessions.create({})", "POST /v1/checkout/sessions"),
    ],
)
def test_a_method_is_the_route_it_asks(tmp_path: Path, before: str, call: str, told: str) -> None:
    (reach,) = reached(tmp_path, within(before, call))

    assert (reach.operation, reach.target, reach.client) == (told, "api.stripe.com", "stripe")


@pytest.mark.parametrize(
    ("before", "call", "key"),
    [
        (PYTHON, "stripe.Refund.create(charge=x)", False),
        (PYTHON, "stripe.Refund.create(charge=x, idempotency_key=x)", True),
        (PYTHON, "client.refunds.create({}, {'idempotency_key': x})", True),
        (PYTHON, "client.refunds.create({}, options={'idempotency_key': x})", True),
        (PYTHON, "stripe.Refund.create(**x)", None),
        (PYTHON, "stripe.Refund.retrieve(x)", None),
        (NODE, "await stripe.refunds.create({}, { idempotencyKey: x })", True),
        (NODE, "await stripe.refunds.create({})", False),
    ],
)
def test_a_key_is_seen_wherever_it_is_given(tmp_path: Path, before: str, call: str, key: bool | None) -> None:
    (reach,) = reached(tmp_path, within(before, call))

    assert reach.key is key


@pytest.mark.parametrize(
    "call",
    ["stripe.Webhook.construct_event(b'', '', '')", "stripe.error.StripeError.create()", "stripe.api_key"],
)
def test_what_asks_nobody_is_left_alone(tmp_path: Path, call: str) -> None:
    assert operations(tmp_path, PYTHON, call) == []
