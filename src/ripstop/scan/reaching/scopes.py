"""What being inside a call means: a transaction, a session that will begin one, a limit on waits."""

from __future__ import annotations

from enum import StrEnum

from ripstop.scan.code import Call, Codebase
from ripstop.scan.reaching.known import known
from ripstop.scan.reaching.names import before_last, last, root
from ripstop.scan.reaching.values import text_of


class Scope(StrEnum):
    """What a call's block stands in."""

    NONE = "none"
    TRANSACTION = "transaction"
    """Begun before the block, committed after it."""
    COMMITTING = "committing"
    """A connection that begins with its first statement and commits at the end of the block (psycopg)."""
    SESSION = "session"
    """Begins with its first statement; what is not committed is rolled back."""
    AUTOCOMMIT = "autocommit"
    """Each statement stands for itself."""
    DEADLINE = "deadline"
    """All that is awaited inside ends after a while."""


_BEGINNING = frozenset({"begin", "transaction", "atomic", "$transaction", "in_transaction", "Transaction"})
_NO_DATABASES = frozenset(
    {"sentry_sdk", "@sentry/node", "newrelic", "elasticapm", "ddtrace", "opentelemetry", "anyio"}
)
_DEADLINES = frozenset(
    {
        *(
            "asyncio.timeout",
            "asyncio.timeout_at",
            "asyncio.wait_for",
            "anyio.fail_after",
            "anyio.move_on_after",
        ),
        *("async_timeout.timeout", "trio.fail_after", "trio.move_on_after"),
    }
)
_CONNECTS = frozenset(
    {
        *(
            "psycopg.connect",
            "psycopg.Connection.connect",
            "psycopg.AsyncConnection.connect",
            "psycopg2.connect",
        ),
        *("psycopg_pool.ConnectionPool.connection", "psycopg_pool.AsyncConnectionPool.connection"),
        *("sqlite3.connect", "aiosqlite.connect", "pymysql.connect", "MySQLdb.connect"),
    }
)
_SESSIONS = frozenset(
    {"Session", "AsyncSession", "sessionmaker", "async_sessionmaker", "scoped_session", "connect", "session"}
)
_LIBRARIES = frozenset({"sqlalchemy", "sqlmodel", "flask_sqlalchemy"})


def scope(call: Call, code: Codebase) -> Scope:
    """What the block of a call stands in."""
    word, library = last(call.name), root(call.name)
    if call.name in _DEADLINES:
        return Scope.DEADLINE
    if call.name in _CONNECTS:
        return Scope.AUTOCOMMIT if _autocommit(call, code) else Scope.COMMITTING
    if library in _NO_DATABASES:
        return Scope.NONE
    if word in _BEGINNING and (call.block or call.arguments or library in _LIBRARIES):
        return Scope.TRANSACTION
    made = last(before_last(call.name)) if word == "__call__" else word
    return Scope.SESSION if library in _LIBRARIES and made in _SESSIONS else Scope.NONE


def _autocommit(call: Call, code: Codebase) -> bool:
    given = call.argument("autocommit")
    if given is None:
        level = text_of(call.argument("isolation_level"), code)
        return level == "AUTOCOMMIT"
    value = known(code).resolve(given)
    return value.text.lower() == "true"
