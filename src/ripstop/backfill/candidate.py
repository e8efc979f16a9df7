"""A test that might be written: what it breaks, what it asserts, and its source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ripstop.backfill.encode import Call, Raw, laid_out, statement
from ripstop.backfill.timing import takes_place
from ripstop.model.fault import FaultSpec
from ripstop.model.plan import Injection
from ripstop.model.trace import CLIENT

PIN = "pin"
FINDING = "finding"
_POSITIONAL = {"status": "code", "sqlstate": "code", "declined": "error", "late_reply": "delay_ms"}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A test with its parts kept apart, so that faults can be dropped and the repeat varied.

    ``before`` leads up to the broken request, ``call`` is it, ``after`` asserts. Lines are whole
    statements with their indentation. ``counts`` binds the block as ``broken``. ``again`` is the
    assignment of a repetition that comes right after the block. ``rows`` are the checklist rows it
    serves. ``key`` is its identity across runs, ``reason`` a finding's code and sentence.
    """

    name: str
    kind: str
    workflow: str
    injection: Injection
    faults: tuple[FaultSpec, ...]
    before: tuple[str, ...]
    call: Call
    after: tuple[str, ...]
    counts: bool = False
    reason: str = ""
    rows: tuple[str, ...] = ()
    key: str = ""
    waits: bool = False
    plain: tuple[tuple[str, ...], Call] | None = None
    """For a broken request, what ``before`` and ``call`` are for the good one: the proof again."""
    fixtures: tuple[str, ...] = ()
    second: Call | None = None
    """For a race, the other request: it is sent while ``call`` is held."""
    clock: Call | None = None
    """For a run in another time, what moves the clock: before the request, or before all others."""
    other: tuple[str, ...] | None = None
    """For a repeated request, what ``after`` is when the repetition is made another request instead:
    the proof that the assertions can fail. None where that cannot be written."""


def source(test: Candidate, *, red: bool = False, disarmed: bool = False) -> str:
    """The test as a function. With ``red`` a finding carries no xfail."""
    several = len(test.faults) > 1
    arguments = ", ".join(("service", "seams", *["fault"] * several, *test.fixtures))
    after = test.other if disarmed and test.other is not None else test.after
    answer = "response = " if any("response" in line for line in after) else ""
    before, call = test.plain if disarmed and test.plain is not None else (test.before, test.call)
    if test.clock is not None:
        line = statement("", test.clock)
        before = (line, *before) if takes_place(test.injection) else (*before, line)
    lines = [*_marks(test, red), f"def {test.name}({arguments}):", *before, *[""] * bool(before)]
    if test.second is not None:
        lines += _raced(test.injection, call, test.second)
    elif test.injection.crossing.seam == CLIENT or test.clock is not None:
        lines.append(statement(answer, call))
    else:
        inject = injection(test.injection, Raw("fault") if several else fault(test.faults[0]))
        lines.append(statement("with ", inject, " as broken:" if test.counts else ":"))
        lines.append(statement(answer, test.call, indent=8))
    blank = [] if after[:1] == ("",) else [""]
    return "\n".join([*lines, *blank, *after])


def _raced(where: Injection, call: Call, second: Call) -> list[str]:
    """One request is held at a crossing while the other goes past."""
    place = where.crossing
    nth = [("nth", place.nth)] if place.nth != 1 else []
    return [
        statement("with ", Call(f"seams.{place.seam}.hold", [place.operation], nth), " as held:"),
        statement("first = ", call, indent=8),
        statement("second = ", second, indent=8),
    ]


def injection(where: Injection, what: Raw | Call) -> Call:
    """``seams.db.inject(fault, at="INSERT orders")``."""
    named: list[tuple[str, object]] = [("at", where.crossing.operation)]
    named += [("nth", where.crossing.nth)] if where.crossing.nth != 1 else []
    named += [("tries", where.tries)] if where.tries != 1 else []
    return Call(f"seams.{where.crossing.seam}.inject", [what], named)


def fault(spec: FaultSpec) -> Call:
    """``faults.status(503)``: a fault as its own function makes it."""
    first = _POSITIONAL.get(spec.name)
    params = dict(spec.params)
    args = [params.pop(first)] if first in params else []
    return Call(f"faults.{spec.name}", args, list(params.items()))


def _marks(test: Candidate, red: bool) -> Sequence[str]:
    marks = []
    if test.kind == FINDING and not red:
        mark = Call(
            "pytest.mark.xfail",
            (),
            [("strict", True), ("reason", test.reason), ("raises", Raw("AssertionError"))],
        )
        marks.append(f"@{laid_out(mark, lead=1)}")
    if len(test.faults) > 1:
        offered = Call(
            "pytest.mark.parametrize",
            ["fault", [fault(spec) for spec in test.faults]],
            [("ids", Raw("str"))],
        )
        marks.append(f"@{laid_out(offered, lead=1)}")
    return marks
