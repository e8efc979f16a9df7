"""The engine: explores one workflow and yields events. It knows no pytest, no terminal, no socket."""

from __future__ import annotations

import contextlib
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

from ripstop.errors import BaselineError, ExperimentError
from ripstop.explore import baseline as baselines
from ripstop.explore import matrix, planning
from ripstop.explore.ahead import Line
from ripstop.explore.findings import Findings, torn
from ripstop.explore.options import Options
from ripstop.explore.planning import Candidate
from ripstop.explore.reducing import Reducer
from ripstop.explore.trial import Outcome, Trial, unstable_reasons
from ripstop.model.events import (
    BaselineTaken,
    Cell,
    Event,
    FindingConfirmed,
    Held,
    Judged,
    WorkflowDone,
    WorkflowRefused,
)
from ripstop.model.experiment import Baseline, Experiment
from ripstop.model.plan import Plan
from ripstop.model.runner import WorkflowRunner
from ripstop.model.verdict import NotExercised, Status, Verdict
from ripstop.oracles import registry


@dataclass(slots=True)
class _Log:
    """What has come of one workflow so far."""

    findings: Findings
    cells: list[Cell] = field(default_factory=list)
    left_out: list[NotExercised] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    experiments: int = 0
    skipped: int = 0


def explore(
    runners: Sequence[WorkflowRunner], options: Options, *, started: float | None = None
) -> Iterator[Event]:
    """Explore one workflow: its baseline, its singles, and what they uncover.

    All ``runners`` run the same workflow, each on a set-up of its own; the first is used from the
    calling thread and takes the baseline, while the others warm up. ``max_time_s`` counts from ``started``
    (time.monotonic). What is told is the same for any number of runners.
    A workflow without a baseline yields WorkflowRefused; ExperimentError and StartError pass through.
    """
    with _helpers(len(runners) - 1) as pool:
        warm = [pool.submit(_warm_up, each) for each in runners[1:]]
        yield from _explored(runners, options, started, pool, warm)


def _explored(
    runners: Sequence[WorkflowRunner],
    options: Options,
    started: float | None,
    pool: ThreadPoolExecutor,
    warm: Sequence[Future[None]],
) -> Iterator[Event]:
    began = time.monotonic()
    runner = runners[0]
    try:
        baseline, control = baselines.take(runner, options)
    except BaselineError as error:
        workflow = runner.workflow
        yield WorkflowRefused(workflow.nodeid, workflow.name, error.message, (*error.details, error.way_out))
        return
    candidates, filtered = planning.singles(baseline, runner.facts, options)
    yield BaselineTaken(baseline, len(candidates))
    log = _Log(Findings(baseline.nodeid), left_out=filtered)
    yield from _judge_control(log, control, baseline)
    deadline = (started or began) + options.max_time_s if options.max_time_s else None
    line = Line(Reducer(active=options.reduce), deque(candidates))
    unsafe: set[str] = set()
    trials = [Trial(each, baseline, unsafe=unsafe) for each in runners]
    for trial, warming in zip(trials[1:], warm, strict=True):
        pool.submit(_help, line, trial, log.findings, warming)
    with contextlib.closing(line):
        yield from _run_all(trials[0], line, log, deadline, options)
    yield WorkflowDone(
        baseline,
        log.findings.sorted(),
        matrix.cells(log.cells, log.left_out, [c.id for c in planning.breakable(baseline)]),
        tuple(log.left_out),
        tuple(log.held),
        log.experiments,
        time.monotonic() - began,
        log.skipped,
        {str(status): log.counts[status] for status in Status},
        sum(trial.restarts.total() for trial in trials),
    )


def _warm_up(runner: WorkflowRunner) -> None:
    """A helper's first runs tell nothing. What keeps it from running at all shows when it is needed."""
    with contextlib.suppress(ExperimentError):
        runner.run(Plan(), learn=True)


def _help(line: Line, trial: Trial, findings: Findings, warming: Future[None]) -> None:
    line.help(trial, findings, warming.result)


def _judge_control(log: _Log, control: Experiment, baseline: Baseline) -> Iterator[Event]:
    for verdict in torn(registry.judge(control, baseline)):
        yield FindingConfirmed(baseline.workflow, log.findings.add(control, verdict))


def _run_all(
    trial: Trial, line: Line, log: _Log, deadline: float | None, options: Options
) -> Iterator[Event]:
    """Book every candidate in line, in its order, each needed or not by what was booked before it."""
    seen = {candidate.plan for candidate in line.waiting}
    while line.waiting:
        candidate = line.waiting[0]
        late = deadline is not None and time.monotonic() >= deadline
        reason = "out-of-time" if late and not line.started(candidate) else line.reducer.reason(candidate)
        if reason:
            with line.changed:
                line.drop(line.waiting.popleft())
            log.left_out.append(matrix.reduced(candidate, reason))
            log.skipped += reason != "out-of-time"
            continue
        outcome = line.outcome(candidate, trial, log.findings)
        fresh = () if candidate.unasked else _uncovered(trial, outcome, seen, options)
        with line.changed:
            line.waiting.popleft()
            line.waiting.extend(fresh)
            trial.unsafe.update(_doubled(candidate, outcome))
            _learn(line.reducer, candidate, outcome, trial.baseline)
            events = (
                () if candidate.unasked else _book(log, candidate, outcome, trial.baseline, len(line.waiting))
            )
            line.changed.notify_all()
        yield from events


def _uncovered(trial: Trial, outcome: Outcome, seen: set[Plan], options: Options) -> list[Candidate]:
    """What an experiment brought out and nobody planned yet."""
    found = planning.uncovered(trial.baseline, outcome.experiment, trial.runner.facts, options)
    fresh = {each.plan: each for each in found if each.plan not in seen}
    seen.update(fresh)
    return list(fresh.values())


def _learn(reducer: Reducer, candidate: Candidate, outcome: Outcome, baseline: Baseline) -> None:
    if candidate.unasked:
        return
    if outcome.fired:
        reducer.learn(candidate, outcome.experiment, baseline, outcome.status, outcome.torn)
    else:
        reducer.learn_alone(candidate, outcome.experiment)


@contextmanager
def _helpers(most: int) -> Iterator[ThreadPoolExecutor]:
    """Threads that are not waited for where an interrupt or an error ends the work."""
    pool = ThreadPoolExecutor(max(1, most))
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown()


def _doubled(candidate: Candidate, outcome: Outcome) -> set[str]:
    """The step whose request does everything twice when it is merely repeated, if this proved it."""
    if candidate.fault.name == "repeated_request" and outcome.status is Status.TORN:
        return {candidate.crossing.id.step}
    return set()


def _book(
    log: _Log, candidate: Candidate, outcome: Outcome, baseline: Baseline, left: int
) -> Sequence[Event]:
    run = outcome.experiment
    log.experiments += len(outcome.runs)
    log.cells += [matrix.cell(candidate, outcome)] if outcome.fired else []
    if not outcome.fired:
        log.left_out.append(matrix.not_fired(candidate, run))
    else:
        log.counts[outcome.status] += 1
    if outcome.fired and outcome.status is Status.HELD:
        log.held.append(Held(candidate.plan, run))
    events: list[Event] = [
        Judged(
            baseline.workflow,
            run,
            outcome.status,
            outcome.verdicts,
            log.experiments,
            log.experiments + left,
        )
    ]
    told = (log.findings.add(run, verdict) for verdict in (*outcome.torn, *_as_unstable(outcome)))
    return [*events, *(FindingConfirmed(baseline.workflow, finding) for finding in told)]


def _as_unstable(outcome: Outcome) -> Iterator[Verdict]:
    reasons = list(unstable_reasons(outcome))
    if reasons:
        yield Verdict(registry.rule("RS902"), Status.TORN, reasons[0], {"verdicts": reasons})
