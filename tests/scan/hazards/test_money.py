"""Which workflows touch money."""

from __future__ import annotations

import pytest

from ripstop.model.survey import Reach, Sureness
from ripstop.scan.hazards.money import hazards
from ripstop.scan.hazards.subject import Subject

from .reading import charge, fetch, select, subject, table, told, write


@pytest.mark.parametrize(
    ("asked", "sureness"),
    [
        (subject(charge(5, client="stripe")), Sureness.CERTAIN),
        (subject(charge(5)), Sureness.LIKELY),
        (subject(write(5, "invoice_lines")), Sureness.CERTAIN),
        (subject(write(5, "orders"), code=table("orders", "id", "amount_cents")), Sureness.CERTAIN),
        (subject(write(5, "orders")), Sureness.GUESS),
    ],
    ids=["a provider's library", "a call by its name", "a table by its name", "a column", "a shop's table"],
)
def test_money_is_told_as_surely_as_it_is_known(asked: Subject, sureness: Sureness) -> None:
    assert told(hazards(asked)) == [(5, sureness)]


def test_the_surest_of_several_is_told_alone() -> None:
    assert told(hazards(subject(charge(5), write(6, "payments")))) == [(6, Sureness.CERTAIN)]


def test_a_path_about_money_is_a_guess_where_something_is_changed() -> None:
    assert told(hazards(subject(write(5), path="/billing/plans"))) == [(1, Sureness.GUESS)]


@pytest.mark.parametrize(
    "reaches",
    [(select(5, "payments"),), (fetch(5),), (write(5, "notes"),), ()],
    ids=["only read", "another's rates", "notes", "nothing"],
)
def test_other_workflows_do_not(reaches: tuple[Reach, ...]) -> None:
    assert list(hazards(subject(*reaches))) == []
