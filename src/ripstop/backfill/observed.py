"""What stood after a run, as assertions: rows by their stable columns, effects by their number.

Reads recorded changes and effects; decides nothing about what should have stood.
"""

from __future__ import annotations

import keyword
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ripstop.backfill.encode import WIDTH, Call, identifier, one_line, statement
from ripstop.model.experiment import Baseline
from ripstop.model.secrets import mask_text, secret_name
from ripstop.model.state import Change, Effect, Observation, Row

_COLUMNS = 4
_VALUE_CHARS = 60
_TELLING = ("status", "state")
_UNCLEAR = ("numeric", "real", "double", "json", "bytea", "timestamp", "date", "time", "interval", "[]")
_RESERVED = frozenset({"self", "table"})
_INTEGERS = ("integer", "bigint", "smallint")

Columns = tuple[tuple[str, str | int | bool], ...]
"""Columns and the values they must have, as keywords of ``rows``."""


@dataclass(frozen=True, slots=True)
class Places:
    """Which seam each table and each effect belongs to. ``databases`` are those the workflow uses."""

    databases: tuple[str, ...]
    tables: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, baseline: Baseline) -> Places:
        used = [c for c in baseline.trace if c.protocol == "postgres"]
        places = {(table, c.id.seam) for c in used for table in c.tables}
        several = Counter(table for table, _ in places)
        tables = {table: seam for table, seam in places if several[table] == 1}
        return cls(tuple(dict.fromkeys(c.id.seam for c in used)), tables)

    def seam(self, table: str) -> str | None:
        """The seam of a table; None where several databases could hold it."""
        only = self.databases[0] if len(self.databases) == 1 else None
        return self.tables.get(table, only)


def standing(changes: Iterable[Change], baseline: Baseline) -> Counter[tuple[str, Columns]]:
    """How many rows that a run made or changed stand at its end, by table and stable columns."""
    rows: list[tuple[str, Row, Mapping[str, str]]] = []
    for change in changes:
        gone = next((r for r in reversed(rows) if r[0] == change.table and r[1] == change.old), None)
        if change.old is not None and gone is not None:
            rows.remove(gone)
        if change.new is not None:
            rows.append((change.table, change.new, change.types))
    return Counter((table, stable(table, image, types, baseline)) for table, image, types in rows)


def stable(table: str, image: Row, types: Mapping[str, str], baseline: Baseline) -> Columns:
    """The columns of a row that tell it: plain values that two runs agree on, no secret, at most four."""
    found = [
        (name, value)
        for name, text in image.items()
        if (table, name) not in baseline.volatile_columns
        and _speakable(name)
        and (value := _value(name, text, types.get(name, "text"))) is not None
    ]
    telling = sorted(found, key=lambda pair: pair[0] not in _TELLING)
    names = {name for name, _ in telling[:_COLUMNS]}
    return tuple((name, value) for name, value in found if name in names)


def row_lines(seen: Observation, usual: Observation, baseline: Baseline, places: Places) -> list[str]:
    """Assertions on the rows: none changed at all, or these and no other of the usual ones."""
    if not seen.changes:
        return [f"    assert seams.{name}.changes == []" for name in places.databases]
    there, expected = standing(seen.changes, baseline), standing(usual.changes, baseline)
    lines = []
    for (table, columns), count in there.items():
        lines += count_lines(table, columns, count, places)
    for table, columns in expected.keys() - there.keys():
        lines += count_lines(table, columns, 0, places)
    return lines


def count_lines(table: str, columns: Columns, count: int, places: Places) -> list[str]:
    """``assert len(seams.db.rows("orders", status="paid")) == 1``, over two statements where it is long."""
    seam = places.seam(table)
    if seam is None:
        return []
    rows = Call(f"seams.{seam}.rows", [table], columns)
    if count == 0:
        line = f"    assert {one_line(rows)} == []"
    else:
        line = f"    assert len({one_line(rows)}) == {count}"
    if len(line) <= WIDTH:
        return [line]
    name = identifier(table.rpartition(".")[2], "rows")
    name = f"{name}_rows" if name in ("service", "seams", "fault", "faults", "pytest", "len") else name
    check = f"assert {name} == []" if count == 0 else f"assert len({name}) == {count}"
    return [statement(f"{name} = ", rows), f"    {check}"]


def effect_counts(*seen: Observation) -> list[Counter[tuple[str, str]]]:
    """For each observation how many effects of each seam and kind it has, over the kinds of all of them."""
    kinds = sorted({_place(effect) for one in seen for effect in one.effects})
    return [Counter({kind: [_place(e) for e in one.effects].count(kind) for kind in kinds}) for one in seen]


def effect_lines(counts: Mapping[tuple[str, str], int]) -> list[str]:
    """``assert seams.payments.effects("charge") == 1``, a line a kind."""
    return [
        f"    assert {one_line(Call(f'seams.{seam}.effects', [kind]))} == {count}"
        for (seam, kind), count in sorted(counts.items())
        if seam.isidentifier()
    ]


def _place(effect: Effect) -> tuple[str, str]:
    return effect.seam, effect.kind


def _speakable(name: str) -> bool:
    return (
        name.isascii()
        and name.isidentifier()
        and not keyword.iskeyword(name)
        and name not in _RESERVED
        and not secret_name(name)
    )


def _value(name: str, text: str | None, kind: str) -> str | int | bool | None:
    """The value as ``rows`` takes it; None for what is NULL, long, secret or not plainly comparable."""
    if text is None or any(word in kind for word in _UNCLEAR) or len(text) > _VALUE_CHARS:
        return None
    if kind in _INTEGERS:
        return int(text)
    if kind == "boolean":
        return text in ("t", "true")
    masked = mask_text(f"{name}={text}") != f"{name}={text}" or mask_text(text) != text
    return None if masked or not text.isprintable() else text
