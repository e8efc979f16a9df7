"""The rows of the checklist, and which of them a test serves."""

from __future__ import annotations

from ripstop.backfill.names import effect_before
from ripstop.model.experiment import Baseline
from ripstop.model.fault import FaultSpec
from ripstop.model.plan import Injection
from ripstop.model.trace import CLIENT, Kind

HAPPY = "happy path"
REFUSES = "dependency refuses"
TIMES_OUT = "dependency times out"
AFTER_EFFECT = "write fails after the effect"
REPEATED = "repeated request"
VALIDATES = "broken request refused"
GUARDED = "wrong caller refused"
ROWS = (HAPPY, REFUSES, TIMES_OUT, AFTER_EFFECT, REPEATED, VALIDATES, GUARDED)

DOUBLED = frozenset({"repeated_request", "client_gone"})
IDENTITY = frozenset({"no_credentials", "other_credentials"})

WAITING = frozenset({"hang", "stall", "late_reply", "slow", "unreachable"})
_REFUSING = frozenset(
    {"connection_refused", "connection_reset", "declined", "pool_exhausted", "status", "unresolved"}
)


def rows_of(baseline: Baseline, injection: Injection, fault: FaultSpec, *, repeats: bool) -> tuple[str, ...]:
    """The checklist rows that a test of this fault at this place speaks to."""
    found = []
    if fault.name in _REFUSING:
        found.append(REFUSES)
    if fault.name in WAITING:
        found.append(TIMES_OUT)
    if writes(baseline, injection) and fault.name not in WAITING and effect_before(baseline, injection):
        found.append(AFTER_EFFECT)
    if alters(fault):
        return (GUARDED,) if fault.name in IDENTITY else (VALIDATES,)
    if repeats or injection.crossing.seam == CLIENT:
        found.append(REPEATED)
    return tuple(found)


def alters(fault: FaultSpec) -> bool:
    """Whether the fault is in the request that the caller sends."""
    return fault.name in IDENTITY or fault.name == "unknown_id" or fault.name.startswith("field_")


def writes(baseline: Baseline, injection: Injection) -> bool:
    """Whether the broken crossing is a write or a COMMIT."""
    place = injection.crossing
    return any(
        c.kind in (Kind.WRITE, Kind.COMMIT)
        for c in baseline.trace
        if (c.id.seam, c.id.operation) == (place.seam, place.operation)
    )
