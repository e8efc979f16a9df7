"""Which request races a step: a key of its own, the same one, another workflow's led to this run's ids."""

from __future__ import annotations

import json

import pytest

from ripstop.model.fault import FaultSpec
from ripstop.model.http import Answer, Exchange, Request
from ripstop.model.plan import Injection, Plan
from ripstop.model.trace import CrossingId
from ripstop.suite.rivals import led, racing, rival

FIRST = Request("POST", "/orders/9/pay", (("Key", "k-1"),), b'{"cents": 5}')


def injection(by: str) -> Injection:
    return Injection(CrossingId("POST /orders/{id}/pay", "db", "COMMIT"), FaultSpec.of("race", by=by))


def sent(step: str, target: str, answer: object, body: object = None) -> Exchange:
    content = json.dumps(body).encode() if body is not None else b""
    request = Request("POST", target, (("content-type", "application/json"),), content)
    return Exchange(step, request, Answer(201, body=json.dumps(answer).encode()))


def nobody(_name: str) -> list[Exchange]:
    return []


def test_another_caller_has_a_key_of_his_own_and_asks_for_the_same() -> None:
    other = rival(injection("another"), "header:Key", nobody).request(FIRST, ())

    assert other is not None
    assert (other.target, other.body) == (FIRST.target, FIRST.body)
    assert other.header("Key") not in (None, "k-1")


def test_the_same_request_is_the_same_byte_for_byte() -> None:
    assert rival(injection("same"), "header:Key", nobody).request(FIRST, ()) == FIRST


def test_a_workflow_that_changes_nothing_gives_no_rival() -> None:
    assert rival(injection("look"), "", nobody).request(FIRST, ()) is None


THEIRS = [
    sent("POST /orders", "/orders", {"id": 7, "slip": "s-7"}),
    sent("POST /orders/{id}/cancel", "/orders/7/cancel?slip=s-7", {}, {"order": 7, "why": "late", "n": 1}),
]


def test_what_they_took_from_an_answer_is_taken_from_this_runs_answer() -> None:
    mine = [sent("POST /orders", "/orders", {"id": 9, "slip": "s-9"})]
    request = led(THEIRS, FIRST, mine)

    assert request.target == "/orders/9/cancel?slip=s-9"
    assert json.loads(request.body) == {"order": 9, "why": "late", "n": 1}


def test_without_such_an_answer_an_id_at_the_same_place_of_the_path_is_taken() -> None:
    assert led(THEIRS[1:], FIRST, []).path == "/orders/9/cancel"


def test_an_id_of_another_kind_of_thing_stays() -> None:
    elsewhere = Request("POST", "/users/9/pay")

    assert led(THEIRS[1:], elsewhere, []).path == "/orders/7/cancel"


@pytest.mark.parametrize(("name", "found"), [("race", True), ("hang", False)])
def test_a_plan_asks_for_a_race_or_does_not(name: str, found: bool) -> None:
    one = Injection(CrossingId("s", "db", "COMMIT"), FaultSpec.of(name))

    assert (racing(Plan((one,))) is not None) is found
