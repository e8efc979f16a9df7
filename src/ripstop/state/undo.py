"""Builds the statements that take committed changes back, or repeat them, exactly. No I/O.

Tables are taken one after another: in replica mode no foreign key or trigger ties them together.
Of a table with a key only what differs in the end is undone: every row that stands wrong is
deleted, then every row that should stand is inserted, in two statements. Rows that swapped a
unique value swap back in one, for the state they come to stood once before.

A table without a key goes back through its changes in exact reverse order, one state at a time.
A row is found by its key where the table has one, else by the ``ctid`` of one row whose every
column prints as the image does.
"""

# ruff: noqa: S608 - every name and value in these statements is quoted by sql.py or is our own

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from ripstop.errors import ExperimentError
from ripstop.state import sql
from ripstop.state.decoding import PREFIX, UNDO, Image, RowChange
from ripstop.state.schema import Column, Schema, Table

_ROWS_PER_STATEMENT = 500
MARKER = f"SELECT pg_logical_emit_message(true, '{PREFIX}', '{UNDO}')"


@dataclass(frozen=True, slots=True)
class Step:
    """Turn one row ``before`` into ``after``; None means no row, and None twice: empty the table."""

    table: Table
    before: Image | None
    after: Image | None

    @property
    def kind(self) -> str:
        if self.before is None:
            return "truncate" if self.after is None else "insert"
        return "delete" if self.after is None else "update"


@dataclass(frozen=True, slots=True)
class Batch:
    """Statements to run inside one transaction; ``rows`` is how many rows they must return or touch."""

    sql: str
    rows: int


def inverse(changes: Sequence[RowChange], schema: Schema) -> Batch:
    """The batch that takes the changes back. Raises ExperimentError (``undo-unknown-table``)."""
    return _batch([_step(one, schema, back=True) for one in reversed(changes)])


def forward(changes: Sequence[RowChange], schema: Schema) -> Batch:
    """The batch that repeats the changes on the state they were made on.

    Its ``rows`` leave out what a TRUNCATE removed, which nobody counted.
    """
    return _batch([_step(one, schema, back=False) for one in changes])


def _step(change: RowChange, schema: Schema, *, back: bool) -> Step:
    table = schema.tables.get((change.schema, change.table))
    if table is None or not change.complete:
        name = sql.label(change.schema, change.table)
        raise ExperimentError("undo-unknown-table", f"no old images of table {name} are kept")
    return Step(table, change.new, change.old) if back else Step(table, change.old, change.new)


def _batch(steps: Sequence[Step]) -> Batch:
    statements: list[str] = []
    rows = 0
    ordered = [
        one for _, group in groupby(sorted(steps, key=_table), key=_table) for one in _net(list(group))
    ]
    for (kind, _), run in groupby(ordered, key=_run):
        found, touched = _statements(kind, list(run))
        statements += found
        rows += touched
    silence, restore = _stubborn(steps)
    marked = [MARKER, *silence, *statements, *restore] if statements else []
    return Batch(";\n".join(marked), rows + bool(statements))


def _net(steps: list[Step]) -> list[Step]:
    """Steps on one table with a key, as deletes and inserts that end in the same rows."""
    table = steps[0].table
    if not table.key or len(steps) == 1 or any(step.kind == "truncate" for step in steps):
        return steps
    key = itemgetter(*table.key)
    wrong: dict[object, Image] = {}
    right: dict[object, Image] = {}
    for step in steps:
        if step.before is not None and right.pop(found := key(step.before), None) is None:
            wrong[found] = step.before
        if step.after is not None:
            right[key(step.after)] = step.after
    return [
        *(Step(table, image, None) for at, image in wrong.items() if right.get(at) != image),
        *(Step(table, None, image) for at, image in right.items() if wrong.get(at) != image),
    ]


def _table(step: Step) -> tuple[str, str]:
    return step.table.schema, step.table.name


def _run(step: Step) -> tuple[str, tuple[str, str]]:
    return step.kind, _table(step)


def _statements(kind: str, steps: Sequence[Step]) -> tuple[list[str], int]:
    """Statements for a run of steps of one kind on one table, and the rows they touch."""
    table = steps[0].table
    if kind == "insert":
        images = [step.after or {} for step in steps]
        return [_insert(table, part) for part in _parts(images)], len(images)
    if kind == "delete":
        images = [step.before or {} for step in steps]
        return _deletes(table, images), len(images)
    if kind == "truncate":
        return [f"DELETE FROM ONLY {table.sql}"], 0
    updates = [one for step in steps if (one := _update(step))]
    return updates, len(updates)


def _parts(images: Sequence[Image]) -> Iterator[Sequence[Image]]:
    for start in range(0, len(images), _ROWS_PER_STATEMENT):
        yield images[start : start + _ROWS_PER_STATEMENT]


def _insert(table: Table, images: Iterable[Image]) -> str:
    columns = table.stored
    if not columns:
        return ";\n".join(f"INSERT INTO {table.sql} DEFAULT VALUES" for _ in images)
    rows = ", ".join(f"({_values(image, columns)})" for image in images)
    return f"INSERT INTO {table.sql} ({sql.names(columns)}) OVERRIDING SYSTEM VALUE VALUES {rows}"


def _values(image: Image, columns: Iterable[str]) -> str:
    return ", ".join([sql.literal(image.get(column)) for column in columns])


def _deletes(table: Table, images: Sequence[Image]) -> list[str]:
    if table.key:
        return [_delete(table, part) for part in _parts(images)]
    return [f"DELETE FROM ONLY {table.sql} WHERE {_by_image(table, one)}" for one in images]


def _delete(table: Table, images: Sequence[Image]) -> str:
    if len(images) == 1:
        return f"DELETE FROM ONLY {table.sql} WHERE {_by_key(table, images[0])}"
    keys = ", ".join(f"({_values(image, table.key)})" for image in images)
    return f"DELETE FROM ONLY {table.sql} WHERE ({sql.names(table.key)}) IN ({keys})"


def _update(step: Step) -> str:
    """One row's update, of the columns that differ; empty where none does."""
    before, after = step.before or {}, step.after or {}
    changed = [one for one in step.table.stored if before.get(one) != after.get(one)]
    if not changed:
        return ""
    values = ", ".join(f"{sql.name(one)} = {sql.literal(after.get(one))}" for one in changed)
    where = _by_key(step.table, before) if step.table.key else _by_image(step.table, before)
    return f"UPDATE ONLY {step.table.sql} SET {values} WHERE {where}"


def _by_key(table: Table, image: Image) -> str:
    return " AND ".join(f"{sql.name(one)} = {sql.literal(image.get(one))}" for one in table.key)


def _by_image(table: Table, image: Image) -> str:
    """Exactly one row among those that print like the image, duplicates included."""
    stored = [one for one in table.columns.values() if not one.generated]
    stored.sort(key=lambda one: not one.exact)
    tests = " AND ".join(_prints(one, image.get(one.name)) for one in stored)
    return f"ctid = (SELECT ctid FROM ONLY {table.sql} WHERE {tests or 'true'} LIMIT 1)"


def _prints(column: Column, value: str | None) -> str:
    """True of a value that prints so. ``format`` calls the type's output function, a cast might not."""
    name = sql.name(column.name)
    if value is None:
        return f"{name} IS NOT DISTINCT FROM NULL"
    if column.exact:
        return f"{name} = {sql.literal(value)}"
    return f"(format('%s', {name}) = {sql.literal(value)} AND {name} IS DISTINCT FROM NULL)"


def _stubborn(steps: Iterable[Step]) -> tuple[list[str], list[str]]:
    """What silences, and restores, the triggers and rules that replica mode does not silence."""
    tables = {step.table.sql: step.table for step in steps if step.table.stubborn}
    silence = [f"ALTER TABLE {t.sql} {one.silence}" for t in tables.values() for one in t.stubborn]
    restore = [f"ALTER TABLE {t.sql} {one.restore}" for t in tables.values() for one in t.stubborn]
    return silence, restore
