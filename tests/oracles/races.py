"""Small hand-made races for a last item: what either was told, what stood, and what both orders give."""

from __future__ import annotations

from dataclasses import replace

from ripstop.model.experiment import Baseline, Experiment, Race
from ripstop.model.http import Answer
from ripstop.model.state import Change, Observation

from .records import OK, answer, baseline, exchange, injection, insert, record, seen

SOLD_OUT = answer(409, {"detail": "sold out"})
NONE_LEFT = Change("update", "stock", {"left": "1"}, {"left": "0"})
OVERSOLD = Change("update", "stock", {"left": "1"}, {"left": "-1"})
ONE = seen(NONE_LEFT, insert(id="1"))
TWO = seen(OVERSOLD, insert(id="1"), insert(id="2"))


def race(first: Answer, second: Answer, left: Observation, *, order: str = "", by: str = "another") -> Race:
    one = None if order == "instead" else exchange(first)
    return Race(by, order, one, exchange(second), left, began=not order)


LAST_ITEM = (
    race(OK, SOLD_OUT, ONE, order="after"),
    race(SOLD_OUT, OK, ONE, order="before"),
    race(OK, OK, ONE, order="instead"),
)
TWO_LEFT = Change("update", "stock", {"left": "9"}, {"left": "7"})
ONE_LEFT = Change("update", "stock", {"left": "9"}, {"left": "8"})
PLENTY = (
    race(OK, OK, seen(TWO_LEFT, insert(id="1"), insert(id="2")), order="after"),
    race(OK, OK, seen(TWO_LEFT, insert(id="1"), insert(id="2")), order="before"),
    race(OK, OK, seen(ONE_LEFT, insert(id="1")), order="instead"),
)


def raced(
    first: Answer,
    second: Answer,
    left: Observation,
    serial: tuple[Race, ...] = LAST_ITEM,
    by: str = "another",
) -> Experiment:
    return record(
        first,
        left=left,
        fault=injection("race", operation="UPDATE stock", by=by),
        race=replace(race(first, second, left, by=by), serial=serial),
    )


def selling(**fields: object) -> Baseline:
    return baseline(ONE, **fields)
