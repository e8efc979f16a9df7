"""The room's door: one database whose committed changes are read, and taken back.

Used from one thread. What each part does lives in the other files of the room.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from ripstop.errors import ExperimentError
from ripstop.model.address import PostgresAddress
from ripstop.model.state import Change, ColumnRule, UniqueIndex
from ripstop.state import columns, instruments, rows, sessions
from ripstop.state.checksum import checksum
from ripstop.state.connection import Session
from ripstop.state.recorder import Recorder
from ripstop.state.reset import Limits, Reset, Undone, open_sessions
from ripstop.state.schema import Schema
from ripstop.state.template import Template


class Database:
    """Committed changes of one database, and their undo. Build with ``Database.open``."""

    def __init__(self, recorder: Recorder, reset: Reset) -> None:
        self._recorder, self._reset = recorder, reset
        self._columns: tuple[Schema, tuple[ColumnRule, ...]] | None = None

    @classmethod
    def open(
        cls,
        admin: PostgresAddress,
        *,
        limits: Limits | None = None,
        template: bool = True,
        activity: Callable[[], object] | None = None,
    ) -> Database:
        """Prepare a database for reading its changes; call before the service starts.

        ``admin`` is a superuser of it. With ``template`` a spare copy is taken for fallbacks, which
        costs about 0.1 s and works only while nobody else is connected. ``activity`` gives a token
        that changes whenever somebody may have committed; reading is spared while it does not.
        Raises StartError, and ExperimentError (``template-refused``) where somebody is.
        """
        limits = limits or Limits()
        recorder = Recorder(*open_sessions(admin, limits), activity=activity)
        reset = Reset(admin, limits, recorder, Template(admin))
        instruments.install(recorder.session)
        if template:
            reset.take_template(end_sessions=False)
        recorder.slot.create()
        reset.remember()
        return cls(recorder, reset)

    @property
    def _session(self) -> Session:
        return self._recorder.session

    def read(self) -> tuple[Change, ...]:
        """All changes committed since the last mark or undo, in commit order. About a millisecond.

        Raises ExperimentError (``too-many-changes``) beyond 100,000 of them.
        """
        self._recorder.pump()
        return self._recorder.told()

    def mark(self, *, before_clone: Callable[[], None] | None = None) -> bool:
        """What stands now stays. True where sessions were ended to copy the database anew.

        A new copy is due after DDL or large objects, which cannot be repeated on the old one. With
        ``before_clone`` (stop the service there) it is taken at once; without, a later fallback fails.
        """
        self._recorder.pump()
        self._reset.mark()
        if not self._reset.stale or before_clone is None:
            return False
        before_clone()
        self._recorder.pump()
        self._reset.mark()
        self._reset.take_template(end_sessions=True)
        self._reset.remember()
        return True

    @property
    def stale(self) -> str:
        """Why a fallback would fail now, empty where it would not."""
        return self._reset.stale

    def undo(self, *, before_clone: Callable[[], None] | None = None) -> Undone:
        """Back to the mark. ``before_clone`` is called before a fallback ends every session.

        Raises ExperimentError: ``undo-blocked`` where a lock of the service stands in the way,
        ``no-template`` where a fallback is due and no copy is of use, ``reset-inexact``.
        """
        self._recorder.pump()
        return self._reset.undo(before_clone)

    def unique_indexes(self) -> tuple[UniqueIndex, ...]:
        """Every unique index of the service's tables; read anew once a reading has met DDL. Cheap."""
        return self._recorder.schema().unique_indexes

    def columns(self) -> tuple[ColumnRule, ...]:
        """What the schema demands of every column; read anew once a reading has met DDL. Cheap."""
        schema = self._recorder.schema()
        if self._columns is None or self._columns[0] is not schema:
            self._columns = (schema, columns.load(self._session))
        return self._columns[1]

    def rows(self, table: str, /, **where: Any) -> list[dict[str, Any]]:
        """Rows of a table whose columns have these values. Raises RowLookupError."""
        return rows.rows(self._session, self._schema(), table, where)

    def row(self, table: str, /, **where: Any) -> dict[str, Any]:
        """The one row with these values. Raises RowLookupError where there is none or several."""
        return rows.row(self._session, self._schema(), table, where)

    def count(self, table: str, /, **where: Any) -> int:
        """How many rows have these values. Raises RowLookupError for an unknown table or column."""
        return rows.count(self._session, self._schema(), table, where)

    def insert(self, table: str, /, **values: Any) -> dict[str, Any]:
        """Commit one row, which the next undo takes away; the row as it stands.

        Raises RowLookupError for an unknown table or column, StatementFailed where the row cannot be.
        """
        row = rows.insert(self._session, self._schema(), table, values)
        self._recorder.look_again()
        return row

    def checksum(self) -> Mapping[str, str]:
        """Each table's checksum, whatever the order of its rows."""
        return checksum(self._session)

    def terminate(self, pids: Sequence[int], *, timeout_ms: int = 5_000) -> tuple[int, ...]:
        """End backends and wait until they are gone; those still there after ``timeout_ms``."""
        return sessions.terminate(self._session, pids, timeout_ms=timeout_ms)

    def open_transactions(self, *, exclude: Collection[int] = ()) -> tuple[str, ...]:
        """A line for each session, but ours, in a transaction; empty when all is clean."""
        return sessions.open_transactions(self._session, exclude=exclude)

    def blocking(self, pid: int) -> tuple[int, ...]:
        """The backends that ``pid`` waits for."""
        return sessions.blocking(self._session, pid)

    def close(self) -> None:
        """Drop the slot, our triggers and the copy. A server that is gone already is no error."""
        try:
            self._recorder.slot.drop()
            instruments.remove(self._session)
            self._reset.template.discard()
        except ExperimentError:
            return
        finally:
            self._recorder.close()

    def hang_up(self) -> None:
        """End our sessions and nothing else: for a server that ends too, and after an interrupt,
        when a session may be in the middle of an answer."""
        self._recorder.close()

    def _schema(self) -> Schema:
        self._recorder.pump()
        return self._recorder.schema()
