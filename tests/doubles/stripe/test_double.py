"""Every route the double serves, asked by Stripe's own client; its parameters beside the client's types."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import stripe
from stripe import params as client_params

from ripstop.doubles.stripe.double import ROUTES

from .account import BACK, CARD, Account

Ask = Callable[[Account], Any]


def held(account: Account) -> Any:
    return account.pay(capture_method="manual")


def open_intent(account: Account) -> Any:
    return account.v1.payment_intents.create({"amount": 900, "currency": "eur", "payment_method": CARD})


def saved_card(account: Account) -> Any:
    return account.v1.customers.payment_methods.list(account.customer().id).data[0]


def charged(account: Account) -> Any:
    return account.v1.charges.create({"amount": 700, "currency": "usd", "source": "tok_visa"})


def refunded(account: Account) -> Any:
    return account.v1.refunds.create({"payment_intent": account.pay().id})


def subscribed(account: Account) -> Any:
    return account.subscribe(account.customer(), account.monthly())


def cancel_refund(account: Account) -> Any:
    with pytest.raises(stripe.InvalidRequestError, match="Only refunds with a status of requires_action"):
        account.v1.refunds.cancel(refunded(account).id)
    return account.v1.refunds.list().data[0]


CARD_DATA = {"number": "4242424242424242", "exp_month": 12, "exp_year": 2034, "cvc": "123"}
ASKED: dict[str, tuple[Ask, type]] = {
    "POST /v1/customers": (lambda a: a.v1.customers.create({"name": "Jo"}), stripe.Customer),
    "GET /v1/customers": (lambda a: (a.customer(), a.v1.customers.list().data[0])[1], stripe.Customer),
    "GET /v1/customers/{id}": (lambda a: a.v1.customers.retrieve(a.customer().id), stripe.Customer),
    "POST /v1/customers/{id}": (
        lambda a: a.v1.customers.update(a.customer().id, {"name": "Jo"}),
        stripe.Customer,
    ),
    "DELETE /v1/customers/{id}": (lambda a: a.v1.customers.delete(a.customer().id), stripe.Customer),
    "GET /v1/customers/{id}/payment_methods": (saved_card, stripe.PaymentMethod),
    "POST /v1/payment_methods": (
        lambda a: a.v1.payment_methods.create({"type": "card", "card": CARD_DATA}),
        stripe.PaymentMethod,
    ),
    "GET /v1/payment_methods": (
        lambda a: a.v1.payment_methods.list({"customer": a.customer().id}).data[0],
        stripe.PaymentMethod,
    ),
    "GET /v1/payment_methods/{id}": (
        lambda a: a.v1.payment_methods.retrieve(saved_card(a).id),
        stripe.PaymentMethod,
    ),
    "POST /v1/payment_methods/{id}": (
        lambda a: a.v1.payment_methods.update(saved_card(a).id, {"billing_details": {"name": "Jo"}}),
        stripe.PaymentMethod,
    ),
    "POST /v1/payment_methods/{id}/attach": (
        lambda a: a.v1.payment_methods.attach(CARD, {"customer": a.customer().id}),
        stripe.PaymentMethod,
    ),
    "POST /v1/payment_methods/{id}/detach": (
        lambda a: a.v1.payment_methods.detach(saved_card(a).id),
        stripe.PaymentMethod,
    ),
    "POST /v1/tokens": (lambda a: a.v1.tokens.create({"card": CARD_DATA}), stripe.Token),
    "GET /v1/tokens/{id}": (
        lambda a: a.v1.tokens.retrieve(a.v1.tokens.create({"card": CARD_DATA}).id),
        stripe.Token,
    ),
    "POST /v1/payment_intents": (lambda a: a.pay(), stripe.PaymentIntent),
    "GET /v1/payment_intents": (
        lambda a: (a.pay(), a.v1.payment_intents.list().data[0])[1],
        stripe.PaymentIntent,
    ),
    "GET /v1/payment_intents/{id}": (
        lambda a: a.v1.payment_intents.retrieve(a.pay().id),
        stripe.PaymentIntent,
    ),
    "POST /v1/payment_intents/{id}": (
        lambda a: a.v1.payment_intents.update(open_intent(a).id, {"description": "tea"}),
        stripe.PaymentIntent,
    ),
    "POST /v1/payment_intents/{id}/confirm": (
        lambda a: a.v1.payment_intents.confirm(open_intent(a).id, {"return_url": BACK}),
        stripe.PaymentIntent,
    ),
    "POST /v1/payment_intents/{id}/capture": (
        lambda a: a.v1.payment_intents.capture(held(a).id),
        stripe.PaymentIntent,
    ),
    "POST /v1/payment_intents/{id}/cancel": (
        lambda a: a.v1.payment_intents.cancel(open_intent(a).id),
        stripe.PaymentIntent,
    ),
    "POST /ripstop/payment_intents/{id}/authenticate": (
        lambda a: a.act(
            f"payment_intents/{a.pay(payment_method='pm_card_authenticationRequired').id}/authenticate"
        ),
        stripe.PaymentIntent,
    ),
    "POST /v1/charges": (charged, stripe.Charge),
    "GET /v1/charges": (lambda a: (charged(a), a.v1.charges.list().data[0])[1], stripe.Charge),
    "GET /v1/charges/{id}": (lambda a: a.v1.charges.retrieve(charged(a).id), stripe.Charge),
    "POST /v1/charges/{id}": (
        lambda a: a.v1.charges.update(charged(a).id, {"description": "tea"}),
        stripe.Charge,
    ),
    "POST /v1/charges/{id}/capture": (
        lambda a: a.v1.charges.capture(
            a.v1.charges.create({"amount": 700, "currency": "usd", "source": "tok_visa", "capture": False}).id
        ),
        stripe.Charge,
    ),
    "POST /v1/refunds": (refunded, stripe.Refund),
    "GET /v1/refunds": (lambda a: (refunded(a), a.v1.refunds.list().data[0])[1], stripe.Refund),
    "GET /v1/refunds/{id}": (lambda a: a.v1.refunds.retrieve(refunded(a).id), stripe.Refund),
    "POST /v1/refunds/{id}": (
        lambda a: a.v1.refunds.update(refunded(a).id, {"metadata": {"why": "late"}}),
        stripe.Refund,
    ),
    "POST /v1/refunds/{id}/cancel": (cancel_refund, stripe.Refund),
    "POST /v1/products": (lambda a: a.v1.products.create({"name": "Tea"}), stripe.Product),
    "GET /v1/products": (lambda a: (a.price(), a.v1.products.list().data[0])[1], stripe.Product),
    "GET /v1/products/{id}": (lambda a: a.v1.products.retrieve(a.price().product), stripe.Product),
    "POST /v1/products/{id}": (
        lambda a: a.v1.products.update(a.price().product, {"name": "Coffee"}),
        stripe.Product,
    ),
    "POST /v1/prices": (lambda a: a.price(), stripe.Price),
    "GET /v1/prices": (lambda a: (a.price(), a.v1.prices.list().data[0])[1], stripe.Price),
    "GET /v1/prices/{id}": (lambda a: a.v1.prices.retrieve(a.price().id), stripe.Price),
    "POST /v1/prices/{id}": (lambda a: a.v1.prices.update(a.price().id, {"active": False}), stripe.Price),
    "POST /v1/subscriptions": (subscribed, stripe.Subscription),
    "GET /v1/subscriptions": (
        lambda a: (subscribed(a), a.v1.subscriptions.list().data[0])[1],
        stripe.Subscription,
    ),
    "GET /v1/subscriptions/{id}": (
        lambda a: a.v1.subscriptions.retrieve(subscribed(a).id),
        stripe.Subscription,
    ),
    "POST /v1/subscriptions/{id}": (
        lambda a: a.v1.subscriptions.update(subscribed(a).id, {"cancel_at_period_end": True}),
        stripe.Subscription,
    ),
    "DELETE /v1/subscriptions/{id}": (
        lambda a: a.v1.subscriptions.cancel(subscribed(a).id),
        stripe.Subscription,
    ),
    "GET /v1/invoices": (lambda a: (subscribed(a), a.v1.invoices.list().data[0])[1], stripe.Invoice),
    "GET /v1/invoices/{id}": (
        lambda a: a.v1.invoices.retrieve(subscribed(a).latest_invoice),
        stripe.Invoice,
    ),
    "POST /v1/checkout/sessions": (lambda a: a.checkout(), stripe.checkout.Session),
    "GET /v1/checkout/sessions": (
        lambda a: (a.checkout(), a.v1.checkout.sessions.list().data[0])[1],
        stripe.checkout.Session,
    ),
    "GET /v1/checkout/sessions/{id}": (
        lambda a: a.v1.checkout.sessions.retrieve(a.checkout().id),
        stripe.checkout.Session,
    ),
    "POST /v1/checkout/sessions/{id}": (
        lambda a: a.v1.checkout.sessions.update(a.checkout().id, {"metadata": {"order": "7"}}),
        stripe.checkout.Session,
    ),
    "GET /v1/checkout/sessions/{id}/line_items": (
        lambda a: a.v1.checkout.sessions.line_items.list(a.checkout().id).data[0],
        stripe.LineItem,
    ),
    "POST /v1/checkout/sessions/{id}/expire": (
        lambda a: a.v1.checkout.sessions.expire(a.checkout().id),
        stripe.checkout.Session,
    ),
    "POST /ripstop/checkout/sessions/{id}/complete": (
        lambda a: a.act(f"checkout/sessions/{a.checkout().id}/complete"),
        stripe.checkout.Session,
    ),
    "GET /v1/events": (lambda a: (a.pay(), a.v1.events.list().data[0])[1], stripe.Event),
    "GET /v1/events/{id}": (
        lambda a: (a.pay(), a.v1.events.retrieve(a.v1.events.list().data[0].id))[1],
        stripe.Event,
    ),
}


@pytest.mark.parametrize("pattern", [served.pattern for served in ROUTES])
def test_the_official_client_gets_what_it_asks_for(account: Account, pattern: str) -> None:
    ask, kind = ASKED[pattern]
    assert isinstance(ask(account), kind)
    assert pattern in {
        account.double.operation(h.request.method, h.request.target) for h in account.double.heard
    }
    assert account.double.refusals == []


TYPED = {
    "POST /v1/customers": "CustomerCreateParams",
    "POST /v1/customers/{id}": "CustomerUpdateParams",
    "GET /v1/customers": "CustomerListParams",
    "POST /v1/payment_methods": "PaymentMethodCreateParams",
    "POST /v1/payment_methods/{id}": "PaymentMethodUpdateParams",
    "POST /v1/payment_methods/{id}/attach": "PaymentMethodAttachParams",
    "GET /v1/payment_methods": "PaymentMethodListParams",
    "POST /v1/tokens": "TokenCreateParams",
    "POST /v1/payment_intents": "PaymentIntentCreateParams",
    "POST /v1/payment_intents/{id}": "PaymentIntentUpdateParams",
    "POST /v1/payment_intents/{id}/confirm": "PaymentIntentConfirmParams",
    "POST /v1/payment_intents/{id}/capture": "PaymentIntentCaptureParams",
    "POST /v1/payment_intents/{id}/cancel": "PaymentIntentCancelParams",
    "GET /v1/payment_intents": "PaymentIntentListParams",
    "POST /v1/charges": "ChargeCreateParams",
    "POST /v1/charges/{id}": "ChargeUpdateParams",
    "POST /v1/charges/{id}/capture": "ChargeCaptureParams",
    "GET /v1/charges": "ChargeListParams",
    "POST /v1/refunds": "RefundCreateParams",
    "GET /v1/refunds": "RefundListParams",
    "POST /v1/products": "ProductCreateParams",
    "POST /v1/products/{id}": "ProductUpdateParams",
    "GET /v1/products": "ProductListParams",
    "POST /v1/prices": "PriceCreateParams",
    "POST /v1/prices/{id}": "PriceUpdateParams",
    "GET /v1/prices": "PriceListParams",
    "POST /v1/subscriptions": "SubscriptionCreateParams",
    "POST /v1/subscriptions/{id}": "SubscriptionUpdateParams",
    "DELETE /v1/subscriptions/{id}": "SubscriptionCancelParams",
    "GET /v1/subscriptions": "SubscriptionListParams",
    "GET /v1/invoices": "InvoiceListParams",
    "POST /v1/checkout/sessions": "checkout.SessionCreateParams",
    "POST /v1/checkout/sessions/{id}": "checkout.SessionUpdateParams",
    "GET /v1/checkout/sessions": "checkout.SessionListParams",
    "GET /v1/events": "EventListParams",
}
OF_THE_CLIENT = frozenset(stripe.RequestOptions.__annotations__)
BOOKKEEPING = OF_THE_CLIENT | {"api_key", "stripe_version", "stripe_account", "content_type", "headers"}


@pytest.mark.parametrize("pattern", TYPED)
def test_no_parameter_that_the_official_client_documents_is_unknown(pattern: str) -> None:
    typed: Any = client_params
    for part in TYPED[pattern].split("."):
        typed = getattr(typed, part)
    documented = {name for base in typed.__mro__ for name in getattr(base, "__annotations__", {})}
    accepted = next(served.accepts.names for served in ROUTES if served.pattern == pattern)
    assert documented - BOOKKEEPING - accepted == set()


def documented(kind: Any) -> dict[str, str]:
    return {name: str(hint) for name, hint in kind.__annotations__.items() if not name.startswith("_")}


@pytest.mark.parametrize("pattern", [p for p in ASKED if not p.startswith("DELETE")])
def test_answers_have_the_fields_that_the_official_client_documents(account: Account, pattern: str) -> None:
    ask, kind = ASKED[pattern]
    fields = documented(kind)
    always = {
        name
        for name, hint in fields.items()
        if "Optional[" not in hint and name not in ("deleted", "OBJECT_NAME")
    }
    answer = set(ask(account).to_dict())
    assert answer - set(fields) == set()
    assert always - answer == set()
