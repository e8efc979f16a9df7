"""Every test card: what the official client meets when it is charged, by token and by number."""

from __future__ import annotations

import pytest
import stripe

from ripstop.doubles.stripe.cards import NAMES, NUMBERS

from .account import BACK, Account

DECLINED = {name: card for name, card in NAMES.items() if card.decline and not card.asks}
TOLD = [
    ("pm_card_visa_chargeDeclined", "card_declined", "generic_decline", None),
    ("pm_card_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds", None),
    ("pm_card_visa_chargeDeclinedLostCard", "card_declined", "lost_card", None),
    ("pm_card_visa_chargeDeclinedStolenCard", "card_declined", "stolen_card", None),
    ("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card", "exp_month"),
    ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc", "cvc"),
    ("pm_card_chargeDeclinedProcessingError", "processing_error", "processing_error", None),
    ("pm_card_visa_chargeDeclinedVelocityLimitExceeded", "card_declined", "card_velocity_exceeded", None),
    ("pm_card_radarBlock", "card_declined", "fraudulent", None),
]


@pytest.mark.parametrize(("method", "code", "decline_code", "param"), TOLD)
def test_a_declining_card_raises_its_documented_codes_and_charges_nothing(
    account: Account, method: str, code: str, decline_code: str, param: str | None
) -> None:
    with pytest.raises(stripe.CardError) as met:
        account.pay(payment_method=method)
    error = met.value.error
    assert (met.value.http_status, met.value.code, error.decline_code, error.param) == (
        402,
        code,
        decline_code,
        param,
    )
    assert error.payment_intent.status == "requires_payment_method"
    assert error.payment_intent.last_payment_error.decline_code == decline_code
    assert account.v1.charges.retrieve(error.charge).status == "failed"
    assert account.kinds() == []


@pytest.mark.parametrize("name", DECLINED)
def test_a_charge_of_the_same_card_is_declined_alike(account: Account, name: str) -> None:
    with pytest.raises(stripe.CardError) as met:
        account.v1.charges.create({"amount": 700, "currency": "usd", "source": f"tok_{name}"})
    assert met.value.error.decline_code == NAMES[name].decline.decline_code


@pytest.mark.parametrize("number", [n for n, card in NUMBERS.items() if not card.decline and not card.asks])
def test_a_good_card_by_its_number_pays(account: Account, number: str) -> None:
    data = {"number": number, "exp_month": 7, "exp_year": 2034, "cvc": "1234"}
    method = account.v1.payment_methods.create({"type": "card", "card": data})
    intent = account.pay(payment_method=method.id, expand=["latest_charge"])
    assert intent.status == "succeeded"
    assert intent.latest_charge.payment_method_details.card.last4 == number[-4:]


def test_a_declining_card_by_its_number_declines(account: Account) -> None:
    data = {"number": "4000 0000 0000 9995", "exp_month": 7, "exp_year": 34, "cvc": "123"}
    with pytest.raises(stripe.CardError) as met:
        account.pay(payment_method=None, payment_method_data={"type": "card", "card": data})
    assert met.value.error.decline_code == "insufficient_funds"


@pytest.mark.parametrize(
    ("changed", "code", "param"),
    [
        ({"number": "4242424242424241"}, "incorrect_number", "number"),
        ({"exp_month": 13}, "invalid_expiry_month", "exp_month"),
        ({"exp_year": 1999}, "invalid_expiry_year", "exp_year"),
        ({"cvc": "12"}, "invalid_cvc", "cvc"),
        ({"number": "4532015112830366"}, "card_declined", None),
    ],
)
def test_card_data_that_cannot_be_is_a_card_error(
    account: Account, changed: dict[str, object], code: str, param: str | None
) -> None:
    data = {"number": "4242424242424242", "exp_month": 7, "exp_year": 2034, "cvc": "123", **changed}
    with pytest.raises(stripe.CardError) as met:
        account.v1.payment_methods.create({"type": "card", "card": data})
    assert (met.value.code, met.value.param) == (code, param)


def test_a_card_that_declines_cannot_be_saved_but_one_may_save_and_then_fail(account: Account) -> None:
    with pytest.raises(stripe.CardError):
        account.customer("pm_card_chargeDeclined")
    customer = account.customer("pm_card_chargeCustomerFail")
    saved = customer.invoice_settings.default_payment_method
    with pytest.raises(stripe.CardError):
        account.pay(payment_method=saved, customer=customer.id)


@pytest.mark.parametrize("asking", ["pm_card_authenticationRequired", "pm_card_threeDSecure2Required"])
def test_a_card_that_asks_for_its_owner_waits_and_then_pays(account: Account, asking: str) -> None:
    intent = account.pay(payment_method=asking)
    assert (intent.status, intent.next_action.type) == ("requires_action", "redirect_to_url")
    assert intent.next_action.redirect_to_url.return_url == BACK
    assert account.kinds() == []
    assert account.act(f"payment_intents/{intent.id}/authenticate").status == "succeeded"
    assert account.kinds() == ["charge"]


def test_an_owner_who_fails_the_check_leaves_the_intent_without_a_payment_method(account: Account) -> None:
    intent = account.pay(payment_method="pm_card_authenticationRequired")
    failed = account.act(f"payment_intents/{intent.id}/authenticate", outcome="fail")
    assert (failed.status, failed.payment_method) == ("requires_payment_method", None)
    assert failed.last_payment_error.code == "payment_intent_authentication_failure"
    assert account.kinds() == []


def test_a_card_may_be_declined_after_its_owner_was_seen(account: Account) -> None:
    intent = account.pay(payment_method="pm_card_threeDSecureRequiredChargeDeclined")
    with pytest.raises(stripe.CardError):
        account.act(f"payment_intents/{intent.id}/authenticate")


def test_off_session_a_card_that_asks_is_declined(account: Account) -> None:
    with pytest.raises(stripe.CardError) as met:
        account.pay(payment_method="pm_card_authenticationRequired", off_session=True)
    assert met.value.code == "authentication_required"
