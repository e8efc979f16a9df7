"""field_duplicate: a unique value of the request is taken already."""

from __future__ import annotations

from ripstop import faults
from ripstop.faults import catalogue
from ripstop.model.fault import Facts, Forward, Replace
from ripstop.model.trace import CLIENT

from .requests_made import INBOUND, offered, request, rule

UNIQUE = {"/mail": rule("text", "mail", unique=True), "/key": rule("text", "key", unique=True), "/n": rule()}


def test_it_is_offered_for_unique_columns_but_not_for_the_key_that_means_again() -> None:
    facts = Facts(request=request({"mail": "a@b", "key": "k", "n": 1}), columns=UNIQUE, key="body:key")

    assert offered("field_duplicate", facts) == ["field_duplicate(breaks=orders.mail UNIQUE, field=/mail)"]


def second(facts: Facts) -> Replace:
    fault = catalogue.build(faults.field_duplicate("/mail"), CLIENT, facts)
    assert fault.on_request(INBOUND) == (Forward(),)
    _, command = fault.on_reply(INBOUND, None)
    assert isinstance(command, Replace)
    return command


def test_the_second_request_has_a_key_of_its_own_in_the_body() -> None:
    sent = second(Facts(request=request({"mail": "a@b", "key": "k"}), key="body:key")).request

    assert sent.json() == {"mail": "a@b", "key": "k-other"}


def test_a_key_that_is_a_uuid_stays_one() -> None:
    old = "1f0e2b44-1111-4222-8333-0123456789ab"
    sent = second(
        Facts(request=request({"mail": "a@b"}, ("Idempotency-Key", old)), key="header:Idempotency-Key")
    )

    new = sent.request.header("idempotency-key")
    assert new != old
    assert new is not None
    assert len(new) == len(old)


def test_without_a_key_it_is_the_same_request_again() -> None:
    asked = request({"mail": "a@b"})

    assert second(Facts(request=asked)).request == asked
