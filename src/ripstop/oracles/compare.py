"""What two readings of the world have in common: rows, effects and answers, volatile values left out.

Pure and shared by every oracle. Nothing here decides what counts as torn.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ripstop.model.experiment import Baseline
from ripstop.model.http import Answer
from ripstop.model.state import Change, Effect, Row

Values = tuple[tuple[str, str | None], ...]
ANY = "*"
"""Stands for a volatile value that is there; NULL stays NULL, so that its absence still shows."""


@dataclass(frozen=True, slots=True, order=True)
class RowFact:
    """One net row change. ``old`` and ``new`` are sorted (column, value), volatile values as ``ANY``.

    Where a project has several databases ``table`` begins with the name of its seam.
    """

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


def rows(changes: Iterable[Change], baseline: Baseline, *, journal: bool = False) -> Rows:
    """The net changes as a multiset: what a row was before and is after, however it got there.

    A row inserted and deleted leaves nothing, chains of updates count as one. Tables of the
    declared journal are left out unless ``journal`` asks for them.
    """
    fold = _Fold()
    for change in changes:
        if journal or change.table not in baseline.journal:
            fold.take(change)
    return Counter(_fact(row, baseline) for row in fold.net())


@dataclass(slots=True)
class _Row:
    kind: str
    table: str
    old: Row | None
    new: Row | None
    seam: str = ""


Key = tuple[str, str, frozenset[tuple[str, str | None]]]


@dataclass(slots=True)
class _Fold:
    """Rows touched so far: in order, those that are there by image, those deleted by image."""

    touched: list[_Row] = field(default_factory=list)
    there: dict[Key, list[_Row]] = field(default_factory=dict)
    gone: dict[Key, list[_Row]] = field(default_factory=dict)

    def take(self, change: Change) -> None:
        if change.kind == "insert" and (row := _pop(self.gone, change, change.new)):
            row.new = row.old
            self._keep(row)
        elif change.kind in ("update", "delete") and (row := _pop(self.there, change, change.old)):
            row.new = change.new
            self._keep(row)
        else:
            row = _Row(change.kind, change.table, change.old, change.new, change.seam)
            self.touched.append(row)
            self._keep(row)

    def _keep(self, row: _Row) -> None:
        where, image = (self.there, row.new) if row.new is not None else (self.gone, row.old)
        if image is not None:
            where.setdefault(_key(row, image), []).append(row)

    def net(self) -> Iterator[_Row]:
        for row in self.touched:
            if row.kind == "truncate":
                yield row
            elif row.old != row.new:
                kind = row.kind if row.kind == "insert" else "update" if row.new is not None else "delete"
                yield _Row(kind, row.table, row.old, row.new, row.seam)


def _key(where: _Row | Change, image: Row) -> Key:
    return where.seam, where.table, frozenset(image.items())


def _pop(rows: dict[Key, list[_Row]], where: Change, image: Row | None) -> _Row | None:
    found = rows.get(_key(where, image)) if image is not None else None
    return found.pop() if found else None


def _fact(row: _Row, baseline: Baseline) -> RowFact:
    old, new = _stable(row.table, row.old, baseline), _stable(row.table, row.new, baseline)
    return RowFact(row.kind, f"{row.seam}.{row.table}" if row.seam else row.table, old, new)


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
    on its seam and goes with it: the one whose id is its ``original``, else the latest.
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
    alive = [e for e in reversed(standing) if e.seam == effect.seam and e.kind == kind]
    original = effect.data.get("original")
    named = (e for e in alive if original is not None and original in (e.data.get("id"), e.key))
    return next(named, alive[0] if alive else None)


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
