"""Effects that happen twice when they are sent twice."""

from __future__ import annotations

from ripstop.model.survey import Sureness
from ripstop.scan.hazards.no_idempotency_key import hazards

from .reading import charge, fetch, subject, told


def test_an_effect_without_a_key_is_told() -> None:
    assert told(hazards(subject(charge(5, key=False)))) == [(5, Sureness.CERTAIN)]


def test_an_effect_with_one_or_of_which_it_is_unknown_and_a_mere_read_are_not() -> None:
    assert list(hazards(subject(charge(3, key=True), charge(4), fetch(5, key=False)))) == []
