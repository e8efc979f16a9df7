"""What a baseline tells of a workflow's own requests: columns, credentials, and what cannot be told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ripstop.explore import planning
from ripstop.explore.inbound import columns, informed
from ripstop.explore.options import Options
from ripstop.model.experiment import Baseline, StepBaseline
from ripstop.model.fault import Facts
from ripstop.model.http import Answer, Exchange, Request
from ripstop.model.state import Change, ColumnRule, Observation
from ripstop.model.trace import CLIENT, Crossing, CrossingId, Kind

STEP = "POST /orders"
INBOUND = Crossing(CrossingId(STEP, CLIENT, STEP), CLIENT, Kind.CALL)
RULES = tuple(
    ColumnRule("orders", column, kind)
    for column, kind in (
        ("id", "integer"),
        ("user_id", "text"),
        ("amount_cents", "integer"),
        ("gift", "boolean"),
        ("price", "numeric"),
        ("reference", "text"),
        ("status", "text"),
    )
)


def request(body: Any, *headers: tuple[str, str]) -> Request:
    return Request(
        "POST", "/orders", (("content-type", "application/json"), *headers), json.dumps(body).encode()
    )


def mapped(body: Any, new: dict[str, str | None], old: dict[str, str | None] | None = None) -> dict[str, str]:
    change = Change("update" if old else "insert", "orders", old, new)
    return {place: rule.column for place, rule in columns(request(body), [change], RULES).items()}


@pytest.mark.parametrize(
    ("body", "new", "found"),
    [
        ({"userId": "u-1"}, {"user_id": "u-1"}, {"/userId": "user_id"}),
        ({"amount": 3}, {"amount_cents": "3", "id": "3"}, {}),
        ({"cents": 3}, {"amount_cents": "3", "id": "3"}, {"/cents": "amount_cents"}),
        ({"gift": True}, {"gift": "t"}, {"/gift": "gift"}),
        ({"gift": True}, {"gift": "f"}, {}),
        ({"price": 42.5}, {"price": "42.50"}, {"/price": "price"}),
        ({"ref": "R-2041"}, {"status": "R-2041"}, {"/ref": "status"}),
        ({"ref": "R-2041"}, {"status": "R-2041", "user_id": "R-2041"}, {}),
        ({"ref": "R1"}, {"status": "R1"}, {}),
        ({"n": 7}, {"id": "7"}, {}),
        ({"lines": [{"userId": "u-9"}]}, {"user_id": "u-9"}, {"/lines/0/userId": "user_id"}),
        ({"userId": "u-1"}, {"user_id": "u-2"}, {}),
        ({"userId": None}, {"user_id": None}, {}),
    ],
    ids=json.dumps,
)
def test_a_field_ends_in_a_column_by_name_and_value_or_by_a_telling_value(
    body: Any, new: dict[str, str | None], found: dict[str, str]
) -> None:
    assert mapped(body, new) == found


def test_a_column_that_an_update_left_alone_took_nothing() -> None:
    assert mapped({"userId": "u-1"}, {"user_id": "u-1"}, {"user_id": "u-1"}) == {}
    assert mapped({"userId": "u-1"}, {"user_id": "u-1"}, {"user_id": "u-0"}) == {"/userId": "user_id"}


def baseline(sent: Request, status: int = 201) -> Baseline:
    change = Change("insert", "orders", None, {"user_id": "u-1"})
    step = StepBaseline(STEP, Exchange(STEP, sent, Answer(status)), Observation((change,)))
    return Baseline("t::t", "order", (), (step,))


def known(sent: Request, facts: Facts | None = None, **fields: Any) -> Facts:
    return informed(baseline(sent, **fields), facts or Facts(rules=RULES), INBOUND, Options())


def test_credentials_are_guessed_by_name_and_those_named_go_before() -> None:
    sent = request(
        {}, ("Authorization", "Bearer a"), ("X-Trace", "t"), ("X-Tenant-Key", "k"), ("Cookie", "s=1")
    )

    assert [name for name, _ in known(sent).credentials] == ["Authorization", "Cookie"]
    named = Facts(credentials=(("x-tenant-key", ""),), declared=True)
    assert known(sent, named).credentials == (("X-Tenant-Key", "k"),)


def test_a_step_that_anybody_may_take_has_no_credentials_to_take_away() -> None:
    assert known(request({}, ("Authorization", "Bearer a")), Facts(declared=True)).credentials == ()


def test_a_request_that_is_refused_in_the_baseline_is_not_broken_further() -> None:
    sent = request({"userId": "u-1"}, ("Authorization", "Bearer a"))
    facts = known(sent, Facts(rules=RULES, other=(("Authorization", "Bearer e"),)), status=409)

    assert (facts.request, facts.credentials, facts.other, facts.leaves) == (None, (), (), False)


def test_broken_requests_come_after_what_costs_no_waiting_and_a_repetition_first() -> None:
    sent = request({"userId": "u-1", "key": "k"})
    base = baseline(sent)
    crossing = Crossing(CrossingId(STEP, "db", "INSERT orders"), "postgres", Kind.WRITE, tables=("orders",))
    with_key = Baseline("t::t", "order", (crossing,), base.steps, idempotency_key="body:key")

    candidates, _ = planning.singles(with_key, lambda _: Facts(rules=RULES), Options())

    order = [(c.crossing.id.seam, c.fault.name, c.fault.waits) for c in candidates]
    seams = [seam for seam, _, waits in order[1:] if not waits]
    assert order[0][1] == "repeated_request"
    assert seams == sorted(seams, reverse=True)
    assert {"field_missing", "client_gone"} <= {name for seam, name, _ in order if seam == CLIENT}
