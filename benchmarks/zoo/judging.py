"""What two explorations say of a pair: was its bug found, by the right code and there; was the twin clean."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.zoo.pairs import Pair
from benchmarks.zoo.running import First, Run, Told

from ripstop.model.verdict import Severity
from ripstop.oracles import registry

_NEVER_MORE = {rule.code for rule in registry.RULES if rule.severity is Severity.ADVICE}


@dataclass(frozen=True, slots=True)
class Judgement:
    """``found`` counts whole explorations only; ``false_alarms`` are the twin's, one for each place.

    A twin that could not be explored is one false alarm: nobody can say that it is clean.
    ``elsewhere`` holds operations that the right code named in place of the one expected.
    """

    pair: Pair
    bug: Run
    twin: Run
    found: bool
    first: First | None
    elsewhere: tuple[str, ...]
    others: tuple[str, ...]
    false_alarms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """All pairs together; ``first_p50`` is the median of experiments to the first right finding."""

    found: int
    pairs: int
    false: int
    first_p50: float | None

    @property
    def perfect(self) -> bool:
        return self.found == self.pairs and not self.false

    def __str__(self) -> str:
        first = "-" if self.first_p50 is None else f"{self.first_p50:g}"
        return f"zoo found {self.found}/{self.pairs} false {self.false} first_p50 {first} experiments"


def judge(pair: Pair, bug: Run, twin: Run) -> Judgement:
    """Weigh a pair's two runs against what its pair.toml promises."""
    also = {(one.code, one.step, one.operation) for one in twin.findings}
    planted = [one for one in bug.findings if (one.code, one.step, one.operation) not in also]
    right = [one for one in planted if _right(one, pair)]
    elsewhere = (
        ()
        if right
        else tuple(f"{one.step} > {one.operation}" for one in bug.findings if one.code in pair.codes)
    )
    firsts = [one for one in bug.firsts if _right(one.told, pair)]
    found = bool(right) and not bug.problem
    return Judgement(
        pair=pair,
        bug=bug,
        twin=twin,
        found=found,
        first=min(firsts, key=lambda one: one.seconds, default=None) if found else None,
        elsewhere=elsewhere,
        others=tuple(
            sorted({one.code for one in bug.findings if one.code not in pair.codes and not _dead(one)})
        ),
        false_alarms=("-",) if twin.problem else tuple(sorted(o.code for o in twin.findings if not _dead(o))),
    )


def score(judged: Sequence[Judgement]) -> Score:
    firsts = [one.first.experiments for one in judged if one.first]
    return Score(
        found=sum(one.found for one in judged),
        pairs=len(judged),
        false=sum(len(one.false_alarms) for one in judged),
        first_p50=statistics.median(firsts) if firsts else None,
    )


def _right(one: Told, pair: Pair) -> bool:
    """Whether a finding has the right code and names the right operation: as crossing, or as request.

    An advice is no finding, but by a rule that gives nothing else.
    """
    there = not pair.at or pair.at in (one.operation, _request(one.step))
    return one.code in pair.codes and there and (not one.advice or one.code in _NEVER_MORE)


def _request(step: str) -> str:
    """A step's request without its number."""
    return step.partition(" (")[0]


def _dead(one: Told) -> bool:
    """The advice that a dead network outlasts a statement timeout: true of most services, and no bug."""
    return one.advice and one.code == "RS102" and set(one.faults) == {"stall"}
