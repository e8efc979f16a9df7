"""The checklist of a workflow: seven questions, each pinned, found torn, or absent with the reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ripstop.backfill.pins import Dropped
from ripstop.backfill.rows import (
    AFTER_EFFECT,
    GUARDED,
    HAPPY,
    REFUSES,
    REPEATED,
    ROWS,
    TIMES_OUT,
    VALIDATES,
    rows_of,
)
from ripstop.model.events import WorkflowDone
from ripstop.model.plan import Injection

PINNED = "pinned"
TORN = "torn"
ABSENT = "absent"
_LISTED = 3
_STRUCTURAL = {
    REFUSES: "it calls nothing that could refuse",
    TIMES_OUT: "it calls nothing that could keep it waiting",
    AFTER_EFFECT: "it writes nothing after an effect",
    REPEATED: "no request of it was sent again",
    VALIDATES: "no request of it has a field or an id that was refused",
    GUARDED: "no request of it was refused for who asks",
}
_SLUGS = {
    "filtered": "left out by --seam or --fault",
    "out-of-time": "time ran out",
    "not-fired": "the fault did not act",
    "not-reached": "the service never came there",
    "reduced-loop": "left out as one of many alike",
    "reduced-same-outcome": "left out as one of many alike",
    "reduced-same-state": "left out as one of many alike",
    "reduced-same-wait": "left out as one of many alike",
}


@dataclass(frozen=True, slots=True)
class Told:
    """One row: its mark and what stands behind it (test names, codes, a reason)."""

    row: str
    mark: str
    details: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """A test that is in the file: its name, the rows it serves, a finding's code."""

    name: str
    rows: tuple[str, ...]
    code: str = ""


def checklist(
    done: WorkflowDone, kept: Sequence[Kept], torn: Sequence[Kept], dropped: Iterable[Dropped]
) -> tuple[Told, ...]:
    """All seven rows. ``torn`` are findings without a test (their ``name`` says why)."""
    dropped = list(dropped)
    happy = Told(HAPPY, PINNED, (done.baseline.nodeid,))
    return (happy, *(_told(row, done, kept, torn, dropped) for row in ROWS if row != HAPPY))


def _told(
    row: str, done: WorkflowDone, kept: Sequence[Kept], torn: Sequence[Kept], dropped: Sequence[Dropped]
) -> Told:
    findings = [f"{t.code} {t.name}" for t in kept if t.code and row in t.rows]
    findings += [f"{t.code} (no test: {t.name})" for t in torn if row in t.rows]
    pinned = [t.name for t in kept if not t.code and row in t.rows]
    if findings:
        return Told(row, TORN, _some(findings, [f"pinned besides: {name}" for name in pinned]))
    if pinned:
        return Told(row, PINNED, _some(pinned))
    return Told(row, ABSENT, (_why(row, done, dropped),))


def _some(first: Sequence[str], then: Sequence[str] = ()) -> tuple[str, ...]:
    shown = [*first[:_LISTED], *then[:1]]
    more = len(first) + len(then) - len(shown)
    return (*shown, f"and {more} more") if more else tuple(shown)


def _why(row: str, done: WorkflowDone, dropped: Sequence[Dropped]) -> str:
    for one in dropped:
        if row in one.rows or not one.rows:
            return one.reason
    for left in done.not_exercised:
        injection = Injection(left.crossing, left.fault)
        if row in rows_of(done.baseline, injection, left.fault, repeats=False):
            return _SLUGS.get(left.reason, left.reason)
    return _STRUCTURAL[row]


def lines(workflow: str, told: Sequence[Told]) -> list[str]:
    """The checklist as text for a terminal."""
    width = max(len(one.row) for one in told)
    found = [workflow]
    for one in told:
        first, *rest = one.details or ("",)
        found.append(f"  {one.row:<{width}}  {one.mark:<6}  {first}")
        found += [f"  {'':<{width}}  {'':<6}  {text}" for text in rest]
    return found
