"""A Stripe double behind a listening seam, asked by Stripe's own Python client."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import stripe

from ripstop.doubles.double import Double
from ripstop.doubles.loading import load
from ripstop.model.http import Request

from ...seams.http_harness import Served, served

SECRET = "whsec_for_this_test"
HOOK = "/webhooks/stripe"
CARD = "pm_card_visa"
BACK = "https://shop.example/back"


@dataclass
class Account:
    """The client, the double behind it, and what the double sent the service."""

    client: stripe.StripeClient
    double: Double
    server: Served
    sent: list[Request] = field(default_factory=list)

    def settle(self) -> None:
        """Wait until the double has sent its events: it does so just after the client has its answer."""
        self.server.until(lambda: not self.server.seam.busy())

    @property
    def v1(self) -> Any:
        return self.client.v1

    def act(self, path: str, **fields: Any) -> Any:
        """What the customer does in the browser: a route of ours."""
        raw = self.client.raw_request("post", f"/ripstop/{path}", **fields)
        return self.client.deserialize(raw, api_mode="V1")

    def pay(self, **fields: Any) -> Any:
        """An intent of 10 dollars, confirmed as it is created."""
        usual = {
            "amount": 1000,
            "currency": "usd",
            "payment_method": CARD,
            "confirm": True,
            "return_url": BACK,
        }
        return self.v1.payment_intents.create({**usual, **fields})

    def customer(self, card: str = CARD) -> Any:
        """A customer whose card is saved and is the default for invoices."""
        made = self.v1.customers.create({"email": "jo@shop.example", "payment_method": card})
        saved = self.v1.customers.payment_methods.list(made.id).data[0].id
        return self.v1.customers.update(made.id, {"invoice_settings": {"default_payment_method": saved}})

    def price(self, amount: int = 1500, **fields: Any) -> Any:
        about = {"currency": "usd", "unit_amount": amount, "product_data": {"name": "Tea"}}
        return self.v1.prices.create({**about, **fields})

    def monthly(self) -> Any:
        return self.price(recurring={"interval": "month"})

    def subscribe(self, customer: Any, price: Any, **fields: Any) -> Any:
        about = {"customer": customer.id, "items": [{"price": price.id}]}
        return self.v1.subscriptions.create({**about, **fields})

    def checkout(self, **fields: Any) -> Any:
        about = {
            "mode": "payment",
            "success_url": BACK,
            "line_items": [{"price": self.price().id, "quantity": 2}],
        }
        return self.v1.checkout.sessions.create({**about, **fields})

    def kinds(self) -> list[str]:
        return [effect.kind for effect in self.double.ledger.effects()]

    def events(self) -> list[str]:
        return [event.type for event in reversed(self.v1.events.list({"limit": 100}).data)]


@contextmanager
def opened(*, webhook: str | None = None, version: str | None = None) -> Iterator[Account]:
    """An account with nothing in it."""
    double = load("stripe", Path(), name="payments", webhook=webhook, webhook_secret=SECRET)
    with served(double, after=double.flush) as server:
        client = stripe.StripeClient(
            "sk_test_ripstop",
            base_addresses={"api": server.url},
            max_network_retries=0,
            stripe_version=version,
        )
        account = Account(client, double, server)
        double.deliver = account.sent.append
        yield account
