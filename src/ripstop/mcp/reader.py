"""A role that can only SELECT, and asking a question as it. What may be asked is PostgreSQL's to say.

Three walls, each of which stands alone: the role owns nothing and is granted SELECT and nothing else; its
transactions are read only; and a question is one cursor over one subquery, sent as one prepared statement, so
that it cannot be two (chapter 54.2.3: a Parse message holds a single statement).
"""

# ruff: noqa: S608 - names are quoted by sql.py; the question itself is the role's to be refused

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from pg8000.exceptions import DatabaseError, InterfaceError
from pg8000.native import Connection

from ripstop.errors import ExperimentError, UsageError
from ripstop.model.address import PostgresAddress
from ripstop.state import sql
from ripstop.state.connection import Session
from ripstop.state.schema import USER_SCHEMAS

ROLE = "ripstop_reader"
TIMEOUT_MS = 5_000
MOST_ROWS = 1_000
MOST_CHARS = 200_000
_ROW_CHARS = 8_000
_STEP = 50
_QUESTION_CHARS = 20_000
_SOCKET_GRACE_S = 5.0
_CONNECTIONS = 8

_LIMITS = {
    "default_transaction_read_only": "on",
    "statement_timeout": str(TIMEOUT_MS),
    "lock_timeout": "1000",
    "idle_in_transaction_session_timeout": "10000",
    "client_encoding": "UTF8",
    "TimeZone": "UTC",
    "DateStyle": "ISO, YMD",
    "jit": "off",
}
# Whoever may connect may call these; they leave something behind or are heard elsewhere (chapter 9.28), and
# set_config would lift the limits of what comes after it.
_LEAVING = (
    "lo_creat", "lo_create", "lo_from_bytea", "lo_open", "lo_put", "lo_truncate", "lo_truncate64",
    "lo_unlink", "lowrite", "lo_import", "lo_export", "pg_notify", "pg_logical_emit_message",
    "pg_cancel_backend", "pg_terminate_backend", "pg_advisory_lock", "pg_try_advisory_lock", "set_config",
)  # fmt: skip

# Harmless where it runs with the caller's rights and in a language that reaches nothing else, or in one that
# does but promises to change nothing: operators of extensions are such, dblink is not.
_SAFE = f"""
SELECT p.oid::regprocedure::text, p.prokind::text FROM pg_proc p
JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
WHERE NOT p.prosecdef AND p.prokind IN ('f', 'a', 'w')
  AND (l.lanpltrusted OR p.provolatile <> 'v') AND (l.lanpltrusted OR l.lanname IN ('c', 'internal'))
  AND {USER_SCHEMAS}"""
_READABLE = f"""
SELECT n.nspname::text, c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm') AND c.relpersistence <> 't' AND {USER_SCHEMAS}"""
_SCHEMAS = f"SELECT n.nspname::text FROM pg_namespace n WHERE {USER_SCHEMAS}"
_CALLED = """
SELECT p.oid::regprocedure::text FROM pg_proc p
WHERE p.pronamespace = 'pg_catalog'::regnamespace AND (p.proname = ANY (ARRAY[{names}])
      OR p.proname LIKE 'pg\\_advisory%' OR p.proname LIKE 'pg\\_try\\_advisory%')"""


@dataclass(frozen=True, slots=True)
class Rows:
    """What came of a question. ``cut``: there is more, or a row was too long to give whole."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    cut: bool = False


def admit(admin: Session, address: PostgresAddress, secret: str = "") -> PostgresAddress:
    """Make the role in a database of ours, and take from everybody what it must not do; how it connects.

    ``admin`` is a superuser's session in that very database. Databases of one server share the role, and so
    its ``secret``. Raises StatementFailed.
    """
    secret = secret or secrets.token_hex(16)
    known = admin.run(f"SELECT 1 FROM pg_roles WHERE rolname = {sql.literal(ROLE)}")
    verb = "ALTER" if known else "CREATE"
    admin.run(
        f"{verb} ROLE {ROLE} LOGIN PASSWORD {sql.literal(secret)} NOSUPERUSER NOCREATEDB NOCREATEROLE"
        f" NOINHERIT NOREPLICATION NOBYPASSRLS CONNECTION LIMIT {_CONNECTIONS}"
    )
    for name, value in _LIMITS.items():
        admin.run(f"ALTER ROLE {ROLE} SET {name} = {sql.literal(value)}")
    for statement in _grants(admin, address.database):
        admin.run(statement)
    return replace(address, user=ROLE, password=secret, socket_dir=None)


def _grants(admin: Session, database: str) -> Iterable[str]:
    """Take from everybody what would let the role write, then give it what it needs to read."""
    yield f"REVOKE TEMPORARY, CREATE ON DATABASE {sql.name(database)} FROM PUBLIC"
    yield f"GRANT CONNECT ON DATABASE {sql.name(database)} TO {ROLE}"
    for (schema,) in admin.run(_SCHEMAS):
        here = sql.name(schema)
        yield f"REVOKE CREATE ON SCHEMA {here} FROM PUBLIC"
        yield f"GRANT USAGE ON SCHEMA {here} TO {ROLE}"
        for kind in ("TABLES", "SEQUENCES", "ROUTINES"):
            yield f"REVOKE ALL ON ALL {kind} IN SCHEMA {here} FROM PUBLIC"
    for schema, table in admin.run(_READABLE):
        yield f"GRANT SELECT ON {sql.qualified(schema, table)} TO {ROLE}"
    for routine, _kind in admin.run(_SAFE):
        yield f"GRANT EXECUTE ON ROUTINE {routine} TO {ROLE}"
    named = ", ".join(map(sql.literal, _LEAVING))
    for (routine,) in admin.run(_CALLED.format(names=named)):
        yield f"REVOKE EXECUTE ON FUNCTION {routine} FROM PUBLIC"


def ask(reader: PostgresAddress, question: str, *, limit: int = 100) -> Rows:
    """The first rows of one SELECT, VALUES or TABLE, on a session of its own that is gone afterwards.

    Raises UsageError ``not-a-question``, ExperimentError ``query-refused`` with what PostgreSQL says.
    """
    text = question.strip().removesuffix(";").rstrip()
    if not text or len(text) > _QUESTION_CHARS or "\0" in text:
        raise UsageError(
            "not-a-question",
            f"a question is one SELECT of at most {_QUESTION_CHARS} characters",
            way_out="ask for less at once",
        )
    connection = open_as(reader)
    try:
        return _answered(connection, text, max(1, min(limit, MOST_ROWS)))
    except (DatabaseError, InterfaceError, OSError) as error:
        raise _refused(error) from error
    finally:
        _close(connection)


def open_as(reader: PostgresAddress) -> Connection:
    """A session of the role's own. Raises ExperimentError ``query-refused``."""
    try:
        return Connection(
            user=reader.user,
            password=reader.password,
            database=reader.database,
            host=reader.host,
            port=reader.port,
            timeout=TIMEOUT_MS / 1000 + _SOCKET_GRACE_S,
            application_name="ripstop mcp",
            ssl_context=False,
            startup_params=dict(_LIMITS),
        )
    except (DatabaseError, InterfaceError, OSError) as error:
        raise _refused(error) from error


def _answered(connection: Connection, text: str, limit: int) -> Rows:
    connection.execute_simple("BEGIN TRANSACTION READ ONLY")
    inside = f"(\n{text}\n) AS ripstop_row"
    # LIMIT 0 runs nothing: it is asked for the names alone, which an empty answer would not tell.
    described = connection.execute_unnamed(f"SELECT * FROM {inside} LIMIT 0").columns or ()
    connection.execute_unnamed(
        "DECLARE ripstop_answer NO SCROLL CURSOR FOR"
        f" SELECT left(row_to_json(ripstop_row)::text, {_ROW_CHARS + 1}) FROM {inside}"
    )
    lines, over = _fetched(connection, limit)
    rows = tuple(_row(line) for line in lines[:limit])
    cut = not over or len(lines) > limit or any(len(line) > _ROW_CHARS for line in lines)
    return Rows(tuple(one["name"] for one in described), rows, cut)


def _fetched(connection: Connection, limit: int) -> tuple[list[str], bool]:
    """At most one row more than the limit, and a step more than the characters that may be given; whether
    these are all."""
    lines: list[str] = []
    while len(lines) <= limit and sum(map(len, lines)) < MOST_CHARS:
        step = min(_STEP, limit + 1 - len(lines))
        found = connection.execute_simple(f"FETCH FORWARD {step} FROM ripstop_answer").rows or []
        lines += [str(one) for (one,) in found]
        if len(found) < step:
            return lines, True
    return lines, False


def _row(line: str) -> tuple[Any, ...]:
    """A row's values in order; of one that was too long, its beginning as one text."""
    if len(line) > _ROW_CHARS:
        return (f"{line[:_ROW_CHARS]}…",)
    pairs: list[tuple[str, Any]] = json.loads(line, object_pairs_hook=_Pairs).pairs
    return tuple(_plain(value) for _, value in pairs)


@dataclass(frozen=True, slots=True)
class _Pairs:
    """An object of JSON whose names may repeat, as a row's may."""

    pairs: list[tuple[str, Any]]


def _plain(value: Any) -> Any:
    if isinstance(value, _Pairs):
        return {name: _plain(one) for name, one in value.pairs}
    return [_plain(one) for one in value] if isinstance(value, list) else value


def _close(connection: Connection) -> None:
    try:
        connection.close()
    except (InterfaceError, OSError):
        return


def _refused(error: Exception) -> ExperimentError:
    fields = error.args[0] if error.args and isinstance(error.args[0], dict) else {}
    details = [f"SQLSTATE {fields['C']}"] if fields.get("C") else []
    details += [str(fields[key])[:500] for key in ("D", "H") if fields.get(key)]
    return ExperimentError(
        "query-refused",
        f"PostgreSQL says: {fields.get('M', error)}",
        details=details,
        way_out="this role may only SELECT; what the service does is seen by running a test",
    )
