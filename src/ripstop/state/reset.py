"""Back to the mark: by undo, or by a clone where undo cannot do it.

Keeps what a clone needs: the spare copy, the changes accepted since it was taken (repeated on the
clone), checksums of the tables they touch (to audit it), and how far sequences had run.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from ripstop.errors import ExperimentError
from ripstop.model.address import PostgresAddress
from ripstop.state import sessions, undo
from ripstop.state.checksum import checksum
from ripstop.state.connection import Session, StatementFailed, connect
from ripstop.state.decoding import RowChange
from ripstop.state.recorder import Recorder
from ripstop.state.slot import Slot, slot_name
from ripstop.state.template import Sequences, Template, advance, furthest, sequences

_BLOCKED = {"55P03", "57014", "40P01"}

# Large objects live in catalogs, which are not decoded. A row written anew has a newer xmin.
_LARGE_OBJECTS = """
SELECT (SELECT count(*) || ':' || coalesce(sum(xmin::text::int8), 0) FROM pg_largeobject),
       (SELECT count(*) || ':' || coalesce(sum(xmin::text::int8), 0) FROM pg_largeobject_metadata)"""


_ANY_LARGE_OBJECT = "SELECT EXISTS (SELECT FROM pg_largeobject_metadata)"
_NO_LARGE_OBJECT = [False]


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on what is kept and waited for."""

    max_undo_changes: int = 2_000
    max_accepted_changes: int = 50_000
    statement_timeout_ms: int = 30_000
    lock_timeout_ms: int = 3_000


@dataclass(frozen=True, slots=True)
class Undone:
    """How a reset went. ``fallback`` is empty, or why a clone was needed: then every session ended.

    Slugs: ``truncate``, ``ddl``, ``large-object``, ``too-many-changes``, ``undo-failed``.
    ``detail`` says more, for a person.
    """

    changes: int
    fallback: str = ""
    duration_ms: float = 0.0
    detail: str = ""


@dataclass(slots=True)
class Reset:
    """The mark, and the ways back to it. ``stale`` says why the spare copy is of no use, if it is not."""

    admin: PostgresAddress
    limits: Limits
    recorder: Recorder
    template: Template
    stale: str = "no spare copy was taken"
    _accepted: list[RowChange] = field(default_factory=list)
    _audit: dict[str, str] = field(default_factory=dict)
    _reached: Sequences = field(default_factory=dict)
    _large_objects: list[str] | None = None

    def take_template(self, *, end_sessions: bool) -> None:
        """Copy the database as it stands; our own session ends and is opened anew."""
        self.recorder.close()
        try:
            self.template.take(end_sessions=end_sessions)
            self.stale = ""
            self._accepted, self._audit = [], {}
        finally:
            self._reconnect()

    def mark(self) -> None:
        """Accept what was committed since the last mark."""
        recorder = self.recorder
        self._accept(recorder.changes)
        if recorder.ddl:
            self.stale = f"the schema was changed since the copy was taken: {', '.join(recorder.ddl[:5])}"
        if self._large_objects is not None and self._large_objects != _large_objects(recorder.session):
            self.stale = "large objects were written since the copy was taken"
        if recorder.overflow or len(self._accepted) > self.limits.max_accepted_changes:
            self.stale = f"more than {self.limits.max_accepted_changes} changes since the copy was taken"
            self._accepted.clear()
        recorder.forget()
        self.remember()

    def remember(self) -> None:
        """Note what no change tells: large objects, and how far sequences have run."""
        session = self.recorder.session
        self._large_objects = _large_objects(session)
        self._reached = furthest(self._reached, sequences(session))

    def undo(self, before_clone: Callable[[], None] | None) -> Undone:
        """Back to the mark; see ``Database.undo``."""
        started = time.monotonic()
        changes = self.recorder.changes
        reason, detail = self._hopeless(), ", ".join(self.recorder.ddl[:5])
        if not reason:
            reason, detail = self._take_back(changes)
        if reason:
            self._clone(reason, detail, before_clone)
        self.recorder.forget()
        return Undone(len(changes), reason, (time.monotonic() - started) * 1000, detail)

    def _hopeless(self) -> str:
        """Why undo is not even tried, empty where it is."""
        changes = self.recorder.changes
        if self.recorder.ddl:
            return "ddl"
        if self.recorder.lost:
            return "truncate"
        if self.recorder.overflow or len(changes) > self.limits.max_undo_changes:
            return "too-many-changes"
        return ""

    def _take_back(self, changes: list[RowChange]) -> tuple[str, str]:
        """Undo in one transaction; reason and detail where a clone must do it, empty where not."""
        session = self.recorder.session
        try:
            batch = undo.inverse(changes, self.recorder.schema())
            # One round trip. What turns out wrong need not be rolled back: a copy takes its place.
            touched = session.execute(f"BEGIN;{self._look()};{batch.sql};COMMIT") - 1
            unchanged = session.last[0] == (self._large_objects or _NO_LARGE_OBJECT)
        except StatementFailed as error:
            session.execute("ROLLBACK")
            if error.sqlstate in _BLOCKED:
                raise self._blocked(error) from error
            return "undo-failed", error.message
        except ExperimentError as error:
            if error.slug != "undo-unknown-table":
                raise
            return "undo-failed", error.message
        if not unchanged:
            return "large-object", ""
        if touched != batch.rows:
            return "undo-failed", f"{touched} rows found of {batch.rows}"
        self._run_on(changes)
        return "", ""

    def _look(self) -> str:
        """Ask after large objects: where there were none at the mark, whether there is any."""
        return _LARGE_OBJECTS if self._large_objects else _ANY_LARGE_OBJECT

    def _run_on(self, changes: list[RowChange]) -> None:
        """A TRUNCATE may have restarted sequences whose values are in use again now."""
        if any(change.kind == "truncate" for change in changes):
            advance(self.recorder.session, self._reached)

    def _blocked(self, error: StatementFailed) -> ExperimentError:
        return ExperimentError(
            "undo-blocked",
            f"committed changes cannot be taken back: {error.message}",
            details=sessions.open_transactions(self.recorder.session),
            way_out="end the transactions above (restart the service)",
        )

    def _accept(self, changes: list[RowChange]) -> None:
        self._accepted += changes
        touched = {(change.schema, change.table) for change in changes}
        if touched and not self.stale:
            self._audit |= checksum(self.recorder.session, touched)

    def _clone(self, reason: str, detail: str, before_clone: Callable[[], None] | None) -> None:
        """Put the spare copy in the database's place and repeat there what was accepted since."""
        if self.stale:
            raise ExperimentError(
                "no-template",
                f"the database cannot be reset after {reason}: {self.stale}",
                details=(detail,) if detail else (),
                way_out="make schema changes in the service's setup command, before the first mark",
            )
        if before_clone is not None:
            before_clone()
        reached = furthest(self._reached, sequences(self.recorder.session))
        self.recorder.slot.drop()
        self.recorder.close()
        try:
            admit = self.template.restore()
        finally:
            self._reconnect()
        self._repeat()
        advance(self.recorder.session, reached)
        self.recorder.slot.create()
        self.recorder.session.execute(admit)
        self.remember()

    def _repeat(self) -> None:
        session, schema = self.recorder.session, self.recorder.schema()
        if not self._accepted:
            return
        session.execute(undo.forward(self._accepted, schema).sql)
        touched = {(change.schema, change.table) for change in self._accepted}
        found = checksum(session, touched)
        wrong = [name for name, value in self._audit.items() if found.get(name) != value]
        if wrong:
            raise ExperimentError(
                "reset-inexact", "after a clone these tables do not stand as they did", details=wrong
            )

    def _reconnect(self) -> None:
        self.recorder.move(*open_sessions(self.admin, self.limits))


def open_sessions(admin: PostgresAddress, limits: Limits) -> tuple[Session, Slot]:
    """A session for statements, and one that does nothing but read the slot (not created yet).

    Reading a slot empties the session's catalog caches: a statement after it costs 1 ms more.
    """
    session, reader = (
        connect(
            admin,
            statement_timeout_ms=limits.statement_timeout_ms,
            lock_timeout_ms=limits.lock_timeout_ms,
        )
        for _ in range(2)
    )
    oid = session.run("SELECT oid::int8 FROM pg_database WHERE datname = current_database()")[0][0]
    return session, Slot(reader, slot_name(oid))


def _large_objects(session: Session) -> list[str]:
    """Their fingerprint; empty where there are none."""
    if session.run(_ANY_LARGE_OBJECT)[0] == _NO_LARGE_OBJECT:
        return []
    return session.run(_LARGE_OBJECTS)[0]
