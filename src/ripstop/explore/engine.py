"""The engine: explores one workflow and yields events. It knows no pytest, no terminal, no socket."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
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


def explore(
    runners: Sequence[WorkflowRunner], options: Options, *, started: float | None = None
) -> Iterator[Event]:
    """Explore one workflow: its baseline, its singles, and what they uncover.

    All ``runners`` run the same workflow, each on a set-up of its own; the first is used from the
    calling thread and takes the baseline. ``max_time_s`` counts from ``started`` (time.monotonic).
    A workflow without a baseline yields WorkflowRefused; ExperimentError and StartError pass through.
    """
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
    queue = _Queue(
        deque(candidates), Reducer(active=options.reduce), deadline, log, {c.plan for c in candidates}
    )
    unsafe: set[str] = set()
    trials = [Trial(each, baseline, unsafe=unsafe) for each in runners]
    yield from _run_all(trials, queue, options)
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


def _judge_control(log: _Log, control: Experiment, baseline: Baseline) -> Iterator[Event]:
    for verdict in torn(registry.judge(control, baseline)):
        yield FindingConfirmed(baseline.workflow, log.findings.add(control, verdict))


@dataclass(slots=True)
class _Queue:
    """Candidates still to run, none twice, and those that a deadline or a known outcome leaves out."""

    waiting: deque[Candidate]
    reducer: Reducer
    deadline: float | None
    log: _Log
    seen: set[Plan] = field(default_factory=set)

    def take(self, most: int) -> list[Candidate]:
        """The next candidates to run together, at most so many."""
        taken: list[Candidate] = []
        while self.waiting and len(taken) < most:
            candidate = self.waiting.popleft()
            if self.deadline is not None and time.monotonic() >= self.deadline:
                self.log.left_out.append(matrix.reduced(candidate, "out-of-time"))
            elif reason := self.reducer.reason(candidate):
                self.log.left_out.append(matrix.reduced(candidate, reason))
                self.log.skipped += 1
            else:
                taken.append(candidate)
        return taken

    def add(self, candidates: Iterable[Candidate]) -> None:
        """Queue what an experiment uncovered."""
        for candidate in candidates:
            if candidate.plan not in self.seen:
                self.seen.add(candidate.plan)
                self.waiting.append(candidate)


def _run_all(trials: Sequence[Trial], queue: _Queue, options: Options) -> Iterator[Event]:
    """Run batches of one candidate a trial; outcomes are booked in the candidates' order."""
    baseline, facts = trials[0].baseline, trials[0].runner.facts
    log = queue.log
    with _helpers(len(trials) - 1) as pool:
        while batch := queue.take(len(trials)):
            others = [
                pool.submit(trial.of, candidate.plan, log.findings)
                for trial, candidate in zip(trials[1:], batch[1:], strict=False)
            ]
            outcomes = [trials[0].of(batch[0].plan, log.findings), *(other.result() for other in others)]
            for candidate, outcome in zip(batch, outcomes, strict=True):
                run = outcome.experiment
                trials[0].unsafe.update(_doubled(candidate, outcome))
                if candidate.unasked:
                    continue
                if outcome.fired:
                    queue.reducer.learn(candidate, run, baseline, outcome.status, outcome.torn)
                else:
                    queue.reducer.learn_alone(candidate, run)
                queue.add(planning.uncovered(baseline, run, facts, options))
                yield from _book(log, candidate, outcome, baseline, len(queue.waiting))


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
    yield Judged(
        baseline.workflow, run, outcome.status, outcome.verdicts, log.experiments, log.experiments + left
    )
    for verdict in (*outcome.torn, *_as_unstable(outcome)):
        yield FindingConfirmed(baseline.workflow, log.findings.add(run, verdict))


def _as_unstable(outcome: Outcome) -> Iterator[Verdict]:
    reasons = list(unstable_reasons(outcome))
    if reasons:
        yield Verdict(registry.rule("RS902"), Status.TORN, reasons[0], {"verdicts": reasons})
