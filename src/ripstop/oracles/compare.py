"""What two readings of the world have in common: rows, effects and answers, volatile values left out.

Pure and shared by every oracle. Nothing here decides what counts as torn.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ripstop.model.experiment import Baseline
from ripstop.model.http import Answer
from ripstop.model.state import Change, Effect, Row

Values = tuple[tuple[str, str | None], ...]
ANY = "*"
"""Stands for a volatile value that is there; NULL stays NULL, so that its absence still shows."""


@dataclass(frozen=True, slots=True, order=True)
class RowFact:
    """One net row change. ``old`` and ``new`` are sorted (column, value), volatile values as ``ANY``."""

    kind: str
    table: str
    old: Values = ()
    new: Values = ()


@dataclass(frozen=True, slots=True, order=True)
class EffectFact:
    """One effect that stands. ``data`` is sorted (field, JSON text), volatile values as ``ANY``."""

    seam: str
    kind: str
    data: Values = ()


Rows = Counter[RowFact]
Effects = Counter[EffectFact]


@dataclass(slots=True)
class _Row:
    kind: str
    table: str
    old: Row | None
    new: Row | None


def rows(changes: Iterable[Change], baseline: Baseline, *, journal: bool = False) -> Rows:
    """The net changes as a multiset: what a row was before and is after, however it got there.

    A row inserted and deleted leaves nothing, chains of updates count as one. Tables of the
    declared journal are left out unless ``journal`` asks for them.
    """
    live: list[_Row] = []
    for change in changes:
        if journal or change.table not in baseline.journal:
            _fold(live, change)
    return Counter(_fact(row, baseline) for row in live if row.old != row.new or row.kind == "truncate")


def _fold(live: list[_Row], change: Change) -> None:
    earlier = _find(live, change.table, change.old) if change.kind in ("update", "delete") else None
    if earlier is None:
        if change.kind == "insert" and (gone := _deleted(live, change)):
            live.remove(gone)
        else:
            live.append(_Row(change.kind, change.table, change.old, change.new))
    elif change.kind == "update":
        earlier.new = change.new
    elif earlier.kind == "insert":
        live.remove(earlier)
    else:
        earlier.kind, earlier.new = "delete", None


def _find(live: Sequence[_Row], table: str, image: Row | None) -> _Row | None:
    if image is None:
        return None
    return next((row for row in reversed(live) if row.table == table and row.new == image), None)


def _deleted(live: Sequence[_Row], change: Change) -> _Row | None:
    same = (r for r in live if r.kind == "delete" and r.table == change.table and r.old == change.new)
    return next(same, None)


def _fact(row: _Row, baseline: Baseline) -> RowFact:
    old, new = _stable(row.table, row.old, baseline), _stable(row.table, row.new, baseline)
    return RowFact(row.kind, row.table, old, new)


def _stable(table: str, image: Row | None, baseline: Baseline) -> Values:
    if image is None:
        return ()
    loose = baseline.volatile_columns
    return tuple(
        (column, ANY if value is not None and (table, column) in loose else value)
        for column, value in sorted(image.items())
    )


def effects(found: Iterable[Effect], baseline: Baseline, *, net: bool = True) -> Effects:
    """The effects as a multiset by seam, kind and stable data.

    With ``net`` an effect whose data names what it ``compensates`` cancels one of that kind
    on its seam, the latest first, and goes with it.
    """
    standing: list[Effect] = []
    for effect in found:
        undone = _compensated(standing, effect) if net else None
        if undone is None:
            standing.append(effect)
        else:
            standing.remove(undone)
    return Counter(EffectFact(e.seam, e.kind, _stable_data(e, baseline)) for e in standing)


def _compensated(standing: Sequence[Effect], effect: Effect) -> Effect | None:
    kind = effect.data.get("compensates")
    if not kind:
        return None
    return next((e for e in reversed(standing) if e.seam == effect.seam and e.kind == kind), None)


def _stable_data(effect: Effect, baseline: Baseline) -> Values:
    loose = baseline.volatile_data
    return tuple(
        (name, ANY if value is not None and (effect.kind, name) in loose else _text(value))
        for name, value in sorted(effect.data.items())
    )


def _text(value: Any) -> str | None:
    return None if value is None else json.dumps(value, sort_keys=True, default=str)


_WITH_DIGITS = re.compile(r"[^\s\"]*\d[^\s\"]*")


def alike(one: EffectFact, other: EffectFact) -> bool:
    """Whether two effects are the same thing done again: equal but for ids, amounts and numbers."""
    return (one.seam, one.kind, _shape(one.data)) == (other.seam, other.kind, _shape(other.data))


def _shape(data: Values) -> Values:
    return tuple((k, None if v is None else _WITH_DIGITS.sub(ANY, v)) for k, v in data)


def same_answer(one: Answer, other: Answer, volatile: frozenset[str]) -> bool:
    """Whether two answers have the same status and the same body but for the volatile JSON pointers."""
    if one.status != other.status:
        return False
    left, right = one.json(), other.json()
    if left is None or right is None:
        return "" in volatile or one.body == other.body
    return bool(_loosened(left, volatile) == _loosened(right, volatile))


def _loosened(value: Any, volatile: frozenset[str], at: str = "") -> Any:
    if at in volatile:
        return ANY if value is not None else None
    if isinstance(value, Mapping):
        return {k: _loosened(v, volatile, f"{at}/{pointer_token(k)}") for k, v in value.items()}
    if isinstance(value, list):
        return [_loosened(v, volatile, f"{at}/{index}") for index, v in enumerate(value)]
    return value


def pointer_token(key: str) -> str:
    """One reference token of a JSON pointer, escaped (RFC 6901, section 3)."""
    return str(key).replace("~", "~0").replace("/", "~1")
