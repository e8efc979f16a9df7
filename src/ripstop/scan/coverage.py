"""What is tested of a workflow: its failure modes, the exits that were entered, and the shares of it all."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ripstop.model.survey import Exit, FailureMode, Ranked, Reach, RiskCoverage
from ripstop.model.trace import CONNECT, Kind
from ripstop.scan.code import Function
from ripstop.scan.contexts import Contexts
from ripstop.scan.kept import Kept, crossing, worst
from ripstop.scan.testing.matching import Router
from ripstop.scan.testing.nouns import Test

Faults = Callable[[Reach], Sequence[str]]
"""The names of the faults that can happen at a crossing."""

_CONNECTING = frozenset({"postgres", "redis", "smtp"})
_STATUS = re.compile(r"\b([45]\d\d)$")
_HEADER_LINES = 8


@dataclass(slots=True)
class Evidence:
    """All that is known of tests, by a route's operation.

    ``calls`` are the tests that call it, ``errors`` those that take an error path there; ``faults`` the
    (operation, fault) that happen in a test which passes, ``statuses`` the error statuses it was answered,
    ``explored`` the marks of experiments by (protocol, operation, fault). ``seen`` tells that anything ran.
    """

    calls: dict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))
    errors: dict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))
    faults: dict[str, dict[tuple[str, str], dict[str, None]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(dict))
    )
    statuses: dict[str, dict[int, dict[str, None]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(dict))
    )
    explored: dict[str, dict[tuple[str, str, str], set[str]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(set))
    )
    failing: set[str] = field(default_factory=set)
    seen: bool = False


def gather(tests: Iterable[Test], kept: Kept, router: Router) -> Evidence:
    """What the texts of tests and what runs left come to, route by route."""
    found = Evidence(seen=bool(kept.tests or kept.judged))
    for test in tests:
        if test.red or kept.passes(test.nodeid) is False:
            found.failing.add(test.nodeid)
        _read(test, router, found, protects=test.nodeid not in found.failing)
        _ran(test, kept, router, found)
    for one in kept.judged:
        route = router.route(one.fired.asked)
        if route is not None:
            key = (one.fired.protocol, crossing(one.fired.operation), one.fired.fault)
            found.explored[route.operation][key].add(one.mark)
            if one.status is not None and one.status >= 400:
                found.statuses[route.operation][one.status][f"explore {one.nodeid}"] = None
    return found


def _read(test: Test, router: Router, found: Evidence, *, protects: bool) -> None:
    """What a test's text says."""
    for asked in test.asked:
        route = router.route(asked)
        if route is None:
            continue
        found.calls[route.operation][test.nodeid] = None
        if asked.error:
            found.errors[route.operation][test.nodeid] = None
        for status in asked.statuses if protects else ():
            found.statuses[route.operation][status][test.nodeid] = None
        for fault in asked.injected if protects else ():
            found.faults[route.operation][crossing(fault.operation), fault.fault][test.nodeid] = None


def _ran(test: Test, kept: Kept, router: Router, found: Evidence) -> None:
    """What its last run showed."""
    for run in kept.tests.get(test.nodeid, ()):
        for asked, status in run.steps:
            route = router.route(asked)
            if route is None:
                continue
            found.calls[route.operation][test.nodeid] = None
            if status is not None and status >= 400:
                found.errors[route.operation][test.nodeid] = None
                if run.passed:
                    found.statuses[route.operation][status][test.nodeid] = None
        for fired in run.fired:
            route = router.route(fired.asked)
            if route is not None:
                found.errors[route.operation][test.nodeid] = None
            if route is not None and run.passed:
                found.faults[route.operation][crossing(fired.operation), fired.fault][test.nodeid] = None


def failure_modes(
    reaches: Iterable[Reach], faults: Faults, tested: Evidence, route: str
) -> Iterator[FailureMode]:
    """Each fault at each crossing, once, in order; opening a connection goes before the first use of it."""
    seen: set[tuple[str, str]] = set()
    crossings = [one for reach in reaches for one in (*_connecting(reach), reach)]
    calls = {one.operation for one in crossings if one.kind is Kind.CALL}
    for reach in crossings:
        if (reach.protocol, reach.operation) in seen:
            continue
        seen.add((reach.protocol, reach.operation))
        named = crossing(reach.operation)
        for fault in faults(reach):
            by = dict(tested.faults[route].get((named, fault), {}))
            if reach.kind is Kind.CALL and len(calls) == 1:
                by |= tested.faults[route].get(("", fault), {})
            marks = tested.explored[route].get((reach.protocol, named, fault), set())
            yield FailureMode(
                reach.protocol,
                reach.operation,
                fault,
                reach.place,
                tuple(by),
                worst(frozenset(marks)),
            )


def _connecting(reach: Reach) -> Iterator[Reach]:
    if reach.protocol in _CONNECTING:
        yield replace(reach, operation=CONNECT, kind=Kind.CONNECT, target="", in_transaction=False)


def entered(
    exits: Sequence[Exit],
    contexts: Contexts,
    tested: Evidence,
    route: str,
    source: Callable[[str], Sequence[str]],
) -> tuple[Exit, ...]:
    """The exits with those who took them: by the lines they ran, by the status where only one gives it."""
    alone = _alone(exits)
    found = []
    for way_out in exits:
        by: dict[str, None] = {}
        ran = contexts.ran(way_out.place.path, _inside(way_out, source))
        by |= dict.fromkeys(sorted(ran or ()))
        status = alone.get((way_out.kind, way_out.place.path, way_out.place.line))
        if status is not None:
            by |= tested.statuses[route].get(status, {})
        looked = ran is not None or (tested.seen and status is not None)
        found.append(replace(way_out, entered_by=tuple(by) if by or looked else None))
    return tuple(found)


def _alone(exits: Iterable[Exit]) -> Mapping[tuple[str, str, int], int]:
    """The exits whose status no other of their kind gives: who was answered it has taken them."""
    by_status: dict[tuple[bool, int], list[Exit]] = defaultdict(list)
    for way_out in exits:
        stated = _STATUS.search(way_out.what)
        if stated:
            by_status[way_out.kind == "except", int(stated[1])].append(way_out)
    return {
        (several[0].kind, several[0].place.path, several[0].place.line): status
        for (_, status), several in by_status.items()
        if len(several) == 1
    }


def _inside(way_out: Exit, source: Callable[[str], Sequence[str]]) -> int:
    """The line that tells whether an exit was taken: an ``except`` line is run for every exception that
    comes by, so that its first statement is asked."""
    line = way_out.place.line
    if way_out.kind != "except":
        return line
    after = source(way_out.place.path)[line - 1 :]
    for index, text in enumerate(after[:_HEADER_LINES]):
        code = text.partition("#")[0].rstrip()
        if code.endswith(":"):
            inner = (i for i, one in enumerate(after[index + 1 :]) if one.strip() and one.strip()[0] != "#")
            return line + index + 1 + next(inner, 0)
    return line


def by_lines(functions: Iterable[Function], contexts: Contexts) -> frozenset[str]:
    """The tests that ran a line inside the first of these functions, which is the handler."""
    handler = next(iter(functions), None)
    if handler is None:
        return frozenset()
    return contexts.within(handler.place.path, handler.place.line + 1, handler.end_line)


def shares(workflows: Iterable[Ranked], tests: Iterable[Test], tested: Evidence) -> RiskCoverage:
    """The counts behind the two shares.

    A workflow's score is spread evenly over its failure modes; those that happen in a passing test are
    tested. Where none is known, a passing test stands for all of it.
    """
    total = done = 0
    for one in workflows:
        total += one.score
        modes = one.failure_modes
        behind = sum(any(test not in tested.failing for test in mode.tested_by) for mode in modes)
        passing = any(test not in tested.failing for test in one.tests)
        done += round(one.score * behind / len(modes)) if modes else one.score * passing
    errors = {test for several in tested.errors.values() for test in several}
    counted = list(tests)
    mine = [one for one in counted if not one.generated]
    made = [one for one in counted if one.generated]
    return RiskCoverage(
        total,
        done,
        len(mine),
        sum(one.error or one.nodeid in errors for one in mine),
        len(made),
        sum(one.error or one.nodeid in errors for one in made),
    )
