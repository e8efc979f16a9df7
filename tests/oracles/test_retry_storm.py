"""RS302: how often, how fast, and against whose word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from ripstop.model.trace import Crossing, Phase
from ripstop.oracles.retry_storm import check

from .records import MAPPED, baseline, call, held, injection, record, statement, torn


def attempts(*starts_ms: float, outcome: str = "cut") -> tuple[Crossing, ...]:
    return tuple(call(n, at_ms=at, outcome=outcome) for n, at in enumerate(starts_ms, 1))


def run(trace: Sequence[Crossing], **fault: int) -> object:
    broken = injection("status" if fault else "connection_reset", "payments", "POST /v1/charges", **fault)
    return check(record(MAPPED, trace=tuple(trace), fault=broken), baseline())


def test_more_attempts_than_the_cap_are_torn() -> None:
    verdict = torn(run(attempts(*(n * 500.0 * n for n in range(6)))))  # type: ignore[arg-type]

    assert "tried 6 times in one step, 5 more than in the baseline" in verdict.summary


def by_worker(trace: Sequence[Crossing]) -> tuple[Crossing, ...]:
    return tuple(replace(crossing, process="worker") for crossing in trace)


def test_a_worker_may_try_until_its_job_is_done() -> None:
    held(run(by_worker(attempts(*(n * 500.0 * n for n in range(9))))))  # type: ignore[arg-type]


def test_a_worker_that_asks_again_too_early_is_torn_after_heal_too() -> None:
    told, again = call(outcome="status:429"), call(2, at_ms=300, phase=Phase.RECOVERY)

    assert "Retry-After asked for 1000 ms" in torn(run((told, again), code=429, retry_after_s=1)).summary


def test_a_worker_that_does_not_pause_is_torn() -> None:
    assert "without backing off" in torn(run(by_worker(attempts(*range(0, 30, 3))))).summary  # type: ignore[arg-type]


def test_attempts_up_to_the_cap_with_backoff_are_held() -> None:
    held(run(attempts(0, 100, 300, 700, 1500)))  # type: ignore[arg-type]


@pytest.mark.parametrize("starts", [(0, 3, 6), (0, 2.5, 5.4), (0, 8, 15)], ids=["1 1", "0.5 0.9", "6 5"])
def test_three_attempts_without_a_pause_are_torn(starts: tuple[float, ...]) -> None:
    assert "without backing off" in torn(run(attempts(*starts))).summary  # type: ignore[arg-type]


@pytest.mark.parametrize("starts", [(0, 5, 13), (0, 20, 40), (0, 3)], ids=["growing", "apart", "only two"])
def test_attempts_with_a_pause_are_held(starts: tuple[float, ...]) -> None:
    held(run(attempts(*starts)))  # type: ignore[arg-type]


def test_a_loop_the_baseline_runs_as_well_is_held() -> None:
    loop = attempts(0, 2, 4, 6, 8, 10, 12, outcome="status:200")

    held(check(record(MAPPED, trace=loop), baseline(trace=loop)))


def test_a_retry_before_the_time_asked_for_is_torn() -> None:
    trace = attempts(0, 300, outcome="status:429")

    assert "Retry-After" in torn(run(trace, code=429, retry_after_s=1)).summary  # type: ignore[arg-type]


def test_a_retry_after_the_time_asked_for_is_held() -> None:
    held(run(attempts(0, 1010, outcome="status:429"), code=429, retry_after_s=1))  # type: ignore[arg-type]


def test_statements_are_no_calls() -> None:
    trace = tuple(statement(at_ms=float(n)) for n in range(9))

    assert run(trace) is None


def test_fewer_attempts_than_in_the_baseline_are_held() -> None:
    loop = attempts(0, 2, 4, 6, outcome="status:200")

    held(check(record(MAPPED, trace=attempts(0, 2, 4)), baseline(trace=loop)))


def test_a_reset_is_not_held_to_a_retry_after_nobody_sent() -> None:
    held(run(attempts(0, 300, outcome="cut"), code=429, retry_after_s=1))  # type: ignore[arg-type]


def test_the_evidence_counts_attempts_beside_the_baselines() -> None:
    shown = torn(run(attempts(0, 3, 6))).evidence  # type: ignore[arg-type]

    assert (shown["attempts"], shown["baseline"], shown["gaps_ms"]) == (3, 1, [1.0, 1.0])
