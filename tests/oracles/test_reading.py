"""How oracles read a record, where the oracles' own tests do not reach."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ripstop.model.experiment import StepBaseline
from ripstop.model.http import Exchange, Request
from ripstop.oracles.reading import before_broken, carries_key, pending, retry_counts, worlds

from .records import (
    DROPPED,
    MAPPED,
    NOTHING,
    OK,
    STEP,
    TIMEOUT,
    answer,
    baseline,
    exchange,
    insert,
    record,
    seen,
    statement,
)


def steps(count: int) -> tuple[StepBaseline, ...]:
    return tuple(
        StepBaseline(f"s{n}", exchange(OK, step=f"s{n}"), seen(insert(f"t{n}"))) for n in range(count)
    )


@pytest.mark.parametrize(("failed", "states"), [(1, 2), (3, 8), (5, 32), (6, 2)])
def test_many_failed_steps_are_taken_together(failed: int, states: int) -> None:
    usual = replace(baseline(), steps=steps(failed))
    run = record(exchanges=tuple(exchange(MAPPED, step=f"s{n}") for n in range(failed)))

    assert len(worlds(run, usual)) == states


@pytest.mark.parametrize(
    ("where", "body", "carried"),
    [
        ("body:key", b'{"key": "k"}', True),
        ("body:key", b'{"key": ""}', False),
        ("body:key", b'["key"]', False),
        ("body:key", b"key=k", False),
        ("header:X-Key", b"", True),
        ("header:X-Other", b"", False),
        (None, b'{"key": "k"}', False),
    ],
)
def test_a_key_is_looked_for_where_it_is_declared(where: str | None, body: bytes, carried: bool) -> None:
    sent = Exchange(STEP, Request("POST", "/orders", (("x-key", "k"),), body), OK)

    assert carries_key(sent, baseline(key=where)) is carried


def test_no_request_carries_no_key() -> None:
    assert not carries_key(None, baseline(key="header:X-Key"))


def test_a_retry_whose_state_was_not_read_does_not_count() -> None:
    assert not retry_counts(record(MAPPED, retry=OK), baseline())
    assert not retry_counts(record(MAPPED, after=NOTHING), baseline())


def test_a_held_crossing_is_pending_only_while_no_answer_came() -> None:
    hanging = (statement(outcome="held"),)

    assert pending(record(TIMEOUT, trace=hanging))
    assert not pending(record(DROPPED, trace=hanging))
    assert not pending(record(TIMEOUT))


def test_before_the_broken_step_only_what_succeeded_stands() -> None:
    usual = replace(baseline(), steps=steps(2))
    run = record(exchanges=(exchange(OK, step="s0"), exchange(answer(500, ""), step="s1")))

    assert [c.table for c in before_broken(replace(run, broken_step="s1"), usual).changes] == ["t0"]
