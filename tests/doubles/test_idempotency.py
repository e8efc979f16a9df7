"""Tests for idempotency keys, as payment providers document them."""

from __future__ import annotations

import json

import pytest

from ripstop.doubles import Double, Reply, Request
from ripstop.errors import RipstopError

BODY = {"amountCents": 100}


def charge(key: str, body: object = BODY, target: str = "/v1/charges", method: str = "POST") -> Request:
    return Request(method, target, (("idempotency-key", key),), json.dumps(body).encode())


@pytest.fixture
def payments() -> Double:
    double = Double("payments", idempotency_header="Idempotency-Key")

    @double.route("POST /v1/charges", effect="charge", json={"amountCents": int})
    def create(request: Request) -> Reply:
        amount = request.json()["amountCents"]
        if amount == 13:
            raise RuntimeError("unlucky")
        status = {402: 402, 500: 500}.get(amount, 201)
        return Reply.of(status, {"id": double.new_id("ch")})

    @double.route("GET /v1/charges", effect="lookup")
    def look(request: Request) -> Reply:
        return Reply.of(200, {"id": double.new_id("look")})

    return double


def test_the_same_key_and_parameters_replay_the_reply_without_a_new_effect(payments: Double) -> None:
    first, second = (payments.respond(charge("k")) for _ in range(2))
    assert (first.body, first.status) == (second.body, second.status)
    assert (first.header("idempotent-replayed"), second.header("idempotent-replayed")) == (None, "true")
    assert [effect.key for effect in payments.ledger.effects()] == ["k"]


def test_parameters_are_compared_by_meaning_not_by_spelling(payments: Double) -> None:
    first = payments.respond(
        Request("POST", "/v1/charges", (("Idempotency-Key", "k"),), b'{"amountCents":100}')
    )
    second = payments.respond(
        Request("POST", "/v1/charges", (("Idempotency-Key", "k"),), b'{ "amountCents": 100 }')
    )
    assert first.body == second.body


def test_the_same_key_with_other_parameters_is_an_error_without_effect(payments: Double) -> None:
    payments.respond(charge("k"))
    reply = payments.respond(charge("k", {"amountCents": 200}))
    assert (reply.status, reply.json()["error"]["type"]) == (400, "idempotency_error")
    assert len(payments.ledger.effects()) == 1


def test_another_key_is_another_charge(payments: Double) -> None:
    for key in ("a", "b"):
        payments.respond(charge(key))
    assert [effect.key for effect in payments.ledger.effects()] == ["a", "b"]


@pytest.mark.parametrize("status", [402, 500])
def test_failures_of_a_request_that_executed_are_kept(payments: Double, status: int) -> None:
    replies = [payments.respond(charge("k", {"amountCents": status})) for _ in range(2)]
    assert [reply.status for reply in replies] == [status, status]
    assert replies[0].body == replies[1].body


def test_a_refused_request_keeps_nothing_under_its_key(payments: Double) -> None:
    assert payments.respond(charge("k", {"amountCents": "x"})).status == 400
    assert payments.respond(charge("k")).status == 201


def test_an_infrastructure_failure_keeps_nothing_under_the_key(payments: Double) -> None:
    with payments.fails("POST /v1/charges", 503):
        assert payments.respond(charge("k")).status == 503
    reply = payments.respond(charge("k"))
    assert (reply.status, reply.header("idempotent-replayed")) == (201, None)


def test_a_handler_that_raised_keeps_nothing_under_the_key(payments: Double) -> None:
    for _ in range(2):
        with pytest.raises(RipstopError, match="unlucky"):
            payments.respond(charge("k", {"amountCents": 13}))


def test_a_key_whose_request_is_executing_is_a_conflict(payments: Double) -> None:
    work = payments.admit(charge("k"))
    second = payments.respond(charge("k"))
    assert not isinstance(work, Reply)
    assert (second.status, second.json()["error"]["type"]) == (409, "idempotency_error")
    assert work().status == 201
    assert payments.respond(charge("k")).header("idempotent-replayed") == "true"


def test_keys_mean_nothing_on_methods_that_are_safe_to_repeat(payments: Double) -> None:
    for _ in range(2):
        payments.respond(charge("k", method="GET"))
    assert len(payments.ledger.effects("lookup")) == 2
