"""Calls that may wait for ever."""

from __future__ import annotations

from ripstop.model.survey import Sureness
from ripstop.scan.hazards.no_timeout import hazards

from .reading import charge, fetch, subject, told, write


def test_a_call_that_states_no_limit_is_told() -> None:
    assert told(hazards(subject(fetch(5, timeout=False)))) == [(5, Sureness.CERTAIN)]


def test_one_that_states_a_limit_or_of_which_it_is_unknown_is_not() -> None:
    assert list(hazards(subject(charge(3, timeout=True), fetch(4), write(5, timeout=False)))) == []
