"""The cases of a test before and after: which are gone, and which of the new ones stands for one of them."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from ripstop.integrity.guard.cases import Case, Table, bindings
from ripstop.integrity.guard.change import Pair
from ripstop.integrity.guard.reading import names_of


@dataclass(frozen=True, slots=True)
class LostCase:
    """A case that is no more. ``new`` is the one that has its place, where there is one."""

    case: Case
    new: Case | None
    only_expected: bool = False
    """Whether the new one differs in nothing but what is expected."""


def lost(pair: Pair) -> Iterator[LostCase]:
    """The cases of a pair that are gone, where both sides give values to as many names."""
    before, after = pair.before.tables, pair.after.tables
    if pair.expanded or not before:
        return
    names = _renamed(before, after)
    combined = _combinations(after)
    for table in before:
        if table.cases is None:
            continue
        own = tuple(names.get(name, name) for name in table.names)
        known = (
            {tuple(one.get(name, "") for name in own) for one in combined} if combined is not None else None
        )
        rivals = [t for t in after if set(t.names) == set(own) and t.cases is not None]
        if known is not None:
            yield from _gone(table, own, known, rivals[0] if rivals else None, _expected(pair))


def _renamed(before: tuple[Table, ...], after: tuple[Table, ...]) -> dict[str, str]:
    """Old names to new ones: by name, the rest by their place."""
    old, new = names_of(before), names_of(after)
    left, free = [n for n in old if n not in new], [n for n in new if n not in old]
    return dict(zip(left, free, strict=False))


def _combinations(after: tuple[Table, ...]) -> list[dict[str, str]] | None:
    found = bindings(after)
    if found is None:
        return _each_alone(after)
    return [{name: ast.unparse(value) for name, value in one.items()} for one in found]


def _each_alone(after: tuple[Table, ...]) -> list[dict[str, str]] | None:
    """Where the product is too large, the cases of each table by themselves; None where any is computed."""
    told: list[dict[str, str]] = []
    for table in after:
        if table.cases is None:
            return None
        told += [dict(zip(table.names, case.text, strict=False)) for case in table.cases]
    return told


def _expected(pair: Pair) -> frozenset[str]:
    """The names that stand for what is expected: a check's whole value is one of them."""
    names = set(names_of(pair.before.tables)) | set(names_of(pair.after.tables))
    values = {check.value.shallow for check in (*pair.before.checks, *pair.after.checks) if check.value}
    values |= {check.detail for check in (*pair.before.checks, *pair.after.checks)}
    return frozenset(names & values)


def _gone(
    table: Table,
    own: tuple[str, ...],
    known: set[tuple[str, ...]],
    rival: Table | None,
    expected: frozenset[str],
) -> Iterator[LostCase]:
    cases = [case for case in table.cases or () if len(case.values) == len(own) and case.text not in known]
    old = {case.text for case in table.cases or ()}
    fresh = [case for case in (rival.cases or () if rival else ()) if _ordered(case, rival, own) not in old]
    inputs = [place for place, name in enumerate(own) if name not in expected]
    by_input = {tuple(_ordered(c, rival, own)[p] for p in inputs): c for c in fresh} if inputs else {}
    for case in cases:
        same = by_input.pop(tuple(case.text[place] for place in inputs), None)
        if same is not None:
            fresh.remove(same)
            yield LostCase(case, same, only_expected=True)
        else:
            yield LostCase(case, fresh.pop(0) if fresh else None)


def _ordered(case: Case, table: Table | None, own: tuple[str, ...]) -> tuple[str, ...]:
    told = dict(zip(table.names, case.text, strict=False)) if table else {}
    return tuple(told.get(name, "") for name in own)


def counted(table: Table) -> int:
    """How many different cases a table has."""
    return len(Counter(case.text for case in table.cases or ()))
