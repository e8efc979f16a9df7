"""What the double refuses, in Stripe's words and as the official client's exceptions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import stripe

from ripstop.model.http import Request

from .account import BACK, CARD, Account


@pytest.mark.parametrize(
    ("fields", "code", "param"),
    [
        ({"amuont": 5}, "parameter_unknown", "amuont"),
        ({"amount": None}, "parameter_missing", "amount"),
        ({"amount": "ten"}, "parameter_invalid_integer", "amount"),
        ({"amount": -5}, "parameter_invalid_integer", "amount"),
        ({"currency": "xxx"}, None, "currency"),
        ({"capture_method": "later"}, None, "capture_method"),
        ({"customer": "cus_none"}, "resource_missing", "customer"),
        ({"payment_method": "pm_none"}, "resource_missing", "payment_method"),
        ({"metadata": "text"}, None, "metadata"),
    ],
)
def test_a_wrong_parameter_is_named(
    account: Account, fields: dict[str, Any], code: str | None, param: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as met:
        account.pay(**fields)
    assert (met.value.http_status, met.value.code, met.value.param) == (400, code, param)
    assert met.value.request_id
    assert account.kinds() == []


def test_a_nested_parameter_is_named_with_its_brackets(account: Account) -> None:
    with pytest.raises(stripe.InvalidRequestError) as met:
        account.checkout(line_items=[{"price": account.price().id, "quantty": 2}])
    assert met.value.param == "line_items[0][quantty]"
    assert "Received unknown parameter: line_items[0][quantty]. Did you mean quantity?" in str(met.value)


ABSENT: list[tuple[Callable[[Account], Any], str]] = [
    (lambda a: a.v1.customers.retrieve("cus_1"), "No such customer: 'cus_1'"),
    (lambda a: a.v1.payment_intents.retrieve("pi_1"), "No such payment_intent: 'pi_1'"),
    (lambda a: a.v1.charges.retrieve("ch_1"), "No such charge: 'ch_1'"),
    (lambda a: a.v1.payment_methods.retrieve("pm_1"), "No such PaymentMethod: 'pm_1'"),
    (lambda a: a.v1.subscriptions.retrieve("sub_1"), "No such subscription: 'sub_1'"),
]


@pytest.mark.parametrize(("ask", "message"), ABSENT)
def test_an_id_nobody_has_is_a_missing_resource(account: Account, ask: Any, message: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as met:
        ask(account)
    assert (met.value.http_status, met.value.code, met.value.user_message) == (
        404,
        "resource_missing",
        message,
    )


def test_an_unknown_route_is_stripe_s_404_and_a_refusal_of_ours(account: Account) -> None:
    with pytest.raises(
        stripe.InvalidRequestError, match=r"Unrecognized request URL \(GET: /v1/setup_intents\)"
    ):
        account.v1.setup_intents.list()
    assert "GET /v1/setup_intents" in str(account.double.refusals[0])


def test_refusals_of_ours_tell_of_wrong_parameters_too(account: Account) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        account.pay(amuont=5)
    assert "Received unknown parameter: amuont" in str(account.double.refusals[0])


def test_without_a_key_nobody_is_served(account: Account) -> None:
    reply = account.double.respond(Request("GET", "/v1/customers"))
    assert (reply.status, "did not provide an API key" in reply.json()["error"]["message"]) == (401, True)


def test_json_is_not_what_stripe_reads(account: Account) -> None:
    key = (("authorization", "Bearer sk_test_x"), ("content-type", "application/json"))
    reply = account.double.respond(Request("POST", "/v1/customers", key, b'{"name": "Jo"}'))
    assert (reply.status, "x-www-form-urlencoded" in reply.json()["error"]["message"]) == (400, True)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (429, stripe.RateLimitError),
        (401, stripe.AuthenticationError),
        (403, stripe.PermissionError),
        (500, stripe.APIError),
        (503, stripe.APIError),
    ],
)
def test_an_outage_is_what_the_client_knows(account: Account, status: int, kind: type[Exception]) -> None:
    with account.double.fails("POST /v1/payment_intents", status), pytest.raises(kind):
        account.pay()


def test_the_same_key_and_parameters_replay_the_answer_without_a_second_charge(account: Account) -> None:
    about = {"amount": 1000, "currency": "usd", "payment_method": CARD, "confirm": True, "return_url": BACK}
    first, second = (
        account.v1.payment_intents.create(about, {"idempotency_key": "order-7"}) for _ in range(2)
    )
    assert first.id == second.id
    assert second.last_response.headers["idempotent-replayed"] == "true"
    assert [effect.key for effect in account.double.ledger.effects()] == ["order-7"]


def test_the_same_key_with_other_parameters_is_an_idempotency_error(account: Account) -> None:
    about = {"amount": 1000, "currency": "usd"}
    account.v1.payment_intents.create(about, {"idempotency_key": "order-7"})
    with pytest.raises(stripe.IdempotencyError, match="same parameters they were first used with"):
        account.v1.payment_intents.create({**about, "amount": 2000}, {"idempotency_key": "order-7"})


def test_a_decline_is_replayed_under_its_key(account: Account) -> None:
    about = {"amount": 1000, "currency": "usd", "confirm": True, "return_url": BACK}
    for _ in range(2):
        with pytest.raises(stripe.CardError):
            account.v1.payment_intents.create(
                {**about, "payment_method": "pm_card_chargeDeclined"}, {"idempotency_key": "order-7"}
            )
    assert len(account.v1.charges.list().data) == 1


def test_parameters_that_are_refused_leave_their_key_free(account: Account) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        account.v1.payment_intents.create({"amount": "ten", "currency": "usd"}, {"idempotency_key": "k"})
    made = account.v1.payment_intents.create({"amount": 1000, "currency": "usd"}, {"idempotency_key": "k"})
    assert made.amount == 1000
