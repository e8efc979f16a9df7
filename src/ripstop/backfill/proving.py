"""Is a candidate worth keeping? It is run three times on fresh state, and once with its fault off.

A pin must pass each time and fail by an assertion when disarmed. A finding's test must fail each
time by an assertion about the service. Running is the caller's: it comes in as a callable.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ripstop.backfill.candidate import FINDING, PIN, Candidate
from ripstop.model.trace import CLIENT

PASSED = "passed"
ASSERTION = "assertion"
NOT_FIRED = "not-fired"
ERROR = "error"
MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Result:
    """How one case of a test ended: ``verdict`` is one of the words above, ``said`` its last line."""

    verdict: str
    said: str = ""


Case = tuple[str, str, int]
"""File key, test name, index of the fault among the test's own."""

Run = Callable[[Mapping[str, str], bool, bool], Mapping[Case, Result]]
"""Runs files (key to text) in one pytest session: ``run(texts, disarmed, reverse)``."""


@dataclass(frozen=True, slots=True)
class Item:
    """A test to prove: a candidate of this run, or the text of an earlier one (``carried``)."""

    file: str
    name: str
    kind: str
    candidate: Candidate | None = None
    carried: str = ""

    @property
    def cases(self) -> int:
        return len(self.candidate.faults) if self.candidate else 0


Texts = Callable[[Sequence[Item], bool], Mapping[str, str]]
"""Renders the files that hold these items, disarmed or not."""


@dataclass(slots=True)
class Proof:
    """What is left, and why the rest is not."""

    items: list[Item]
    lost: list[tuple[Item, str]] = field(default_factory=list)


def prove(items: Sequence[Item], texts: Texts, run: Run) -> Proof:
    """Three armed runs, the second in reverse order, and a disarmed one after the first."""
    proof = Proof(list(items))
    for armed, reverse in ((True, False), (False, False), (True, True), (True, False)):
        asked = [item for item in proof.items if armed or item.kind == PIN]
        if armed is False:
            asked = [item for item in asked if not _give_up(proof, item)]
        if asked:
            _judge(proof, asked, run(texts(asked, not armed), not armed, reverse), armed=armed)
    return proof


def _give_up(proof: Proof, item: Item) -> bool:
    """A repetition is no fault; where no other request can stand in for it, nothing proves the test."""
    test = item.candidate
    if test is None or test.injection.crossing.seam != CLIENT or test.plain or test.other is not None:
        return False
    _lose(proof, item, "nothing can show that it is able to fail")
    return True


def _judge(proof: Proof, asked: Sequence[Item], results: Mapping[Case, Result], *, armed: bool) -> None:
    for item in asked:
        mine = {
            index: result for (f, n, index), result in results.items() if (f, n) == (item.file, item.name)
        }
        if item.candidate is None:
            problems = [_problem(item.kind, result, armed=armed) for result in mine.values()] or [
                _problem(item.kind, Result(MISSING), armed=armed)
            ]
            if any(problems):
                _lose(proof, item, next(p for p in problems if p))
            continue
        faults = item.candidate.faults
        found = [_problem(item.kind, mine.get(i, Result(MISSING)), armed=armed) for i in range(len(faults))]
        kept = tuple(fault for fault, problem in zip(faults, found, strict=True) if not problem)
        if not kept:
            _lose(proof, item, next(p for p in found if p))
        elif len(kept) < len(faults):
            _narrow(proof, item, kept, found)


def _problem(kind: str, result: Result, *, armed: bool) -> str:
    """Why a result does not qualify; empty where it does."""
    if result.verdict == MISSING:
        return "pytest did not run it"
    if result.verdict == ERROR:
        return f"it ends in an error, not in an assertion: {result.said}"
    if kind == FINDING:
        if result.verdict == PASSED:
            return "it passes now"
        return "its fault did not fire in a plain test" if result.verdict == NOT_FIRED else ""
    if armed:
        return "" if result.verdict == PASSED else f"it does not pass every time: {result.said}"
    return "it still passes with its fault off" if result.verdict == PASSED else ""


def _lose(proof: Proof, item: Item, why: str) -> None:
    proof.items.remove(item)
    proof.lost.append((item, why))


def _narrow(proof: Proof, item: Item, kept: tuple[object, ...], found: Sequence[str]) -> None:
    assert item.candidate is not None
    faults = item.candidate.faults
    place = proof.items.index(item)
    left = tuple(fault for fault in faults if fault in kept)
    gone = tuple(fault for fault in faults if fault not in kept)
    proof.items[place] = replace(item, candidate=replace(item.candidate, faults=left))
    why = next(p for p in found if p)
    proof.lost.append((replace(item, candidate=replace(item.candidate, faults=gone)), why))
