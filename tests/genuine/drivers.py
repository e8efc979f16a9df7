"""Drivers behind one small face, and what each of them tells of a failure, to compare run with run."""

from __future__ import annotations

import asyncio
import itertools
import re
import select
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import asyncpg
import psycopg
from psycopg.pq import ConnStatus, DiagnosticField, ExecStatus
from psycopg.pq.abc import PGconn, PGresult

Step = tuple[Any, ...]
"""SQL with ``?`` for each value, then the values."""
# Line numbers move with each minor release, so they are not compared.
_DIAGNOSTICS = (
    *("severity", "severity_nonlocalized", "sqlstate", "message_primary", "message_detail", "message_hint"),
    *("statement_position", "internal_position", "internal_query", "context", "schema_name", "table_name"),
    *("column_name", "datatype_name", "constraint_name", "source_file", "source_function"),
)
_ASYNCPG = {"detail": "message_detail", "message": "message_primary"}


@dataclass(frozen=True, slots=True)
class Seen:
    """What a driver made of one statement: a value, or an exception and all it carries."""

    kind: str
    said: tuple[tuple[str, str], ...] = ()

    @property
    def failed(self) -> bool:
        return self.kind.startswith("raised") or self.kind == "result FATAL_ERROR"

    def without(self, names: frozenset[str]) -> Seen:
        return Seen(self.kind, tuple(pair for pair in self.said if pair[0] not in names))


class Driver(Protocol):
    def run(self, step: Step) -> object: ...

    def fail(self, step: Step) -> tuple[Seen, ...]:
        """Run the step that is to fail; what was seen, in order of arrival."""
        ...

    def cancelled(self, step: Step, active: Callable[[], None]) -> tuple[Seen, ...]:
        """Run a step that does not end and cancel it once ``active`` returns."""
        ...

    def state(self) -> str: ...

    def close(self) -> None: ...


def seen(action: Callable[[], object]) -> Seen:
    try:
        return Seen(f"gave {action()!r}")
    except Exception as error:
        return Seen(f"raised {type(error).__module__}.{type(error).__qualname__}", tuple(_told(error)))


def _told(error: Exception) -> list[tuple[str, str]]:
    if isinstance(error, psycopg.Error) and error.sqlstate:
        pairs = [(name, getattr(error.diag, name)) for name in _DIAGNOSTICS]
    elif isinstance(error, asyncpg.PostgresError):
        pairs = [(_ASYNCPG.get(k, k), v) for k, v in error.as_dict().items() if k != "server_source_line"]
    else:
        pairs = [("text", str(error))]
    return [(name, _steady(name, str(value))) for name, value in pairs if value is not None]


def _steady(name: str, text: str) -> str:
    """Process numbers, tuple places and key values differ from run to run."""
    if name not in ("message_detail", "context", "text"):
        return text
    return re.sub(r"\d+", "N", re.sub(r"\)=\(.*\)", ")=(...)", text))


class Psycopg:
    """psycopg 3: extended protocol by default."""

    def __init__(self, url: str, *, simple: bool = False, prepare: bool | None = None) -> None:
        self.connection = psycopg.connect(url, autocommit=True)
        self._prepare = prepare
        if simple:
            self.connection.cursor_factory = psycopg.ClientCursor

    def run(self, step: Step) -> object:
        cursor = self.connection.execute(step[0].replace("?", "%s"), step[1:] or None, prepare=self._prepare)
        return cursor.fetchall() if cursor.description else None

    def fail(self, step: Step) -> tuple[Seen, ...]:
        return (seen(lambda: self.run(step)),)

    def cancelled(self, step: Step, active: Callable[[], None]) -> tuple[Seen, ...]:
        return asyncio.run(self._cancelled(step, active))

    async def _cancelled(self, step: Step, active: Callable[[], None]) -> tuple[Seen, ...]:
        work = asyncio.create_task(asyncio.to_thread(self.fail, step))
        await asyncio.to_thread(active)
        await asyncio.to_thread(self.connection.cancel_safe)
        return await work

    def state(self) -> str:
        return self.connection.info.transaction_status.name

    def close(self) -> None:
        self.connection.close()


_RESULTS_LIMIT = 10
"""Three results, the end of each, and the Sync's: more are never due."""


class Pipeline(Psycopg):
    """libpq's pipeline mode: the failing statement stands between two others, before one Sync.

    Spoken to libpq itself: psycopg's cursors read ahead, so where they raise depends on timing.
    """

    def fail(self, step: Step) -> tuple[Seen, ...]:
        steps: tuple[Step, ...] = (("SELECT 'before'",), step, ("SELECT 'after'",))
        found: list[Seen] = []
        end = seen(lambda: self._between_others(steps, found))
        return (*found, end, seen(lambda: self.run(("SELECT 'later'",))))

    def _between_others(self, steps: tuple[Step, ...], found: list[Seen]) -> None:
        libpq = self.connection.pgconn
        libpq.enter_pipeline_mode()
        for sql, *values in steps:
            libpq.send_query_params(numbered(sql).encode(), [str(v).encode() for v in values] or None)
        libpq.pipeline_sync()
        while libpq.flush():
            select.select([], [libpq.socket], [], 5)
        for _ in range(_RESULTS_LIMIT):
            result = _next_result(libpq)
            if result is not None and result.status == ExecStatus.PIPELINE_SYNC:
                libpq.exit_pipeline_mode()
                return
            if result is not None:
                found.append(_of_result(result))
            if libpq.status != ConnStatus.OK:
                return


def _next_result(libpq: PGconn) -> PGresult | None:
    """Waits outside libpq, which would keep other threads from running."""
    while libpq.status == ConnStatus.OK and libpq.is_busy():
        assert select.select([libpq.socket], [], [], 5)[0], "no result came"
        libpq.consume_input()
    return libpq.get_result()


def _of_result(result: PGresult) -> Seen:
    fields = ((field.name.lower(), result.error_field(field)) for field in DiagnosticField)
    said = [(name, _steady(name, text.decode())) for name, text in fields if text and name != "source_line"]
    return Seen(f"result {ExecStatus(result.status).name}", tuple(said))


def numbered(sql: str) -> str:
    numbers = itertools.count(1)
    return re.sub(r"\?", lambda _: f"${next(numbers)}", sql)


class Asyncpg:
    """asyncpg: named prepared statements where there are values, simple queries where there are none."""

    def __init__(self, url: str) -> None:
        self._runner = asyncio.Runner()
        self.connection = self._runner.run(asyncpg.connect(url))

    def run(self, step: Step) -> object:
        return self._runner.run(self._run(step))

    async def _run(self, step: Step, timeout_s: float | None = None) -> object:
        if len(step) == 1:
            return await self.connection.execute(step[0], timeout=timeout_s)
        rows = await self.connection.fetch(numbered(step[0]), *step[1:], timeout=timeout_s)
        return [tuple(row) for row in rows]

    def fail(self, step: Step) -> tuple[Seen, ...]:
        return (seen(lambda: self.run(step)),)

    def cancelled(self, step: Step, active: Callable[[], None]) -> tuple[Seen, ...]:
        """asyncpg cancels by itself when its time is up."""
        return (seen(lambda: self._runner.run(self._run(step, timeout_s=0.2))),)

    def state(self) -> str:
        if self.connection.is_closed():
            return "UNKNOWN"
        return "INTRANS" if self.connection.is_in_transaction() else "IDLE"

    def close(self) -> None:
        self.connection.terminate()
        self._runner.close()


DRIVERS: dict[str, Callable[[str], Driver]] = {
    "psycopg": Psycopg,
    "psycopg-prepared": lambda url: Psycopg(url, prepare=True),
    "psycopg-simple": lambda url: Psycopg(url, simple=True),
    "libpq-pipeline": Pipeline,
    "asyncpg": Asyncpg,
}
