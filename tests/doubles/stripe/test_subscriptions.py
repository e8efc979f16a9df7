"""Subscriptions: how they begin, what they cost, how they end."""

from __future__ import annotations

import pytest
import stripe

from .account import Account, opened

ASKING = "pm_card_authenticationRequired"
FAILING = "pm_card_chargeCustomerFail"


def test_a_subscription_begins_with_a_paid_invoice(account: Account) -> None:
    made = account.subscribe(account.customer(), account.monthly(), expand=["latest_invoice"])
    assert (made.status, made.latest_invoice.status, made.latest_invoice.amount_paid) == (
        "active",
        "paid",
        1500,
    )
    assert account.kinds() == ["customer", "charge", "subscription"]
    assert {"invoice.paid", "customer.subscription.created"} <= set(account.events())


@pytest.mark.parametrize(
    ("card", "behaviour", "status"),
    [
        (FAILING, "allow_incomplete", "incomplete"),
        (ASKING, "allow_incomplete", "incomplete"),
        ("pm_card_visa", "default_incomplete", "incomplete"),
    ],
)
def test_a_first_payment_that_is_not_made_leaves_it_incomplete(
    account: Account, card: str, behaviour: str, status: str
) -> None:
    made = account.subscribe(account.customer(card), account.monthly(), payment_behavior=behaviour)
    assert (made.status, account.kinds()) == (status, ["customer", "subscription"])


def test_or_fails_the_call_where_that_was_asked_for(account: Account) -> None:
    customer = account.customer(FAILING)
    with pytest.raises(stripe.CardError):
        account.subscribe(customer, account.monthly(), payment_behavior="error_if_incomplete")
    assert (account.v1.subscriptions.list().data, account.kinds()) == ([], ["customer"])


def test_a_trial_costs_nothing_yet(account: Account) -> None:
    made = account.subscribe(account.v1.customers.create({}), account.monthly(), trial_period_days=14)
    assert (made.status, account.kinds()) == ("trialing", ["customer", "subscription"])


def test_a_customer_without_a_card_cannot_be_charged_automatically(account: Account) -> None:
    customer = account.v1.customers.create({})
    with pytest.raises(stripe.InvalidRequestError, match="no attached payment source"):
        account.subscribe(customer, account.monthly())


def test_a_one_time_price_is_no_subscription(account: Account) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="type=recurring"):
        account.subscribe(account.customer(), account.price())


def test_cancelling_compensates_the_subscription_and_leaves_the_list(account: Account) -> None:
    made = account.subscribe(account.customer(), account.monthly())
    assert account.v1.subscriptions.cancel(made.id).status == "canceled"
    ended = account.double.ledger.effects("cancellation")[0]
    assert (ended.data["compensates"], ended.data["original"]) == ("subscription", made.id)
    assert account.v1.subscriptions.list().data == []
    assert len(account.v1.subscriptions.list({"status": "all"}).data) == 1


def test_items_can_be_changed(account: Account) -> None:
    made = account.subscribe(account.customer(), account.monthly())
    item = made["items"].data[0].id
    changed = account.v1.subscriptions.update(made.id, {"items": [{"id": item, "quantity": 3}]})
    assert changed["items"].data[0].quantity == 3


def test_an_older_api_version_gets_the_fields_it_knew() -> None:
    with opened(version="2024-06-20") as account:
        made = account.subscribe(
            account.customer(), account.monthly(), expand=["latest_invoice.payment_intent"]
        )
    assert made.latest_invoice.payment_intent.status == "succeeded"
    assert made.current_period_end > made.current_period_start


def test_a_newer_one_does_not_have_them(account: Account) -> None:
    made = account.subscribe(account.customer(), account.monthly())
    with pytest.raises(AttributeError):
        _ = made.current_period_end
