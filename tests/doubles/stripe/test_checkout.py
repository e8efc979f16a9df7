"""Checkout: a session is made, the customer pays on Stripe's page, the service is told."""

from __future__ import annotations

import json

import pytest
import stripe

from .account import HOOK, Account, opened


def test_a_session_costs_nothing_until_the_customer_pays(account: Account) -> None:
    session = account.checkout(client_reference_id="order-7")
    assert (session.status, session.payment_status, session.amount_total) == ("open", "unpaid", 3000)
    assert session.url.startswith("https://checkout.stripe.com/")
    assert account.kinds() == []


def test_a_paid_session_tells_the_service() -> None:
    with opened(webhook=HOOK) as account:
        session = account.checkout(client_reference_id="order-7", customer_email="jo@x.example")
        paid = account.act(f"checkout/sessions/{session.id}/complete")
        account.settle()
        told = json.loads(account.sent[-1].body)
        assert account.kinds() == ["charge"]
    assert (paid.status, paid.payment_status) == ("complete", "paid")
    assert told["type"] == "checkout.session.completed"
    assert told["data"]["object"]["client_reference_id"] == "order-7"


def test_a_declined_customer_leaves_the_session_open(account: Account) -> None:
    session = account.checkout()
    with pytest.raises(stripe.CardError):
        account.act(f"checkout/sessions/{session.id}/complete", payment_method="pm_card_chargeDeclined")
    assert account.v1.checkout.sessions.retrieve(session.id).status == "open"


def test_a_subscription_can_be_bought(account: Account) -> None:
    session = account.checkout(
        mode="subscription",
        line_items=[{"price": account.monthly().id, "quantity": 1}],
        subscription_data={"metadata": {"plan": "tea"}},
    )
    done = account.act(f"checkout/sessions/{session.id}/complete")
    bought = account.v1.subscriptions.retrieve(done.subscription)
    assert (bought.status, bought.metadata.plan, bought.customer) == ("active", "tea", done.customer)
    assert account.kinds() == ["customer", "charge", "subscription"]


def test_prices_may_be_made_on_the_spot(account: Account) -> None:
    data = {"currency": "eur", "unit_amount": 250, "product_data": {"name": "Biscuit"}}
    session = account.checkout(line_items=[{"price_data": data, "quantity": 4}])
    (line,) = account.v1.checkout.sessions.line_items.list(session.id).data
    assert (session.currency, line.description, line.amount_total) == ("eur", "Biscuit", 1000)


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"mode": None}, "mode"),
        ({"line_items": None}, "line_items"),
        ({"success_url": None}, "success_url"),
        ({"line_items": [{"price": "price_none", "quantity": 1}]}, "line_items[0][price]"),
        ({"mode": "subscription"}, "mode"),
    ],
)
def test_a_session_that_cannot_work_is_refused(
    account: Account, fields: dict[str, object], param: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as met:
        account.checkout(**fields)
    assert met.value.param == param


def test_a_session_is_over_once(account: Account) -> None:
    session = account.checkout()
    assert account.v1.checkout.sessions.expire(session.id).status == "expired"
    with pytest.raises(stripe.InvalidRequestError):
        account.v1.checkout.sessions.expire(session.id)
    with pytest.raises(stripe.InvalidRequestError):
        account.act(f"checkout/sessions/{session.id}/complete")


def test_what_a_declined_call_had_begun_is_no_effect_of_the_next(account: Account) -> None:
    session = account.checkout(customer_creation="always")
    with pytest.raises(stripe.CardError):
        account.act(f"checkout/sessions/{session.id}/complete", payment_method="pm_card_chargeDeclined")
    account.price()
    assert account.kinds() == []
