"""Calls to others while a transaction of one's own is open."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ripstop.model.survey import Reach, Sureness
from ripstop.scan.hazards.effect_in_transaction import REASON, hazards

from .reading import begin, charge, commit, fetch, select, subject, told, write

LOCK = "SELECT stock FOR UPDATE"


def test_an_external_call_inside_a_transaction_is_told_whether_or_not_it_changes_anything() -> None:
    inside = (begin(4), charge(5, in_transaction=True), fetch(6, in_transaction=True), commit(7))

    assert told(hazards(subject(*inside))) == [(5, Sureness.CERTAIN), (6, Sureness.CERTAIN)]


@pytest.mark.parametrize(
    "holding",
    [write(5, "stock", in_transaction=True), replace(select(5, in_transaction=True), operation=LOCK)],
)
def test_rows_that_are_locked_meanwhile_weigh_more_than_a_connection(holding: Reach) -> None:
    call = charge(6, in_transaction=True)

    (locked,) = hazards(subject(begin(4), holding, call, commit(7)))
    (reading,) = hazards(subject(begin(4), select(5, in_transaction=True), call, commit(7)))

    assert f"that holds {holding.operation} (app.py:5): its rows are locked" in locked.reason
    assert "that has only read: its connection is held" in reading.reason
    assert (locked.weight, reading.weight < REASON.weight / 2) == (REASON.weight, True)


def test_what_was_committed_is_held_no_more() -> None:
    before = (begin(1), write(2, in_transaction=True), commit(3))

    (found,) = hazards(subject(*before, begin(4), charge(5, in_transaction=True), commit(6)))

    assert found.weight < REASON.weight


def test_a_call_outside_and_a_statement_inside_are_not() -> None:
    outside = (charge(3), begin(4), write(5, in_transaction=True), commit(6), fetch(7))

    assert list(hazards(subject(*outside))) == []
