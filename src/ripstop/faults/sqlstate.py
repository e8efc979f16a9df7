"""The fault `sqlstate`: the database refuses a statement with one of its own error codes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ripstop.faults.params import require, spec_of
from ripstop.faults.sqlstates import Genuine, command, genuine
from ripstop.faults.where import is_commit, is_write, locks_rows, touches_rows
from ripstop.model.fault import Commands, Facts, FaultSpec, Forward, SendBackend
from ripstop.model.state import UniqueIndex
from ripstop.model.trace import Crossing, Kind
from ripstop.wire import sql

_CODE = re.compile(r"[0-9A-Z]{5}\Z")
_UNIQUE = "23505"
_INTEGRITY = "23"
_INDEXES_LIMIT = 3


@dataclass(frozen=True, slots=True)
class Sqlstate:
    """The database refuses a statement, or a COMMIT, with an error of its own.

    **What happens.** The real server raises the error in the statement's place, so that the state of
    the transaction is true: within one it has failed (`25P02` from then on), outside one nothing
    happened. An error at COMMIT leaves the session idle and the transaction rolled back, as a real
    one does. Message, detail, hint and the names of constraint and table are those of genuine errors.

    **Parameters.** `code`: the SQLSTATE. `constraint` and `columns` (names, separated by commas): for
    `23505`, the unique index that is violated.

    | code | means | offered at |
    |---|---|---|
    | 40001 | serialization failure | statements on tables within a transaction, COMMIT |
    | 40P01 | deadlock | writes and locking reads |
    | 23505 | duplicate key | INSERT and UPDATE that write every column of a unique index |
    | 57014 | statement time-out | reads and writes |
    | 55P03 | lock time-out | writes and locking reads |
    | 25006 | read-only: the writer failed over | writes |
    | 53100 | disk full | writes, COMMIT |

    **Why it matters.** Each asks for something else. 40001 and 40P01 say "once more, from BEGIN": the
    server rolled back for you. 23505 on an idempotency key says "done already": look the first result
    up. The rest are outages. And whatever was done outside the database before stays done.

    **Tears.**

    ```python
    except UniqueViolation:
        return JSONResponse({"error": "database error"}, 500)     # the order exists; the caller retries
    ```

    **Instead.** Try whole transactions again, with external effects before BEGIN or keyed, and
    answer a duplicate with what is already there.

    ```python
    for attempt in range(3):
        try:
            with connection.transaction():
                return place_order(connection, key)
        except (SerializationFailure, DeadlockDetected):
            continue
    ```
    """

    name: ClassVar[str] = "sqlstate"
    protocols: ClassVar[frozenset[str]] = frozenset({"postgres"})
    waits: ClassVar[bool] = False
    ambiguous: ClassVar[bool] = False

    code: str
    constraint: str | None = None
    columns: str | None = None

    def __post_init__(self) -> None:
        require(
            bool(_CODE.match(self.code)),
            self.name,
            f"code: five digits or capitals, such as 40001, not {self.code!r}",
        )

    @property
    def spec(self) -> FaultSpec:
        return spec_of(self)

    @classmethod
    def offers(cls, crossing: Crossing, facts: Facts) -> Iterable[Sqlstate]:
        """Only what the server could really answer here."""
        if (crossing.in_transaction and touches_rows(crossing)) or is_commit(crossing):
            yield cls("40001")
        if locks_rows(crossing):
            yield cls("40P01")
        for index in _violable(crossing, facts):
            yield cls(_UNIQUE, index.name, ",".join(index.columns))
        if crossing.protocol == "postgres" and crossing.kind in (Kind.READ, Kind.WRITE):
            yield cls("57014")
        if locks_rows(crossing):
            yield cls("55P03")
        if is_write(crossing):
            yield cls("25006")
        if is_write(crossing) or is_commit(crossing):
            yield cls("53100")

    def at_step(self) -> Commands:
        return ()

    def on_request(self, crossing: Crossing) -> Commands:
        error = genuine(self.code, crossing)
        file, line, routine = error.source
        filled = self._filled(crossing)
        context = error.context.format(**filled) or None
        fields: dict[str, str | None] = {"W": context, "F": file, "L": line, "R": routine}
        before = "ROLLBACK" if is_commit(crossing) else ""
        return (SendBackend(self._raise(error, filled), error=fields, before=before),)

    def on_reply(self, crossing: Crossing, reply: Any) -> Commands:
        return (Forward(),)

    def _filled(self, crossing: Crossing) -> dict[str, str]:
        """What the wording of an error leaves open."""
        schema, _, table = (crossing.tables[0] if crossing.tables else "").rpartition(".")
        columns = (self.columns or "id").replace(",", ", ")
        return {
            "command": command(crossing),
            "schema": schema or "public",
            "table": table,
            "constraint": self.constraint or f"{table}_pkey",
            "columns": columns,
            "values": ", ".join("..." for _ in columns.split(", ")),
        }

    def _raise(self, error: Genuine, filled: Mapping[str, str]) -> str:
        options = {
            "ERRCODE": self.code,
            "MESSAGE": error.message.format(**filled),
            "DETAIL": error.detail.format(**filled),
            "HINT": error.hint,
        }
        if self.code.startswith(_INTEGRITY):
            options["CONSTRAINT"] = filled["constraint"]
            if filled["table"]:
                options |= {"SCHEMA": filled["schema"], "TABLE": filled["table"]}
        given = ", ".join(f"{key} = {_quoted(value)}" for key, value in options.items() if value)
        return f"DO {_quoted(f'BEGIN RAISE EXCEPTION USING {given}; END')}"


def _violable(crossing: Crossing, facts: Facts) -> Iterator[UniqueIndex]:
    """The unique indexes of the table written all of whose columns the statement writes."""
    if not is_write(crossing) or not crossing.id.operation.startswith(("INSERT ", "UPDATE ")):
        return
    statement = sql.parse(crossing.text)
    found = 0
    for index in facts.unique_indexes:
        full = index.table if index.schema == "public" else f"{index.schema}.{index.table}"
        here = crossing.tables[:1] in ((full,), (index.table,)) and full == crossing.tables[0]
        covered = statement.conflict is not None and set(statement.conflict) in (set(), set(index.columns))
        if here and not covered and index.columns and set(index.columns) <= set(statement.columns):
            found += 1
            yield index
        if found == _INDEXES_LIMIT:
            return


def _quoted(text: str) -> str:
    """A string literal that means the same whatever ``standard_conforming_strings`` says."""
    body = text.replace("\\", "\\\\").replace("'", "''")
    return f"E'{body}'" if "\\" in text else f"'{body}'"


def sqlstate(code: str, *, constraint: str | None = None, columns: str | None = None) -> FaultSpec:
    """The database refuses with this SQLSTATE; ``constraint`` and ``columns`` for 23505."""
    return Sqlstate(code, constraint, columns).spec
