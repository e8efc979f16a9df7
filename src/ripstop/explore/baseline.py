"""The baseline: a warm-up thrown away, then two green runs that agree. No result counts without it."""

from __future__ import annotations

from collections import Counter

from ripstop.errors import BaselineError, ExperimentError
from ripstop.explore import volatile
from ripstop.explore.options import Options
from ripstop.model.experiment import Baseline, Experiment, StepBaseline
from ripstop.model.plan import Plan
from ripstop.model.runner import WorkflowRunner
from ripstop.model.state import Observation
from ripstop.model.trace import CrossingId, Trace, comparable

_FIXTURES = ("setup-failed", "teardown-failed")
_PING = "EMPTY"
"""A statement without words, by which a pool asks whether a connection that it kept still lives."""
_TRIES = 2
"""Comparisons before a workflow counts as not repeating: a cache that fills on its second use is honest."""


def take(runner: WorkflowRunner, options: Options) -> tuple[Baseline, Experiment]:
    """The baseline of a workflow and one of its two records.

    Raises BaselineError (slugs ``baseline-red``, ``baseline-differs``, ``baseline-empty``).
    """
    _green(runner, warm_up=True)
    first = _green(runner)
    difference: tuple[str, ...] = ()
    for _ in range(_TRIES):
        second = _green(runner)
        difference = differences(first, second)
        if not difference:
            return _compared(runner, first, second, options), second
        first = second
    raise BaselineError(
        "baseline-differs",
        f"{runner.workflow.name}: two runs without any fault did not do the same",
        details=difference,
        way_out="make the test and the service repeat themselves: a cache, a clock, a random branch, "
        "a background job or data left by an earlier test are the usual causes",
    )


def differences(first: Experiment, second: Experiment) -> tuple[str, ...]:
    """How two unfaulted runs differ in crossings, answers or what they left; empty if they agree."""
    lines = []
    before, after = _made(first.trace), _made(second.trace)
    lines += [f"only in the first run: {crossing}" for crossing in sorted(before - after)]
    lines += [f"only in the second run: {crossing}" for crossing in sorted(after - before)]
    statuses = [[(e.step, e.answer.status) for e in run.exchanges] for run in (first, second)]
    if statuses[0] != statuses[1]:
        lines.append(f"answers {statuses[0]} and then {statuses[1]}")
    shapes = [
        sorted(volatile.shape(run.after_call.changes, run.after_call.effects)) for run in (first, second)
    ]
    if shapes[0] != shapes[1]:
        lines.append(f"rows and effects {shapes[0]} and then {shapes[1]}")
    return tuple(lines)


def strayed(control: Experiment, baseline: Baseline) -> tuple[str, ...]:
    """How an unfaulted run differs from the baseline in answers or crossings; empty if it does not."""
    lines = []
    answers = [(e.step, e.answer.status) for e in control.exchanges]
    usual = [(s.name, s.exchange.answer.status) for s in baseline.steps]
    if answers != usual:
        lines.append(f"answers {answers} where the baseline has {usual}")
    before, now = _made(baseline.trace), _made(control.trace)
    lines += [f"no longer made: {crossing}" for crossing in sorted(before - now)]
    lines += [f"newly made: {crossing}" for crossing in sorted(now - before)]
    return tuple(lines)


def _made(trace: Trace) -> Counter[CrossingId]:
    """What was crossed, and how often. A new connection is not asked whether it lives, so no ping counts."""
    return Counter(identity for identity in comparable(trace) if identity.operation != _PING)


def _green(runner: WorkflowRunner, *, warm_up: bool = False) -> Experiment:
    try:
        run = runner.run(Plan(), learn=not warm_up)
    except ExperimentError as error:
        if error.slug not in _FIXTURES:
            raise
        told = f"{runner.workflow.name}: {error.message}"
        raise BaselineError(error.slug, told, details=error.details, way_out=error.way_out) from error
    if run.call.passed and not run.dirty:
        _refuse_empty(runner, run)
        return run
    raise BaselineError(
        "baseline-red",
        f"{runner.workflow.name}: the test is not green without any fault",
        details=(run.call.error or run.dirty, *run.log[-20:]),
        way_out=f"make it pass first: pytest '{runner.workflow.nodeid}'",
    )


def _refuse_empty(runner: WorkflowRunner, run: Experiment) -> None:
    if not run.exchanges:
        raise BaselineError(
            "baseline-empty",
            f"{runner.workflow.name}: the test sends no request through the `service` fixture",
            way_out="call the service with `service.get(...)`, `service.post(...)` in the test itself",
        )


def _compared(runner: WorkflowRunner, first: Experiment, second: Experiment, options: Options) -> Baseline:
    workflow = runner.workflow
    one, two = first.after_call, second.after_call
    return Baseline(
        nodeid=workflow.nodeid,
        workflow=workflow.name,
        trace=second.trace,
        steps=tuple(_step(index, first, second) for index in range(len(second.exchanges))),
        volatile_columns=volatile.columns(one.changes, two.changes),
        volatile_data=volatile.effect_fields(one.effects, two.effects),
        idempotency_key=workflow.idempotency_key,
        journal=options.journal,
        budget_ms=options.budget_ms,
        retry_cap=options.retry_cap,
        duration_ms=second.duration_ms,
        other=workflow.other,
        races=workflow.races,
        races_with=workflow.races_with,
    )


def _step(index: int, first: Experiment, second: Experiment) -> StepBaseline:
    before, exchange = first.exchanges[index], second.exchanges[index]
    late = any(c.after_answer and c.id.step == exchange.step for run in (first, second) for c in run.trace)
    return StepBaseline(
        exchange.step,
        exchange,
        second.by_step.get(exchange.step, Observation()),
        frozenset(volatile.pointers(before.answer.json(), exchange.answer.json())),
        works_after_answer=late,
    )
