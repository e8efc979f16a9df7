"""Statements given as text to a driver, or to a library that passes them on."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ripstop.model.survey import Reach, Sureness
from ripstop.model.trace import Kind
from ripstop.scan.code import UNKNOWN, Call, Codebase, Shape, Value
from ripstop.scan.reaching.known import driver, known
from ripstop.scan.reaching.names import last, root
from ripstop.scan.reaching.values import is_unknown, positional, text_of
from ripstop.wire import sql

_ALWAYS = frozenset(
    {
        *("execute", "executemany", "execute_many", "executescript", "exec_driver_sql", "exec", "query"),
        *("fetch", "fetchrow", "fetchval", "fetch_one", "fetch_all", "fetch_val", "scalar", "scalars"),
        *("raw", "unsafe", "oneOrNone", "manyOrNone"),
        *("$queryRaw", "$executeRaw", "$queryRawUnsafe", "$executeRawUnsafe"),
    }
)
"""Sent to the server for certain, also where the text cannot be read."""
METHODS = _ALWAYS | frozenset(
    {
        *("commit", "rollback", "run", "prepare", "sql", "postgres", "one", "none", "any", "many"),
        *("stream", "iterate", "copy"),
    }
)
_WORDS = (
    *("select", "insert", "update", "delete", "with", "merge", "begin", "commit", "rollback", "start"),
    *("savepoint", "release", "truncate", "lock", "copy", "call", "values", "set", "create", "alter"),
    *("drop", "notify", "listen", "refresh", "replace", "grant", "do", "pragma"),
)
_SQL = re.compile(
    rf"^\s*(?:--[^\n]*\n\s*|/\*.*?\*/\s*)*\(?\s*(?:{'|'.join(_WORDS)})\b", re.IGNORECASE | re.DOTALL
)
_STRICT = re.compile(
    r"^\s*\(?\s*(?:select\s(?=.*(?:\sfrom\s|\(|\d))|insert\s+into\s|update\s+\S+\s+set\s|delete\s+from\s"
    r"|merge\s+into\s|truncate\s+table\s|lock\s+table\s|with\s+\w+.*\sas\s*\()",
    re.IGNORECASE | re.DOTALL,
)
_ALONE = re.compile(r"^\s*(?:begin|commit|rollback|end)(?: transaction| work)?\s*;?\s*$", re.IGNORECASE)
_HOLE = re.compile(r"\{([^{}]*)\}")
_MARK = "hole_of_text_"
_TEXT_NAMES = ("query", "sql", "statement", "operation", "text", "command")
_LAZY = frozenset(
    {"psycopg", "psycopg2", "psycopg_pool", "pymysql", "MySQLdb", "mysql", "sqlalchemy", "sqlmodel"}
)
"""Their connections begin a transaction with the first statement (PEP 249), unless told otherwise."""
_PASSING_ON = frozenset({"sqlalchemy", "sqlmodel", "django", "databases", "knex", "typeorm", "sequelize"})
_ENDS = {"commit": Kind.COMMIT, "rollback": Kind.ROLLBACK}
_NO_SERVERS = frozenset({"re", "subprocess", "os", "logging", "click", "typer", "argparse"})


def reaches(call: Call, code: Codebase) -> Iterator[Reach]:
    """The statement a call sends."""
    library = root(call.name)
    if library in _NO_SERVERS or _only_text(call.name):
        return
    protocol = driver(call.name)
    if protocol and (kind := _ENDS.get(last(call.name))) is not None:
        yield Reach(protocol, kind.upper(), kind, call.place, client=library, sureness=call.sureness)
        return
    given = _given(call)
    text = text_of(given, code)
    if text is not None and is_sql(text, strict=not protocol and library not in _PASSING_ON):
        yield _sent(call, code, text, protocol)
    elif protocol and last(call.name) in _ALWAYS and _unreadable(given, text):
        yield Reach(
            protocol,
            f"EXECUTE {{{_name(given)}}}",
            Kind.OTHER,
            call.place,
            client=library,
            sureness=Sureness.GUESS,
            in_transaction=lazy(library),
        )


def _only_text(name: str) -> bool:
    """Makes a part of a statement, and sends nothing: ``sql`` of Drizzle, ``Prisma.sql``."""
    return last(name) in ("sql", "raw") and root(name) in ("drizzle-orm", "@prisma/client", "sqlalchemy")


def is_sql(text: str, *, strict: bool = False) -> bool:
    """Whether a text is a statement; where anything may be meant, it has to have more of its form."""
    return bool((_STRICT if strict else _SQL).match(text) or _ALONE.match(text))


def lazy(library: str) -> bool:
    return library in _LAZY


def statement(text: str) -> sql.Statement:
    """A statement whose text has holes; a table that is one is named by it."""
    marked = _HOLE.sub(lambda hole: _MARK + re.sub(r"\W", "_", hole[1] or "x"), text.replace("`", '"'))
    found = sql.parse(marked)
    tables = tuple(map(_unmarked, found.tables))
    return sql.Statement(_unmarked(found.operation), found.kind, tables, found.columns, found.conflict)


def _unmarked(name: str) -> str:
    return re.sub(rf"{_MARK}(\w+)", r"{\1}", name)


def _sent(call: Call, code: Codebase, text: str, protocol: str) -> Reach:
    library = root(call.name)
    found = statement(text)
    sure = call.sureness
    if not protocol and library not in _PASSING_ON and sure is Sureness.CERTAIN:
        sure = Sureness.LIKELY
    if "{" in found.operation:
        sure = Sureness.GUESS
    return Reach(
        protocol or known(code).dialect,
        found.operation,
        found.kind,
        call.place,
        target=found.tables[0] if found.tables else "",
        client=library if library != UNKNOWN else "",
        sureness=sure,
        in_transaction=lazy(library),
    )


def _given(call: Call) -> Value | None:
    for name in _TEXT_NAMES:
        if (found := call.argument(name)) is not None:
            return found
    first = positional(call, 0)
    if first is not None and first.shape is Shape.MAPPING:
        return next(filter(None, map(first.get, _TEXT_NAMES)), None)
    return first


def _unreadable(value: Value | None, text: str | None) -> bool:
    """Something is given that is no constant."""
    if value is None or text is not None:
        return False
    return is_unknown(value) or value.shape in (Shape.NAME, Shape.CALL)


def _name(value: Value | None) -> str:
    return last(value.text) if value is not None and value.text else "statement"
