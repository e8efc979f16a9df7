"""A workflow's matrix: one cell for each crossing and fault, whatever became of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ripstop.explore.planning import Candidate
from ripstop.explore.trial import Outcome
from ripstop.model.events import Cell
from ripstop.model.experiment import Experiment
from ripstop.model.trace import CrossingId
from ripstop.model.verdict import NotExercised, Severity


def cell(candidate: Candidate, outcome: Outcome) -> Cell:
    """The cell of an experiment that ran."""
    injection = candidate.plan.injections[-1]
    mark = str(outcome.status) if outcome.fired else "not exercised"
    codes = sorted({v.rule.code for v in outcome.torn if v.weight is not Severity.ADVICE})
    advice = sorted({f"{v.rule.code} (advice)" for v in outcome.torn if v.weight is Severity.ADVICE})
    note = " ".join((*codes, *advice)) or outcome.experiment.dirty
    return Cell(injection.crossing, injection.fault, mark, note)


def cells(
    ran: Iterable[Cell], left_out: Iterable[NotExercised], order: Sequence[CrossingId]
) -> tuple[Cell, ...]:
    """All cells in the order of the trace, those of faults that did not happen included."""
    missing = (Cell(n.crossing, n.fault, "not exercised", n.reason) for n in left_out)
    places = {crossing: position for position, crossing in enumerate(order)}
    return tuple(sorted((*ran, *missing), key=lambda cell: places.get(cell.crossing, len(places))))


def not_fired(candidate: Candidate, run: Experiment) -> NotExercised:
    """Why a fault that was armed did not happen."""
    injection = candidate.plan.injections[-1]
    if run.race is not None and run.race.note:
        return NotExercised(injection.crossing, injection.fault, "not-reached", run.race.note)
    reached = any(c.id == injection.crossing for c in run.trace)
    reason = "not-fired" if reached else "not-reached"
    detail = (
        "the crossing was made, the fault did not act" if reached else "the service never made this crossing"
    )
    return NotExercised(injection.crossing, injection.fault, reason, detail)


def reduced(candidate: Candidate, reason: str) -> NotExercised:
    """A candidate left out because its outcome is known."""
    injection = candidate.plan.injections[-1]
    return NotExercised(replace(injection.crossing), injection.fault, reason)
