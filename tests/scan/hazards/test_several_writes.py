"""Writes that are committed apart."""

from __future__ import annotations

import pytest

from ripstop.model.survey import Reach
from ripstop.scan.hazards.several_writes import hazards

from .reading import begin, commit, select, subject, write


def together(line: int, *tables: str) -> tuple[Reach, ...]:
    """One transaction."""
    inside = (write(line + n, one, in_transaction=True) for n, one in enumerate(tables, 1))
    return (begin(line), *inside, commit(line + 9))


@pytest.mark.parametrize(
    "reaches",
    [
        (write(5, "a"), write(6, "b")),
        (*together(10, "a"), *together(20, "b")),
        (*together(10, "a"), write(30, "b")),
        (write(5, "a"), commit(6), write(7, "b"), commit(8)),
    ],
    ids=["each alone", "two transactions", "one after a transaction", "a session committed twice"],
)
def test_writes_committed_apart_are_told_once(reaches: tuple[Reach, ...]) -> None:
    (found,) = hazards(subject(*reaches))

    assert found.reason.startswith("INSERT a (app.py:")
    assert found.reason.endswith("are committed apart: the first can stand without the last")


@pytest.mark.parametrize(
    "reaches",
    [
        together(10, "a", "b"),
        (write(5, "a"), write(6, "b"), commit(7)),
        (write(5, "a"), select(6, "b")),
        (*together(10, "a"), commit(25)),
        (write(5, "a"), write(5, "a")),
    ],
    ids=["one transaction", "a session committed once", "one write", "an empty commit", "one line twice"],
)
def test_writes_committed_together_are_not(reaches: tuple[Reach, ...]) -> None:
    assert list(hazards(subject(*reaches))) == []


def test_one_write_in_a_loop_outside_any_transaction_is_several() -> None:
    (found,) = hazards(subject(write(5, "a", in_loop=True)))

    assert "committed once for each turn of a loop" in found.reason
    assert list(hazards(subject(begin(4), write(5, in_loop=True, in_transaction=True), commit(6)))) == []


def test_long_lists_are_cut() -> None:
    (found,) = hazards(subject(*(write(n, f"t{n}") for n in range(1, 8))))

    assert " and 3 more are committed apart" in found.reason
