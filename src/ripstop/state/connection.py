"""One synchronous session with PostgreSQL: thin over pg8000, bounded in time, errors with a slug.

Only the simple query protocol is used, so that a batch of statements costs one round trip.
What is asked of the server is written elsewhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pg8000.converters import PG_TYPES
from pg8000.exceptions import DatabaseError, InterfaceError
from pg8000.native import Connection

from ripstop.errors import ExperimentError, StartError
from ripstop.model.address import PostgresAddress

# What decoded values look like depends on the session that reads them: pin it, so that a value
# read is a value that can be written back. Under the role "replica" no foreign key and no
# ordinary trigger fires (runtime-config-client, session_replication_role).
_SETTINGS = {
    "client_encoding": "UTF8",
    "standard_conforming_strings": "on",
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "TimeZone": "UTC",
    "session_replication_role": "replica",
    "synchronous_commit": "on",
    "default_transaction_isolation": "read committed",
    "default_transaction_read_only": "off",
    "row_security": "off",
    "idle_in_transaction_session_timeout": "0",
    "idle_session_timeout": "0",
    "jit": "off",
}
_SOCKET_GRACE_S = 10.0


class StatementFailed(ExperimentError):
    """The server refused a statement; ``sqlstate`` is its five-letter code (appendix A)."""

    def __init__(self, sqlstate: str, slug: str, message: str, *, details: tuple[str, ...] = ()) -> None:
        super().__init__(slug, message, details=details)
        self.sqlstate = sqlstate


class Session:
    """A session that belongs to one thread. ``pid`` is its backend's process id."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.pid, self.version = self.run(
            "SELECT pg_backend_pid(), current_setting('server_version_num')::int"
        )[0]

    def run(self, sql: str) -> list[list[Any]]:
        """Run one or more statements in one round trip; the rows of all of them, in order.

        Raises StatementFailed where the server refuses, ExperimentError where it is gone.
        """
        self._execute(sql)
        return self.last

    def execute(self, sql: str) -> int:
        """Run statements; how many rows they touched or returned together."""
        self._execute(sql)
        return max(int(self._context.row_count), 0)

    @property
    def last(self) -> list[list[Any]]:
        """The rows of the last call."""
        return self._context.rows or []

    def table(self, sql: str) -> list[dict[str, Any]]:
        """Run one query; its rows as dicts from column name to Python value."""
        rows = self.run(sql)
        names = [column["name"] for column in self._context.columns or ()]
        return [dict(zip(names, row, strict=True)) for row in rows]

    def close(self) -> None:
        """End the session; a session that is already gone is no error."""
        try:
            self._connection.close()
        except (InterfaceError, OSError):
            return

    def _execute(self, sql: str) -> None:
        try:
            self._context = self._connection.execute_simple(sql)
        except DatabaseError as error:
            raise _refused(error) from error
        except (InterfaceError, OSError) as error:
            raise ExperimentError(
                "database-lost", f"the database connection is gone: {error}", way_out="see the server's log"
            ) from error


def connect(
    address: PostgresAddress,
    *,
    statement_timeout_ms: int = 30_000,
    lock_timeout_ms: int = 3_000,
    application_name: str = "ripstop",
) -> Session:
    """Open a session, over the server's Unix socket where there is one.

    Raises StartError (``database-unreachable``) where the server does not let us in.
    """
    where = {"unix_sock": _socket(address)} if address.socket_dir else {"host": address.host}
    limits = {"statement_timeout": str(statement_timeout_ms), "lock_timeout": str(lock_timeout_ms)}
    try:
        connection = Connection(
            user=address.user,
            password=address.password,
            database=address.database,
            port=address.port,
            timeout=statement_timeout_ms / 1000 + _SOCKET_GRACE_S,
            application_name=application_name,
            startup_params=_SETTINGS | limits,
            # The server is on this machine; asked for nothing, pg8000 loads every CA first (50 ms).
            ssl_context=False,
            **where,
        )
    except (DatabaseError, InterfaceError, OSError) as error:
        reason = _message(error)
        raise StartError(
            "database-unreachable",
            f"cannot connect to database {address.database!r} at {address.host}:{address.port}: {reason}",
            way_out="is the server running, and may this user connect as a superuser?",
        ) from error
    connection.pg_types = defaultdict(lambda: str, _READERS)
    return Session(connection)


def _lenient(read: Callable[[str], Any]) -> Callable[[str], Any]:
    """Values Python has no room for (24:00, years BC) stay text: an error would break the session."""

    def lenient(text: str) -> Any:
        try:
            return text if text.endswith(" BC") else read(text)
        except (ValueError, ArithmeticError, LookupError, TypeError):
            return text

    return lenient


# Ranges, points, records and intervals would come as classes of pg8000's own: they stay text.
_AS_TEXT = {600, 1186, 1187, 2249, 3904, 3905, 3906, 3907, 3908, 3909, 3910, 3911, 3912, 3913, 3926, 3927}
_AS_TEXT |= {4451, *range(4532, 4537), *range(6150, 6158)}
_READERS = {oid: _lenient(read) for oid, read in PG_TYPES.items() if oid not in _AS_TEXT}


def _socket(address: PostgresAddress) -> str:
    return str(Path(address.socket_dir or "") / f".s.PGSQL.{address.port}")


def _message(error: Exception) -> str:
    fields = error.args[0] if error.args else ""
    return str(fields.get("M", fields)) if isinstance(fields, dict) else str(error)


_SLUGS = {"57014": "database-timeout", "55P03": "database-locked", "57P01": "database-lost"}


def _refused(error: DatabaseError) -> StatementFailed:
    fields = error.args[0] if error.args and isinstance(error.args[0], dict) else {}
    sqlstate = str(fields.get("C", ""))
    details = tuple(str(fields[key])[:500] for key in ("D", "H", "W") if fields.get(key))
    slug = _SLUGS.get(sqlstate, "database-error")
    return StatementFailed(sqlstate, slug, f"PostgreSQL says: {_message(error)}", details=details)
