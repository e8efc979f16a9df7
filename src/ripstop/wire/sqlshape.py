"""What a query or a data change touches: read by sqlglot, or by looking at its words where that fails.

Naming operations and deciding kinds is `sql`'s part; this file only finds tables and columns.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import sqlglot
from sqlglot import exp

from ripstop.wire.sqltext import shape_text, unquote

_LOGGER = logging.getLogger("sqlglot")
_CATALOGUES = ("pg_catalog", "information_schema")
_CHANGES = (exp.Insert, exp.Update, exp.Delete, exp.Merge)
_PARSED_LIMIT = 20_000
"""Longer texts (rows and lists of values were cut down to one before) are read by their words."""
_NOT_NAMES = frozenset({"(", "select", "values", "lateral", "set", "unnest", "rows", "only"})


@dataclass(frozen=True, slots=True)
class Shape:
    """``writes`` are (verb, table) in order of execution, ``reads`` other tables in order.

    ``columns`` are those written, where there is one write that names them. ``lock`` is
    ``UPDATE`` or ``SHARE`` for a locking read. ``conflict`` are the columns of ON CONFLICT,
    empty for any of them, None where there is no such clause.
    """

    writes: tuple[tuple[str, str], ...] = ()
    reads: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    lock: str = ""
    conflict: tuple[str, ...] | None = None


def shape(tokens: list[str]) -> Shape:
    """The shape of one SELECT, INSERT, UPDATE, DELETE, MERGE or WITH. Never raises."""
    text = shape_text(tokens)
    if len(text) > _PARSED_LIMIT:
        return _of_words(tokens)
    try:
        with _quiet():
            trees = sqlglot.parse(text, dialect="postgres")
        if trees[0] is not None and not isinstance(trees[0], exp.Command):
            return _of_tree(trees[0])
    except Exception:  # noqa: S110 - a parser's fault must never stop a statement on its way
        pass
    return _of_words(tokens)


@contextmanager
def _quiet() -> Iterator[None]:
    me = threading.get_ident()

    def others(record: logging.LogRecord) -> bool:
        return record.thread != me

    _LOGGER.addFilter(others)
    try:
        yield
    finally:
        _LOGGER.removeFilter(others)


def _of_tree(tree: exp.Expr) -> Shape:
    named = {cte.alias for cte in tree.find_all(exp.CTE)}
    changes = [n for n in tree.walk(bfs=False) if isinstance(n, _CHANGES) and not n.find_ancestor(exp.When)]
    if changes and changes[0] is tree:
        changes.append(changes.pop(0))
    targets = [(change, change.find(exp.Table)) for change in changes]
    writes = tuple((type(c).__name__.upper(), _table_name(t)) for c, t in targets if t is not None)
    skipped = {id(target) for _, target in targets}
    reads = (
        _table_name(table)
        for table in tree.find_all(exp.Table, bfs=False)
        if id(table) not in skipped
        and isinstance(table.this, exp.Identifier)
        and not table.find_ancestor(exp.Lock)
        and (table.db or table.name not in named)
    )
    lock = tree.find(exp.Lock)
    only = changes[0] if len(changes) == 1 else None
    return Shape(
        writes,
        tuple(dict.fromkeys(reads)),
        _written_columns(only),
        ("UPDATE" if lock.args.get("update") else "SHARE") if lock and not writes else "",
        _conflict(only),
    )


def _table_name(table: exp.Table) -> str:
    return qualified(table.db, table.name)


def _written_columns(change: exp.Expr | None) -> tuple[str, ...]:
    if isinstance(change, exp.Insert) and isinstance(change.this, exp.Schema):
        return tuple(column.name for column in change.this.expressions)
    if isinstance(change, exp.Update):
        sides = (e.this for e in change.expressions if isinstance(e, exp.EQ))
        return tuple(c.name for side in sides for c in side.find_all(exp.Column))
    return ()


def _conflict(change: exp.Expr | None) -> tuple[str, ...] | None:
    clause = change.args.get("conflict") if change is not None else None
    if clause is None:
        return None
    return tuple(column.name for key in clause.args.get("conflict_keys") or () for column in _leaves(key))


def _leaves(key: exp.Expr) -> Iterable[exp.Expr]:
    return key.find_all(exp.Identifier)


def qualified(schema: str, table: str) -> str:
    """A table's name as changes carry it: with its schema only outside ``public``."""
    if schema in ("", "public") or (schema in _CATALOGUES and schema != "information_schema"):
        return table
    return f"{schema}.{table}"


def is_catalogue(table: str) -> bool:
    """True for the server's own tables, which drivers read to learn about types."""
    return table.startswith(("pg_", "information_schema."))


def _of_words(tokens: list[str]) -> Shape:
    writes: list[tuple[str, str]] = []
    reads: list[str] = []
    named_at = 0
    named = {
        t
        for t, nxt, paren in zip(tokens, tokens[1:], tokens[2:], strict=False)
        if (nxt, paren) == ("as", "(")
    }
    for at, word in enumerate(tokens):
        before = tokens[at - 1] if at else ""
        name, after = name_at(tokens, at + 1)
        if not name or name in named:
            continue
        verb = {("insert", "into"): "INSERT", ("delete", "from"): "DELETE", ("merge", "into"): "MERGE"}.get(
            (before, word)
        )
        if word == "update" and before not in ("do", "for", "key", "then"):
            verb = "UPDATE"
        if verb:
            writes.append((verb, name))
            named_at = after
        elif word in ("from", "join", "using") and before != "distinct":
            reads.append(name)
    return Shape(
        tuple(writes),
        tuple(dict.fromkeys(reads)),
        _columns_at(tokens, named_at, writes[0][0]) if len(writes) == 1 else (),
        "" if writes else _lock_words(tokens),
        _conflict_words(tokens),
    )


def name_at(tokens: list[str], at: int) -> tuple[str, int]:
    """The table named at a position (``ONLY`` skipped) and where the text goes on; '' for none."""
    if tokens[at : at + 1] == ["only"]:
        at += 1
    parts: list[str] = []
    while at < len(tokens) and _is_name(tokens[at]) and (parts or tokens[at] not in _NOT_NAMES):
        parts.append(unquote(tokens[at]))
        at += 1
        if tokens[at : at + 1] != ["."]:
            break
        at += 1
    if not parts or (tokens[at : at + 1] == ["("] and tokens[at - 2 : at - 1] == ["from"]):
        return "", at
    return qualified(parts[-2] if len(parts) > 1 else "", parts[-1]), at


def _is_name(word: str) -> bool:
    return word[:1].isalpha() or word.startswith(("_", '"'))


def _columns_at(tokens: list[str], at: int, verb: str) -> tuple[str, ...]:
    if verb == "INSERT" and "(" in tokens[at : at + 3]:
        start = tokens.index("(", at)
        inside = tokens[start + 1 : _closing(tokens, start)]
        return tuple(unquote(t) for t in inside if _is_name(t)) if "select" not in inside else ()
    if verb == "UPDATE":
        return tuple(
            unquote(word)
            for before, word, after in zip(tokens, tokens[1:], tokens[2:], strict=False)
            if after == "=" and before in ("set", ",") and _is_name(word)
        )
    return ()


def _closing(tokens: list[str], start: int) -> int:
    return tokens.index(")", start) if ")" in tokens[start:] else len(tokens)


def _lock_words(tokens: list[str]) -> str:
    for at, word in enumerate(tokens):
        if word == "for":
            found = [t for t in tokens[at + 1 : at + 4] if t in ("update", "share")]
            if found and tokens[at + 1] in ("update", "share", "no", "key"):
                return found[0].upper()
    return ""


def _conflict_words(tokens: list[str]) -> tuple[str, ...] | None:
    for at in range(len(tokens) - 1):
        if tokens[at : at + 2] == ["on", "conflict"]:
            inside = tokens[at + 3 : _closing(tokens, at)] if tokens[at + 2 : at + 3] == ["("] else []
            return tuple(unquote(t) for t in inside if _is_name(t))
    return None
