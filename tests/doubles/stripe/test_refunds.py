"""Giving money back: whole, in parts, and not twice."""

from __future__ import annotations

import pytest
import stripe

from .account import Account


def test_a_refund_names_the_charge_it_undoes(account: Account) -> None:
    intent = account.pay()
    refund = account.v1.refunds.create({"payment_intent": intent.id, "reason": "requested_by_customer"})
    charge, undone = account.double.ledger.effects()
    assert (refund.amount, refund.status, refund.charge) == (1000, "succeeded", intent.latest_charge)
    assert (undone.kind, undone.data["compensates"], undone.data["original"]) == (
        "refund",
        "charge",
        charge.data["id"],
    )
    assert account.v1.charges.retrieve(intent.latest_charge).refunded is True


def test_parts_add_up_and_more_than_the_rest_is_refused(account: Account) -> None:
    charge = account.v1.charges.create({"amount": 1000, "currency": "usd", "source": "tok_visa"})
    account.v1.refunds.create({"charge": charge.id, "amount": 400})
    with pytest.raises(stripe.InvalidRequestError, match=r"\$7.00\) is greater than .*\$6.00"):
        account.v1.refunds.create({"charge": charge.id, "amount": 700})
    account.v1.refunds.create({"charge": charge.id})
    assert [effect.data["amount"] for effect in account.double.ledger.effects("refund")] == [400, 600]


def test_a_second_whole_refund_is_refused(account: Account) -> None:
    charge = account.pay().latest_charge
    account.v1.refunds.create({"charge": charge})
    with pytest.raises(stripe.InvalidRequestError) as met:
        account.v1.refunds.create({"charge": charge})
    assert met.value.code == "charge_already_refunded"


def test_what_was_never_paid_cannot_be_refunded(account: Account) -> None:
    held = account.pay(capture_method="manual")
    with pytest.raises(stripe.InvalidRequestError, match="successful charge"):
        account.v1.refunds.create({"payment_intent": held.id})
    with pytest.raises(stripe.InvalidRequestError) as met:
        account.v1.refunds.create({})
    assert met.value.code == "parameter_missing"
