"""The engine: explores one workflow and yields events. It knows no pytest, no terminal, no socket."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from ripstop.errors import BaselineError
from ripstop.explore import baseline as baselines
from ripstop.explore import matrix, planning
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


def explore(runner: WorkflowRunner, options: Options, *, started: float | None = None) -> Iterator[Event]:
    """Explore a workflow: its baseline, its singles, and what they uncover.

    ``started`` is the time (time.monotonic) from which ``max_time_s`` counts. A workflow without
    a baseline yields WorkflowRefused; ExperimentError and StartError pass through.
    """
    began = time.monotonic()
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
    yield from _run_all(Trial(runner, baseline), candidates, log, options, deadline)
    yield WorkflowDone(
        baseline,
        log.findings.sorted(),
        matrix.cells(log.cells, log.left_out),
        tuple(log.left_out),
        tuple(log.held),
        log.experiments,
        time.monotonic() - began,
        log.skipped,
        {str(status): log.counts[status] for status in Status},
    )


def _judge_control(log: _Log, control: Experiment, baseline: Baseline) -> Iterator[Event]:
    for verdict in torn(registry.judge(control, baseline)):
        yield FindingConfirmed(baseline.workflow, log.findings.add(control, verdict))


def _run_all(
    trial: Trial, candidates: list[Candidate], log: _Log, options: Options, deadline: float | None
) -> Iterator[Event]:
    reducer = Reducer(active=options.reduce)
    queue = deque(candidates)
    seen: set[Plan] = {c.plan for c in candidates}
    while queue:
        candidate = queue.popleft()
        if deadline is not None and time.monotonic() >= deadline:
            log.left_out.append(matrix.reduced(candidate, "out-of-time"))
            continue
        if reason := reducer.reason(candidate):
            log.left_out.append(matrix.reduced(candidate, reason))
            log.skipped += 1
            continue
        outcome = trial.of(candidate.plan, log.findings)
        reducer.learn(candidate, outcome.experiment, trial.baseline, outcome.status, outcome.torn)
        for more in planning.uncovered(trial.baseline, outcome.experiment, trial.runner.facts, options):
            if more.plan not in seen:
                seen.add(more.plan)
                queue.append(more)
        yield from _book(
            log, candidate, outcome, trial.baseline, log.experiments + len(outcome.runs) + len(queue)
        )


def _book(
    log: _Log, candidate: Candidate, outcome: Outcome, baseline: Baseline, planned: int
) -> Iterator[Event]:
    run = outcome.experiment
    log.experiments += len(outcome.runs)
    log.cells += [matrix.cell(candidate, outcome)] if outcome.fired else []
    if not outcome.fired:
        log.left_out.append(matrix.not_fired(candidate, run))
    else:
        log.counts[outcome.status] += 1
    if outcome.fired and outcome.status is Status.HELD:
        log.held.append(Held(candidate.plan, run))
    yield Judged(baseline.workflow, run, outcome.status, outcome.verdicts, log.experiments, planned)
    for verdict in (*outcome.torn, *_as_unstable(outcome)):
        yield FindingConfirmed(baseline.workflow, log.findings.add(run, verdict))


def _as_unstable(outcome: Outcome) -> Iterator[Verdict]:
    reasons = list(unstable_reasons(outcome))
    if reasons:
        yield Verdict(registry.rule("RS902"), Status.TORN, reasons[0], {"verdicts": reasons})
