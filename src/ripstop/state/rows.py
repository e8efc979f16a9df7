"""Reading rows by column values, as tests do, ``row("orders", id=7)``, and putting in what a test needs."""

# ruff: noqa: S608 - every name and value in these statements is quoted by sql.py or is our own

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pg8000.converters import PY_TYPES, make_param

from ripstop.state import sql
from ripstop.state.connection import Session, StatementFailed
from ripstop.state.schema import Column, Schema, Table

_SHOWN_ROWS = 10
_SHOWN_CHARS = 300
_MAX_ROWS = 10_000


class RowLookupError(LookupError):
    """No such row, more than one, or no such table or column; the message shows what is there."""


def rows(session: Session, schema: Schema, table: str, where: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rows of ``table`` whose columns have these values, as Python values, at most 10,000.

    None asks for NULL, a dict or list for equal JSON (or an array). Raises RowLookupError for a
    table, a column or a value that cannot be.
    """
    found = _table(schema, table)
    query = f"SELECT * FROM {found.sql}{_where(found, where)} LIMIT {_MAX_ROWS}"
    return _run(session, query)


def row(session: Session, schema: Schema, table: str, where: Mapping[str, Any]) -> dict[str, Any]:
    """The one row with these values. Raises RowLookupError where there is none, or more than one."""
    found = rows(session, schema, table, where)
    if len(found) == 1:
        return found[0]
    asked = ", ".join(f"{key}={value!r}" for key, value in where.items())
    if found:
        raise RowLookupError(f"{len(found)} rows of {table} where {asked}:\n{_list(found)}")
    there = _run(session, f"SELECT * FROM {_table(schema, table).sql} LIMIT {_SHOWN_ROWS + 1}")
    raise RowLookupError(f"no row of {table} where {asked}; there is:\n{_list(there)}")


def count(session: Session, schema: Schema, table: str, where: Mapping[str, Any]) -> int:
    """How many rows of ``table`` have these values."""
    found = _table(schema, table)
    query = f"SELECT count(*) AS n FROM {found.sql}{_where(found, where)}"
    return int(_run(session, query)[0]["n"])


def insert(session: Session, schema: Schema, table: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Commit one row; the row as it stands then. Foreign keys, checks and triggers count as for anybody.

    Raises RowLookupError for an unknown table or column, StatementFailed where the row cannot be.
    """
    found = _table(schema, table)
    _known_columns(found, values)
    names = sql.names(values)
    given = ", ".join(sql.literal(_text(found.columns[name], value)) for name, value in values.items())
    what = f"({names}) OVERRIDING SYSTEM VALUE VALUES ({given})" if values else "DEFAULT VALUES"
    session.run("BEGIN; SET LOCAL session_replication_role = origin")
    try:
        (row,) = session.table(f"INSERT INTO {found.sql} {what} RETURNING *")
    except BaseException:
        session.run("ROLLBACK")
        raise
    session.run("COMMIT")
    return row


def _text(column: Column, value: Any) -> str | None:
    """A value as PostgreSQL reads it."""
    if value is None or isinstance(value, str):
        return value
    if column.type in ("json", "jsonb") or isinstance(value, dict):
        return json.dumps(value)
    return str(make_param(PY_TYPES, value))


def _run(session: Session, query: str) -> list[dict[str, Any]]:
    try:
        return session.table(query)
    except StatementFailed as error:
        if error.sqlstate.startswith("22"):
            raise RowLookupError(error.message) from error
        raise


def _table(schema: Schema, table: str) -> Table:
    labels = {sql.label(*key): found for key, found in schema.tables.items()}
    labels |= {f"public.{found.name}": found for found in schema.tables.values() if found.schema == "public"}
    if table in labels:
        return labels[table]
    names = sorted(sql.label(*key) for key in schema.tables)
    raise RowLookupError(f"no table {table!r}; there are: {', '.join(names)[:_SHOWN_CHARS] or 'none'}")


def _where(table: Table, where: Mapping[str, Any]) -> str:
    _known_columns(table, where)
    tests = [_test(table.columns[name], value) for name, value in where.items()]
    return " WHERE " + " AND ".join(tests) if tests else ""


def _known_columns(table: Table, names: Mapping[str, Any]) -> None:
    unknown = [name for name in names if name not in table.columns]
    if unknown:
        there = ", ".join(table.columns)[:_SHOWN_CHARS]
        raise RowLookupError(f"no column {unknown[0]!r} in {table.name}; there are: {there}")


def _test(column: Column, value: Any) -> str:
    name = sql.name(column.name)
    if value is None:
        return f"{name} IS NOT DISTINCT FROM NULL"
    if column.type in ("json", "jsonb"):
        return f"{name}::jsonb = {sql.literal(json.dumps(value))}"
    text = value if isinstance(value, str) else str(make_param(PY_TYPES, value))
    if "\0" in text:
        raise RowLookupError(f"no value of PostgreSQL holds a NUL character: {text[:_SHOWN_CHARS]!r}")
    if column.comparable and column.type not in _WITHOUT_EQUALITY:
        return f"{name} = {sql.literal(text)}"
    return f"format('%s', {name}) = {sql.literal(text)}"


_WITHOUT_EQUALITY = frozenset(
    {"xml", "point", "line", "lseg", "box", "path", "polygon", "circle", "json[]", "xml[]", "jsonpath"}
)


def _list(found: list[dict[str, Any]]) -> str:
    shown = [f"  {str(one)[:_SHOWN_CHARS]}" for one in found[:_SHOWN_ROWS]]
    return "\n".join([*shown, *(["  ..."] if len(found) > _SHOWN_ROWS else [])]) or "  nothing"
