"""SQL text to operations: the shape of a statement with its values taken out, and what it does.

Nothing here speaks the protocol (`postgres`) or judges a fault. Reading words is `sqltext`'s,
finding tables `sqlshape`'s; this file names operations and decides kinds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

from ripstop.model.trace import Kind
from ripstop.wire.sqlshape import Shape, is_catalogue, name_at, shape
from ripstop.wire.sqltext import statements, unquote, words

_TABLES_LIMIT = 4
_PARTS_LIMIT = 6
_TEXT_LIMIT = 262_144
_REMEMBERED_LIMIT = 10_000
_HOUSEKEEPING = frozenset(
    {
        *("set_config", "current_setting", "version", "current_schema", "current_database", "current_user"),
        *("pg_backend_pid", "pg_is_in_recovery", "pg_advisory_unlock_all", "pg_advisory_unlock"),
        *("to_regtype", "to_regclass", "pg_encoding_to_char", "current_schemas", "session_user"),
    }
)
_CALL_LIKE = frozenset(
    {
        *("select", "in", "values", "exists", "and", "or", "not", "any", "all", "as", "array", "row", "cast"),
        *("from", "where", "on", "using", "over", "filter", "by", "limit", "offset", "lateral", "some"),
        *(
            "varchar",
            "char",
            "numeric",
            "decimal",
            "bit",
            "timestamp",
            "time",
            "with",
            "materialized",
            "when",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement, or several sent as one simple query.

    ``operation`` is bounded in length and free of values. ``tables`` starts with the table
    written, if any; names are qualified only outside ``public``. ``columns`` are those an INSERT
    or UPDATE names as written. ``conflict`` are the columns of ON CONFLICT, empty where it names
    none and so covers every index, None where there is no such clause.
    """

    operation: str
    kind: Kind
    tables: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    conflict: tuple[str, ...] | None = None


def parse(text: str) -> Statement:
    """The operation of a statement's text. Takes any text and never raises.

    Of a text beyond 256 KiB characters the beginning is read: a seam reads each text before it
    passes it on. Such an INSERT counts as one that resolves every conflict, for it may.

    >>> parse("insert into Orders (id, total) values ($1, 12.50)").operation
    'INSERT orders'
    """
    if len(text) > _TEXT_LIMIT:
        return replace(_read(text[:_TEXT_LIMIT]), conflict=())
    return _remembered(text) if len(text) <= _REMEMBERED_LIMIT else _read(text)


@lru_cache(maxsize=2048)
def _remembered(text: str) -> Statement:
    return _read(text)


def _read(text: str) -> Statement:
    parts = [
        (_statement if len(tokens) <= _REMEMBERED_LIMIT else _statement.__wrapped__)(tuple(tokens))
        for tokens in statements(words(text))
    ]
    if not parts:
        return Statement("EMPTY", Kind.OTHER)
    return parts[0] if len(parts) == 1 else _joined(parts)


def _joined(parts: list[Statement]) -> Statement:
    names = [part.operation for part in parts[:_PARTS_LIMIT]]
    if len(parts) > _PARTS_LIMIT:
        names.append(f"+{len(parts) - _PARTS_LIMIT}")
    tables = tuple(dict.fromkeys(table for part in parts for table in part.tables))
    return Statement("; ".join(names), _kind_of_all([part.kind for part in parts]), tables)


def _kind_of_all(kinds: list[Kind]) -> Kind:
    """A query that ends a transaction it did not begin is its end; else what it does most."""
    if Kind.BEGIN not in kinds and kinds[-1] in (Kind.COMMIT, Kind.ROLLBACK):
        return kinds[-1]
    order = (Kind.WRITE, Kind.COMMIT, Kind.ROLLBACK, Kind.BEGIN, Kind.READ)
    return next((kind for kind in order if kind in kinds), Kind.OTHER)


@lru_cache(maxsize=2048)
def _statement(tokens: tuple[str, ...]) -> Statement:
    reader = _READERS.get(tokens[0])
    if reader:
        return reader(list(tokens))
    if tokens[0] == "(":
        return _query(list(tokens))
    table = _first_name(list(tokens), after=("table", "index", "view", "on"))
    shown = " ".join(t for t in tokens[:2] if t[:1].isalpha()) or tokens[0]
    return Statement(f"{shown.upper()[:40]}{f' {table}' if table else ''}", Kind.OTHER, _listed(table))


def _query(tokens: list[str]) -> Statement:
    found = shape(tokens)
    if found.writes:
        return _change(found)
    calls = tuple(dict.fromkeys(_calls(tokens)))
    if found.reads:
        lock = f" FOR {found.lock}" if found.lock else ""
        kind = Kind.OTHER if all(map(is_catalogue, found.reads)) else Kind.READ
        return Statement(f"SELECT {_bounded(found.reads)}{lock}", kind, found.reads)
    kind = Kind.OTHER if calls and _HOUSEKEEPING.issuperset(calls) else Kind.READ
    return Statement(f"SELECT {_bounded(calls) or '1'}", kind)


def _change(found: Shape) -> Statement:
    operation = ", ".join(dict.fromkeys(f"{verb} {table}" for verb, table in found.writes[:_TABLES_LIMIT]))
    tables = dict.fromkeys((*(table for _, table in reversed(found.writes)), *found.reads))
    return Statement(operation, Kind.WRITE, tuple(tables), found.columns, found.conflict)


def _calls(tokens: list[str]) -> list[str]:
    pairs = zip(tokens, [*tokens[1:], ""], strict=True)
    bare = ("current_user", "session_user", "current_schema")
    return [
        unquote(token)
        for token, after in pairs
        if (after == "(" and token[:1].isalpha() and token not in _CALL_LIKE) or token in bare
    ]


def _bounded(names: tuple[str, ...]) -> str:
    more = f", +{len(names) - _TABLES_LIMIT}" if len(names) > _TABLES_LIMIT else ""
    return ", ".join(names[:_TABLES_LIMIT]) + more


def _listed(table: str) -> tuple[str, ...]:
    return (table,) if table else ()


def _first_name(tokens: list[str], *, after: tuple[str, ...]) -> str:
    for at, token in enumerate(tokens):
        if token in after:
            start = at + 1
            while tokens[start : start + 1] and tokens[start] in ("if", "not", "exists", "concurrently"):
                start += 1
            return name_at(tokens, start)[0]
    return ""


def _steady(name: str) -> str:
    """A cursor's, channel's or prepared statement's name, left out where a counter made it."""
    return "" if any(c.isdigit() for c in name) or not name.strip('"*') else f" {unquote(name)}"


def _commit(tokens: list[str]) -> Statement:
    if "prepared" in tokens:
        return Statement("COMMIT PREPARED", Kind.COMMIT)
    return Statement("COMMIT AND CHAIN" if _chained(tokens) else "COMMIT", Kind.COMMIT)


def _rollback(tokens: list[str]) -> Statement:
    if "to" in tokens:
        return Statement("ROLLBACK TO", Kind.OTHER)
    if "prepared" in tokens:
        return Statement("ROLLBACK PREPARED", Kind.ROLLBACK)
    return Statement("ROLLBACK AND CHAIN" if _chained(tokens) else "ROLLBACK", Kind.ROLLBACK)


def _chained(tokens: list[str]) -> bool:
    return "chain" in tokens and "no" not in tokens


def _prepare(tokens: list[str]) -> Statement:
    if tokens[1:2] == ["transaction"]:
        return Statement("PREPARE TRANSACTION", Kind.COMMIT)
    return Statement("PREPARE", Kind.OTHER)


def _start(tokens: list[str]) -> Statement:
    transaction = tokens[1:2] == ["transaction"]
    return Statement("BEGIN", Kind.BEGIN) if transaction else Statement("START", Kind.OTHER)


def _set(tokens: list[str]) -> Statement:
    head, rest = tokens[0].upper(), [t for t in tokens[1:] if t != "session" or "characteristics" in tokens]
    if rest[:1] == ["local"]:
        head, rest = f"{head} LOCAL", rest[1:]
    if rest[:1] == ["session"]:
        return Statement("SET SESSION CHARACTERISTICS", Kind.OTHER)
    if rest[:2] == ["time", "zone"]:
        return Statement(f"{head} timezone", Kind.OTHER)
    if rest[:1] in (["transaction"], ["constraints"]):
        return Statement(f"{head} {rest[0].upper()}", Kind.OTHER)
    cut = next((at for at, token in enumerate(rest) if token in ("=", "to")), min(len(rest), 3))
    name = "".join(rest[:cut]) if "." in rest else " ".join(rest[:cut])
    return Statement(f"{head} {name}".strip(), Kind.OTHER)


def _copy(tokens: list[str]) -> Statement:
    if tokens[1:2] == ["("]:
        inner = _query(tokens[2 : _matching(tokens, 1)])
        return Statement(f"COPY {inner.operation}", inner.kind, inner.tables)
    table, at = name_at(tokens, 1)
    if "to" in tokens[at:] and "from" not in tokens[at:]:
        return Statement(f"COPY {table} TO", Kind.READ, _listed(table))
    columns = tokens[at + 1 : _matching(tokens, at)] if tokens[at : at + 1] == ["("] else []
    return Statement(
        f"COPY {table}", Kind.WRITE, _listed(table), tuple(unquote(c) for c in columns if c != ",")
    )


def _matching(tokens: list[str], start: int) -> int:
    depth = 0
    for at in range(start, len(tokens)):
        depth += (tokens[at] == "(") - (tokens[at] == ")")
        if not depth:
            return at
    return len(tokens)


def _truncate(tokens: list[str]) -> Statement:
    rest = [t for t in tokens[1:] if t not in ("table", "only")]
    tables = tuple(name_at(rest, at)[0] for at in range(len(rest)) if not at or rest[at - 1] == ",")
    return Statement(f"TRUNCATE {_bounded(tables)}", Kind.WRITE, tables)


def _lock(tokens: list[str]) -> Statement:
    table, _ = name_at([t for t in tokens if t != "table"], 1)
    return Statement(f"LOCK {table}", Kind.OTHER, _listed(table))


def _call(tokens: list[str]) -> Statement:
    return Statement(f"CALL {name_at(tokens, 1)[0]}", Kind.WRITE)


def _declare(tokens: list[str]) -> Statement:
    inner = _query(tokens[tokens.index("for") + 1 :]) if "for" in tokens else Statement("", Kind.OTHER)
    return Statement(f"DECLARE CURSOR {inner.operation}".strip(), inner.kind, inner.tables)


def _explain(tokens: list[str]) -> Statement:
    start = next((at for at, token in enumerate(tokens) if token in _QUERIES), len(tokens))
    inner = _query(tokens[start:]) if start < len(tokens) else Statement("", Kind.OTHER)
    kind = inner.kind if "analyze" in tokens[:start] else Kind.READ
    return Statement(f"EXPLAIN {inner.operation}".strip(), kind, inner.tables)


def _plain(kind: Kind, *, named: bool = False) -> Callable[[list[str]], Statement]:
    def read(tokens: list[str]) -> Statement:
        name = _steady(tokens[-1]) if named and len(tokens) > 1 else ""
        return Statement(tokens[0].upper() + name, kind)

    return read


_QUERIES = ("select", "insert", "update", "delete", "merge", "with", "values", "table")
_READERS: dict[str, Callable[[list[str]], Statement]] = {
    **dict.fromkeys(_QUERIES, _query),
    "begin": _plain(Kind.BEGIN),
    "start": _start,
    **dict.fromkeys(("commit", "end"), _commit),
    **dict.fromkeys(("rollback", "abort"), _rollback),
    "savepoint": _plain(Kind.OTHER),
    "release": _plain(Kind.OTHER),
    "prepare": _prepare,
    "execute": _plain(Kind.OTHER),
    "deallocate": _plain(Kind.OTHER),
    "discard": _plain(Kind.OTHER),
    **dict.fromkeys(("set", "reset", "show"), _set),
    "copy": _copy,
    "truncate": _truncate,
    "lock": _lock,
    "call": _call,
    "do": _plain(Kind.WRITE),
    "declare": _declare,
    "fetch": _plain(Kind.READ),
    "move": _plain(Kind.OTHER),
    "close": _plain(Kind.OTHER),
    "explain": _explain,
    "listen": _plain(Kind.OTHER, named=True),
    "unlisten": _plain(Kind.OTHER, named=True),
    "notify": _plain(Kind.OTHER),
}
