"""Calls to others while a transaction of one's own is open."""

from __future__ import annotations

from ripstop.model.survey import Sureness
from ripstop.scan.hazards.effect_in_transaction import hazards

from .reading import begin, charge, commit, fetch, subject, told, write


def test_an_external_call_inside_a_transaction_is_told_whether_or_not_it_changes_anything() -> None:
    inside = (begin(4), charge(5, in_transaction=True), fetch(6, in_transaction=True), commit(7))

    assert told(hazards(subject(*inside))) == [(5, Sureness.CERTAIN), (6, Sureness.CERTAIN)]


def test_a_call_outside_and_a_statement_inside_are_not() -> None:
    outside = (charge(3), begin(4), write(5, in_transaction=True), commit(6), fetch(7))

    assert list(hazards(subject(*outside))) == []
