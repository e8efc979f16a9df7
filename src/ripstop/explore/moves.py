"""Moves of the clock as plans: where they can be made, and what follows on one that tore nothing."""

from __future__ import annotations

from dataclasses import replace

from ripstop.model.experiment import Baseline, Experiment
from ripstop.model.fault import FaultSpec
from ripstop.model.plan import Plan
from ripstop.model.trace import CLOCK, Crossing, CrossingId, Kind, Trace
from ripstop.oracles.expiry_not_kept import AFTER, LEEWAY_S, honoured


def crossing(step: str, seam: str) -> Crossing:
    """The moment before a step's request."""
    return Crossing(CrossingId(step, seam, step), CLOCK, Kind.OTHER)


def crossings(baseline: Baseline, seam: str) -> Trace:
    """One before each step of a workflow, where there is a clock."""
    return tuple(crossing(step.name, seam) for step in baseline.steps) if seam else ()


def well_after(run: Experiment, baseline: Baseline) -> Plan | None:
    """Where something was honoured just after it had expired: the same once no leeway excuses it."""
    (injection, *more) = run.plan.injections
    params = dict(injection.fault.params)
    late_s = params.get("late_s")
    if more or injection.fault.name != AFTER or not isinstance(late_s, int) or late_s >= LEEWAY_S:
        return None
    if not run.fired or not honoured(run, baseline):
        return None
    later = FaultSpec.of(AFTER, **{**params, "late_s": LEEWAY_S})
    return Plan((replace(injection, fault=later),))
