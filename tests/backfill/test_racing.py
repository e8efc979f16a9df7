"""Tests of races: a story of two requests, and what must stand for those who succeeded."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ripstop.backfill import writing
from ripstop.backfill.writing import Material
from ripstop.model.fault import FaultSpec
from ripstop.model.plan import Injection, Plan
from ripstop.model.trace import CrossingId
from ripstop.model.verdict import Finding

from .shop import STEP, done, finding, held

ROW = {
    "change": "insert",
    "table": "orders",
    "times": 2,
    "new": {"id": "*", "user_id": "u-1", "status": "paid"},
}


def at_insert(by: str = "another") -> Injection:
    return Injection(CrossingId(STEP, "db", "INSERT orders"), FaultSpec.of("race", by=by))


def torn(code: str, where: Injection | None = None, **evidence: Any) -> Finding:
    where = where or at_insert()
    return replace(finding(code, where=where, **evidence), faults=(where.fault,))


def draft(one: Finding) -> Any:
    return writing._draft(Material("f", done(findings=(one,))))


def text(one: Finding) -> str:
    made = draft(one)
    return writing._trial(made, writing._items(made), False)


def test_one_request_is_held_and_the_other_goes_past_under_a_key_of_its_own() -> None:
    made = text(torn("RS401", most=1))

    assert 'with seams.db.hold("INSERT orders") as held:' in made
    assert 'first = held.post("/orders", json=order)' in made
    assert '{**order, "idempotencyKey": str(uuid4())}' in made
    assert (
        "def test_place_order_ends_as_one_after_the_other_when_the_order_insert_is_raced_after_the_charge("
        in made
    )


def test_the_same_request_is_written_the_same_twice() -> None:
    assert 'second = service.post("/orders", json=order)' in text(torn("RS401", at_insert("same"), most=1))


def test_where_an_order_lets_one_succeed_one_must_and_its_rows_stand() -> None:
    made = text(torn("RS401", most=1))

    assert "assert done == 1" in made
    assert ") == 1" in made


@pytest.mark.parametrize(("times", "rows"), [(2, "== done"), (1, "== 1"), (3, "== {1: 1, 2: 3}[done]")])
def test_where_both_may_succeed_the_rows_are_those_of_who_did(times: int, rows: str) -> None:
    made = text(torn("RS401", most=2, both=[{**ROW, "times": times}]))

    assert "assert done in (1, 2)" in made
    assert f'assert len(seams.db.rows("orders", user_id="u-1", status="paid")) {rows}' in made


def test_a_bare_error_is_all_that_is_asserted_of_answers() -> None:
    made = text(torn("RS402", cause="answered a bare 500 that no code of the service chose"))

    assert "assert 500 not in (first.status_code, second.status_code)" in made


@pytest.mark.parametrize(
    ("one", "why"),
    [
        (torn("RS401", at_insert("cancel an order"), most=1), "another workflow"),
        (torn("RS401", most=0), "no order of the two"),
        (replace(torn("RS401", most=1), plan=Plan((at_insert(), at_insert()))), "two faults at once"),
    ],
)
def test_what_cannot_be_written_is_said_with_its_reason(one: Finding, why: str) -> None:
    made = draft(one)

    assert made.candidates == []
    assert why in made.untested[0].name


def test_a_race_that_held_is_no_pin_for_nothing_shows_that_it_can_fail() -> None:
    made = writing._draft(Material("f", done(held=(held(at_insert()),))))

    assert made.candidates == []
