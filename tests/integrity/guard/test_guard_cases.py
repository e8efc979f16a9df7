"""The labelled differences: how often the guard is right about them, printed."""

from __future__ import annotations

import pytest

from ripstop.integrity.guard.rules import registry
from ripstop.model.weakening import Sure

from ..guard_measure import Judged, cases, figures, judged, parsed, table


@pytest.fixture(scope="module")
def results() -> list[Judged]:
    return [judged(one) for one in cases()]


def test_there_are_enough_of_both_and_of_every_kind(results: list[Judged]) -> None:
    weak = [one.case.group for one in results if one.case.weak]

    assert len(results) >= 120
    assert len(weak) <= 0.6 * len(results)
    assert {rule.slug for rule in registry.RULES} == set(weak)


def test_precision_and_recall_are_at_least_19_in_20(results: list[Judged]) -> None:
    print("\n".join(table(results)))
    precision, recall = figures(results)

    assert precision >= 0.95
    assert recall >= 0.95


def test_most_weakenings_are_told_by_the_kind_they_were_written_for(results: list[Judged]) -> None:
    told = [one for one in results if one.case.weak and one.told]
    right = [one for one in told if one.case.group in {w.rule for w in one.told if w.sure is not Sure.LOOK}]

    assert len(right) >= 0.85 * len(told)


def test_the_figures_fall_where_the_guard_is_wrong() -> None:
    sides = [f"tests/test_a.py\ndef {name}():\n    assert f()\n" for name in ("test_a", "test_b")]
    text = "### a rename | weak\n--- {}+++ {}".format(*sides)
    (wrong,) = (judged(one) for one in parsed("made-up", text))

    assert figures([wrong]) == (0.0, 0.0)
