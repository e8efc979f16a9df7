"""A race in two columns."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ripstop.model.events import WorkflowDone
from ripstop.model.experiment import Experiment, Race
from ripstop.model.fault import FaultSpec
from ripstop.model.http import Answer, Exchange, Request
from ripstop.model.plan import Plan
from ripstop.model.trace import Crossing, CrossingId, Kind, Phase
from ripstop.model.verdict import NotExercised
from ripstop.report import pages
from ripstop.report.columns import interleaving, shown_in
from ripstop.report.matrix import Layout
from ripstop.report.narrate import narrate
from ripstop.report.paint import Paint, Symbols

from .made_up import BASELINE, STEP

RIVAL = f"rival: {STEP}"
WIDE = 42


def crossing(
    text: str, at_ms: float, took_ms: float = 1.0, *, second: bool = False, **fields: object
) -> Crossing:
    identity = CrossingId(RIVAL if second else STEP, "db", text.split(" SET")[0])
    phase = Phase.RIVAL if second else Phase.CALL
    return Crossing(
        identity, "postgres", Kind.WRITE, phase, text=text, at_ms=at_ms, duration_ms=took_ms, **fields
    )  # type: ignore[arg-type]


def answered(step: str, status: int) -> Exchange:
    return Exchange(step, Request("POST", "/orders"), Answer(status, (), b'{"id": 7}', 12.0))


TRACE = (
    crossing("SELECT n FROM stock", 1),
    crossing("UPDATE stock SET n = 0", 3, 9.0, fault="race(by=another)"),
    crossing("SELECT n FROM stock", 5, second=True),
    crossing("COMMIT", 7, second=True),
    crossing("COMMIT", 13),
)


def raced(*trace: Crossing, **fields: object) -> Experiment:
    race = Race("another", "", answered(STEP, 201), answered(RIVAL, 409), began=True, **fields)  # type: ignore[arg-type]
    return Experiment(Plan(), trace=trace or TRACE, race=race)


def columns(run: Experiment) -> list[tuple[str, str]]:
    """(left, right) of each line below the head."""
    lines = [line[4:] for line in interleaving(run)][3:]
    return [(line[:WIDE].strip(), line[WIDE:].strip()) for line in lines]


def test_statements_stand_in_the_order_in_which_they_happened_each_in_its_column() -> None:
    assert columns(raced()) == [
        ("SELECT n FROM stock", ""),
        ("UPDATE stock SET n = 0", ""),
        ("| held before this", ""),
        ("", "SELECT n FROM stock"),
        ("", "COMMIT"),
        ("", '=> 409 {"id": 7}'),
        ("| goes on", ""),
        ("COMMIT", ""),
        ('=> 201 {"id": 7}', ""),
    ]


def test_who_waits_says_for_what_and_how_it_ended() -> None:
    waiting = crossing("UPDATE stock SET n = 0", 5, 6.0, second=True, outcome="error:40001")
    told = columns(raced(*TRACE[:2], waiting, replace(TRACE[-1], at_ms=8.0), waited="waits for a lock"))

    assert ("", "| waits for a lock") in told
    assert ("", "| goes on -> error:40001") in told


def test_a_long_statement_is_wrapped_in_its_column_and_cut_after_three_lines() -> None:
    long = crossing("UPDATE stock SET " + "n = n - 1, " * 40, 1)
    told = columns(raced(long))

    assert len([left for left, _ in told if left and not left.startswith("=>")]) == 3
    assert told[2][0].endswith("…")


def test_what_would_move_the_cursor_or_is_secret_is_not_shown() -> None:
    told = str(columns(raced(crossing("SELECT '\x1b[2J', password='hunter2'", 1))))

    assert "\x1b" not in told
    assert "hunter2" not in told


@pytest.mark.parametrize(
    "run", [replace(raced(), race=None), replace(raced(), race=Race("another", "after"))]
)
def test_without_a_race_there_are_no_columns(run: Experiment) -> None:
    assert list(interleaving(run)) == []
    assert shown_in(run) == frozenset()


def test_a_replay_tells_both_answers_and_both_orders_and_no_statement_twice() -> None:
    orders = (
        Race("another", "after", answered(STEP, 201), answered(RIVAL, 409)),
        Race("another", "before", answered(STEP, 409), answered(RIVAL, 201)),
    )
    told = narrate(raced(serial=orders), BASELINE)

    assert "second    rival: POST /orders  409" in told
    assert "in order  first, then second: the first is told 201, the second 409" in told
    assert told.count("UPDATE stock SET n = 0") == 1


def test_a_summary_says_why_two_could_not_be_raced() -> None:
    told = "the second request was not at work while the first was held: the service serves one at a time"
    missing = NotExercised(TRACE[1].id, FaultSpec.of("race", by="another"), "not-reached", told)
    done = WorkflowDone(BASELINE, (), (), (missing,), (), 3, 1.0)
    text = " ".join(" ".join(pages._summary(done, (), Layout(80, Paint(color=False), Symbols()))).split())

    assert told in text
