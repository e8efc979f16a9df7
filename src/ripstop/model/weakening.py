"""What a change of the tests took away: weakenings, how sure one is, and what was allowed in a commit."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Sure(StrEnum):
    """How sure a weakening is, from the surest. ``look`` asks for a reader and fails nothing by default."""

    SURE = "sure"
    LIKELY = "likely"
    LOOK = "look"


_ORDER = (Sure.SURE, Sure.LIKELY, Sure.LOOK)


def least(*given: Sure) -> Sure:
    """The least sure of several."""
    return max(given, key=_ORDER.index)


def reaches(given: Sure, bound: Sure) -> bool:
    """Whether one is at least as sure as a bound."""
    return _ORDER.index(given) <= _ORDER.index(bound)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of weakening: its stable name, a title and its own page (Markdown)."""

    slug: str
    title: str
    page: str


@dataclass(frozen=True, slots=True)
class Spot:
    """A line of one revision. ``line`` 0 means the file as a whole."""

    path: str
    line: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class Weakening:
    """One thing that the tests no longer check.

    ``rule`` is the slug of its kind, ``test`` the node id before the change, or the file. ``after`` is where
    a reader should look in the new revision, without text where nothing took the old line's place.
    ``tests`` counts those it holds for, where a helper, a fixture or the configuration was changed.
    """

    rule: str
    test: str
    before: Spot
    after: Spot
    sure: Sure
    why: str
    tests: int = 1


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a commit's trailer allows: one kind of weakening of one test, class or file, and why."""

    rule: str
    target: str
    reason: str
    commit: str

    def covers(self, weakening: Weakening) -> bool:
        """Whether it names this weakening: its test, a class or the file that it is in."""
        named = (weakening.test, weakening.before.path)
        return self.rule == weakening.rule and (
            self.target in named or weakening.test.startswith(f"{self.target}::")
        )


@dataclass(frozen=True, slots=True)
class Allowed:
    """A weakening and what allows it."""

    weakening: Weakening
    by: Allowance


@dataclass(frozen=True, slots=True)
class Guarded:
    """What the guard says of a range of commits.

    ``base`` and ``head`` are commit ids, ``head`` empty for the working tree. ``failing`` are the weakenings
    sure enough to fail the run, ``looks`` the others.
    """

    base: str
    head: str
    failing: tuple[Weakening, ...] = ()
    looks: tuple[Weakening, ...] = ()
    allowed: tuple[Allowed, ...] = ()
    notes: tuple[str, ...] = ()
    files: int = 0
    tests: int = 0
    kinds: tuple[Kind, ...] = ()
