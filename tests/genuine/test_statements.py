"""Injected equals genuine, statement by statement: the same exception and words, the same state after."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from ripstop.wire import sql

from .conftest import Rival, Shop, until
from .drivers import DRIVERS, Driver, Seen, seen
from .rows import ROWS, Row


@dataclass(frozen=True, slots=True)
class Outcome:
    """All that can be seen of a failure by the client it hits.

    ``next`` is what the following statement does, ``again`` what one does after ROLLBACK.
    """

    failure: tuple[Seen, ...]
    state: str
    next: Seen
    after_rollback: str
    again: Seen


@pytest.mark.parametrize("driver", DRIVERS)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_an_injected_failure_is_a_genuine_one(shop: Shop, rival: Rival, row: Row, driver: str) -> None:
    genuine = play(
        shop, shop.address.url, DRIVERS[driver], row, lambda at: rival.moves(row.rival.get(at, ()))
    )
    rival.leaves()
    shop.reset()
    operations = [sql.parse(step[0]).operation for step in row.steps]
    injection = shop.arm(row.fault, operations[-1], operations.count(operations[-1]))
    injected = play(shop, shop.url, DRIVERS[driver], row, lambda _: None)

    assert shop.fired(injection)
    shop.heal()
    assert any(one.failed for one in genuine.failure)
    assert lines(injected) == lines(genuine)


def play(
    shop: Shop, url: str, connect: Callable[[str], Driver], row: Row, before: Callable[[int], None]
) -> Outcome:
    before_connecting = 0 if row.rival.get(0) else -1
    if before_connecting == 0:
        before(0)
    driver = connect(url)
    try:
        for at, step in enumerate(row.steps):
            if at > before_connecting:
                before(at)
            if at < len(row.steps) - 1:
                driver.run(step)
        return _failed(shop, driver, row)
    finally:
        driver.close()


def lines(outcome: Outcome) -> list[str]:
    """An outcome as text, a fact a line, so that a difference is easy to see."""
    told = [f"{one.kind} {name}: {text}" for one in outcome.failure for name, text in (("", ""), *one.said)]
    rest = (outcome.state, outcome.next, outcome.after_rollback, outcome.again)
    return [*told, *(f"{name}: {value}" for name, value in zip(_AFTER, rest, strict=True))]


_AFTER = ("state", "next statement", "state after rollback", "statement after rollback")


def _failed(shop: Shop, driver: Driver, row: Row) -> Outcome:
    last = row.steps[-1]
    if row.cancelled:
        failure = driver.cancelled(last, lambda: until(shop.address, "wait_event = 'PgSleep'"))
    else:
        failure = driver.fail(last)
    state, then = driver.state(), seen(lambda: driver.run(("SELECT 'next'",)))
    seen(lambda: driver.run(("ROLLBACK",)))
    return Outcome(
        tuple(s.without(row.apart_from) for s in failure),
        state,
        then,
        driver.state(),
        seen(lambda: driver.run(("SELECT 'again'",))),
    )
