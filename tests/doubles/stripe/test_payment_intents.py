"""The life of a payment intent, its effects, and calls that come at the wrong moment."""

from __future__ import annotations

import pytest
import stripe

from .account import BACK, CARD, Account


def test_a_confirmed_intent_is_one_charge(account: Account) -> None:
    intent = account.pay(metadata={"order": "o-1"}, expand=["latest_charge", "payment_method"])
    (effect,) = account.double.ledger.effects("charge")
    assert (intent.status, intent.amount_received) == ("succeeded", 1000)
    assert intent.payment_method.card.brand == "visa"
    assert effect.data["id"] == intent.latest_charge.id
    assert (effect.data["amount"], effect.data["metadata"]) == (1000, {"order": "o-1"})


def test_an_intent_that_is_only_made_has_no_effect(account: Account) -> None:
    intent = account.v1.payment_intents.create({"amount": 1000, "currency": "usd"})
    assert (intent.status, account.kinds()) == ("requires_payment_method", [])
    assert intent.client_secret.startswith(f"{intent.id}_secret_")


def test_held_money_is_authorised_then_captured_in_part(account: Account) -> None:
    held = account.pay(capture_method="manual")
    assert (held.status, held.amount_capturable, account.kinds()) == (
        "requires_capture",
        1000,
        ["authorization"],
    )
    taken = account.v1.payment_intents.capture(held.id, {"amount_to_capture": 400})
    assert (taken.status, taken.amount_received) == ("succeeded", 400)
    (charge,) = account.double.ledger.effects("charge")
    assert (charge.data["amount"], charge.data["compensates"]) == (400, "authorization")


def test_more_than_was_held_cannot_be_captured(account: Account) -> None:
    held = account.pay(capture_method="manual")
    with pytest.raises(stripe.InvalidRequestError) as met:
        account.v1.payment_intents.capture(held.id, {"amount_to_capture": 1001})
    assert met.value.code == "amount_too_large"
    assert account.kinds() == ["authorization"]


def test_cancelling_held_money_compensates_the_authorisation(account: Account) -> None:
    held = account.pay(capture_method="manual")
    gone = account.v1.payment_intents.cancel(held.id, {"cancellation_reason": "duplicate"})
    assert (gone.status, gone.cancellation_reason) == ("canceled", "duplicate")
    authorised, released = account.double.ledger.effects()
    assert (released.data["compensates"], released.data["original"]) == (
        "authorization",
        authorised.data["id"],
    )


def test_a_declined_intent_is_paid_by_another_card(account: Account) -> None:
    with pytest.raises(stripe.CardError) as met:
        account.pay(payment_method="pm_card_chargeDeclined")
    again = account.v1.payment_intents.confirm(
        met.value.error.payment_intent.id, {"payment_method": CARD, "return_url": BACK}
    )
    assert (again.status, again.last_payment_error, account.kinds()) == ("succeeded", None, ["charge"])


@pytest.mark.parametrize("call", ["confirm", "capture", "cancel"])
def test_a_call_at_the_wrong_moment_says_so(account: Account, call: str) -> None:
    paid = account.pay()
    with pytest.raises(stripe.InvalidRequestError) as met:
        getattr(account.v1.payment_intents, call)(paid.id)
    assert met.value.code == "payment_intent_unexpected_state"
    assert met.value.error.payment_intent.id == paid.id
    assert account.kinds() == ["charge"]


def test_confirming_without_a_payment_method_says_what_is_missing(account: Account) -> None:
    intent = account.v1.payment_intents.create({"amount": 1000, "currency": "usd"})
    with pytest.raises(stripe.InvalidRequestError, match="missing a payment method"):
        account.v1.payment_intents.confirm(intent.id, {"return_url": BACK})


def test_redirects_need_a_place_to_come_back_to(account: Account) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="you must provide a `return_url`"):
        account.pay(return_url=None)
    never = {"enabled": True, "allow_redirects": "never"}
    assert account.pay(return_url=None, automatic_payment_methods=never).status == "succeeded"
    assert account.pay(return_url=None, payment_method_types=["card"]).status == "succeeded"


def test_a_card_used_without_a_customer_is_used_up(account: Account) -> None:
    data = {"number": "4242424242424242", "exp_month": 7, "exp_year": 2034}
    method = account.v1.payment_methods.create({"type": "card", "card": data})
    account.pay(payment_method=method.id)
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        account.pay(payment_method=method.id)


def test_a_customer_s_card_is_for_that_customer(account: Account) -> None:
    saved = account.customer().invoice_settings.default_payment_method
    with pytest.raises(stripe.InvalidRequestError, match="belongs to a Customer"):
        account.pay(payment_method=saved)


def test_setup_future_usage_saves_the_card(account: Account) -> None:
    customer = account.v1.customers.create({})
    account.pay(customer=customer.id, setup_future_usage="off_session")
    (saved,) = account.v1.customers.payment_methods.list(customer.id).data
    for _ in range(2):
        assert (
            account.pay(customer=customer.id, payment_method=saved.id, off_session=True).status == "succeeded"
        )


def test_an_amount_below_the_least_is_refused(account: Account) -> None:
    with pytest.raises(stripe.InvalidRequestError) as met:
        account.pay(amount=49)
    assert (met.value.code, met.value.param) == ("amount_too_small", "amount")


@pytest.mark.parametrize(
    ("intent", "offered"),
    [({"confirm": True, "payment_method": CARD, "return_url": BACK}, True), ({}, False)],
)
def test_declines_are_offered_where_the_call_really_charges(
    account: Account, intent: dict[str, object], offered: bool
) -> None:
    account.v1.payment_intents.create({"amount": 1000, "currency": "usd", **intent})
    errors, _ = account.double.facts_for("POST /v1/payment_intents")
    assert bool(errors) is offered
    assert "card_declined" in account.double.facts_for("POST /v1/payment_intents/{id}/confirm")[0]


def test_an_offered_decline_is_what_the_official_client_knows(account: Account) -> None:
    with (
        account.double.fails("POST /v1/payment_intents", "insufficient_funds"),
        pytest.raises(stripe.CardError) as met,
    ):
        account.pay()
    assert met.value.error.decline_code == "insufficient_funds"
    assert met.value.error.payment_intent.object == "payment_intent"
