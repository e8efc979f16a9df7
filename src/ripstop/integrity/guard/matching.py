"""Holds the checks of a test before against those after: what is still asked, and what became of the rest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ripstop.integrity.guard.checks import Check
from ripstop.integrity.guard.classes import Parents
from ripstop.integrity.guard.implying import Related, Relation, implies, relate
from ripstop.integrity.guard.terms import AKIN, ALIKE, AS_WRITTEN, EXACT

_MOST = 160
"""Checks a side that are held against each other one by one, after those that are the same are put aside."""


@dataclass(frozen=True, slots=True)
class Lost:
    """A check no longer made. ``new`` stands in its place, related as told; None where nothing does."""

    check: Check
    new: Check | None = None
    related: Related | None = None


@dataclass(frozen=True, slots=True)
class Matched:
    """What is lost, what is asked anew, and how many checks are still made."""

    lost: tuple[Lost, ...]
    gained: tuple[Check, ...]
    kept: int


def match(old: Sequence[Check], new: Sequence[Check], known: Parents) -> Matched:
    """Pair the checks of two bodies, the nearest first."""
    old = _once(old)
    rest, free = _same_put_aside(old, list(new))
    kept = len(old) - len(rest)
    table = {
        (i, j): found
        for i, check in enumerate(rest[:_MOST])
        for j, other in enumerate(new[: 2 * _MOST])
        if (found := relate(check, other, known))
    }
    open_, used = _implied(rest, new, free, table, known)
    lost = _stand_ins(open_, rest, new, used, table)
    gained = tuple(check for j, check in enumerate(new) if j not in used)
    return Matched(tuple(lost), gained, kept + len(rest) - len(open_))


def _once(checks: Sequence[Check]) -> list[Check]:
    """Without what is asked twice while nothing happens in between."""
    return list({(check.key, check.era, check.turn): check for check in checks}.values())


def _same_put_aside(old: list[Check], new: list[Check]) -> tuple[list[Check], set[int]]:
    """What of old is not there word for word, and which of new are not taken by that."""
    places: dict[object, list[int]] = defaultdict(list)
    for j, check in enumerate(new):
        places[check.key].append(j)
    free, rest = set(range(len(new))), []
    for check in old:
        if found := places.get(check.key):
            free.discard(found[0] if new[found[0]].repeats else found.pop(0))
        else:
            rest.append(check)
    return rest, free


Table = dict[tuple[int, int], Related]


def _implied(
    rest: list[Check], new: Sequence[Check], free: set[int], table: Table, known: Parents
) -> tuple[list[int], set[int]]:
    """The old checks that no new one implies, and which of new are used up."""
    open_ = list(range(len(rest)))
    for level in (EXACT, AS_WRITTEN, ALIKE, AKIN):
        still = []
        for i in open_:
            chosen = _chosen(i, level, rest, new, free, table, known)
            if chosen is None:
                still.append(i)
            else:
                free.discard(chosen)
        open_ = still
    return open_, set(range(len(new))) - free


def _chosen(
    i: int, level: int, rest: list[Check], new: Sequence[Check], free: set[int], table: Table, known: Parents
) -> int | None:
    """A new check that implies the old one: a free one, or one that asks strictly more."""
    found = [
        j
        for j in range(min(len(new), 2 * _MOST))
        if (r := table.get((i, j))) and r.relation is Relation.IMPLIED and r.near == level
    ]
    for j in found:
        if j in free:
            return j
    for j in found:
        if level >= ALIKE and (new[j].repeats or not implies(rest[i], new[j], known)):
            return j
    return None


def _stand_ins(
    open_: list[int], rest: list[Check], new: Sequence[Check], used: set[int], table: Table
) -> list[Lost]:
    """For each lost check the nearest new one that is not spoken for."""
    pairs = sorted(
        ((found, i, j) for (i, j), found in table.items() if i in set(open_) and j not in used),
        key=lambda one: (-one[0].near, one[1], one[2]),
    )
    taken: dict[int, Lost] = {}
    for found, i, j in pairs:
        if i not in taken and j not in used and found.relation is not Relation.IMPLIED:
            taken[i] = Lost(rest[i], new[j], found)
            used.add(j)
    return [taken.get(i, Lost(rest[i])) for i in open_]


def found_in(check: Check, pool: Iterable[Check], known: Parents, least: int = EXACT) -> bool:
    """Whether a check is made somewhere else, of the same thing."""
    return any(other.guards <= check.guards and implies(other, check, known) >= least for other in pool)
