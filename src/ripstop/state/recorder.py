"""What was committed since the mark, kept as it is read, and the schema it is read against."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from ripstop.errors import ExperimentError
from ripstop.model.state import Change
from ripstop.state import sql
from ripstop.state.connection import Session
from ripstop.state.decoding import DDL, EMPTIED, Image, RowChange, Transaction
from ripstop.state.schema import Schema, Table, load
from ripstop.state.slot import Slot

KEPT_CHANGES = 100_000


@dataclass(slots=True)
class Recorder:
    """The changes since the last ``forget``. ``ddl`` are the commands that changed the schema.

    ``activity`` gives a token that changes whenever somebody may have committed; while it stays
    the same there is nothing to read.
    """

    session: Session
    slot: Slot
    changes: list[RowChange] = field(default_factory=list)
    ddl: list[str] = field(default_factory=list)
    overflow: bool = False
    lost: bool = False
    activity: Callable[[], object] | None = None
    _seen: object = None
    _transactions: int = 0
    _told: list[Change] = field(default_factory=list)
    _schema: Schema | None = None

    def pump(self) -> None:
        """Read what was committed since the last call; what exceeds 100,000 changes is forgotten."""
        token = self.activity() if self.activity else None
        if token is not None and token == self._seen:
            return
        self._seen = token
        for transaction in self.slot.read():
            self._note(transaction)
            if not transaction.changes:
                continue
            self._transactions += 1
            for change in transaction.changes:
                self._keep(change)

    def look_again(self) -> None:
        """Read at the next call, whatever the token says: something was committed past the seams."""
        self._seen = None

    def told(self) -> tuple[Change, ...]:
        """The changes as the rest of Ripstop knows them. Raises ExperimentError beyond 100,000."""
        if self.overflow:
            raise ExperimentError("too-many-changes", f"more than {KEPT_CHANGES} changes since the mark")
        return tuple(self._told)

    def schema(self) -> Schema:
        """The schema as it is, cached until DDL is seen."""
        if self._schema is None:
            self._schema = load(self.session)
        return self._schema

    def forget(self) -> None:
        """Start anew from here."""
        self.changes, self.ddl, self._told = [], [], []
        self._transactions, self.overflow, self.lost = 0, False, False

    def move(self, session: Session, slot: Slot) -> None:
        """Go on with another session and slot, in a database that may have another schema."""
        self.session, self.slot, self._schema = session, slot, None
        self.forget()

    def close(self) -> None:
        """End both sessions."""
        self.slot.session.close()
        self.session.close()

    def _note(self, transaction: Transaction) -> None:
        found = [note.removeprefix(DDL).strip() for note in transaction.notes if note.startswith(DDL)]
        if found:
            self.ddl += found
            self._schema = None
        emptied = {note.removeprefix(EMPTIED).strip() for note in transaction.notes}
        truncated = {
            sql.qualified(one.schema, one.table) for one in transaction.changes if one.kind == "truncate"
        }
        self.lost = self.lost or not truncated <= emptied

    def _keep(self, change: RowChange) -> None:
        if len(self.changes) >= KEPT_CHANGES:
            self.overflow = True
            return
        table = self.schema().tables.get((change.schema, change.table))
        whole = change if table is None else _whole(change, table)
        self.changes.append(whole)
        name = sql.label(whole.schema, whole.table)
        self._told.append(Change(whole.kind, name, whole.old, whole.new, whole.types, self._transactions))


def _whole(change: RowChange, table: Table) -> RowChange:
    """Every stored column, NULL where an old image left it out; virtual columns hold nothing."""
    if change.kind == "truncate":
        return change
    shown = {one.name: one.type for one in table.columns.values() if one.generated != "v"}
    types = {name: change.types.get(name, known) for name, known in shown.items()}
    return replace(change, old=_image(change.old, types), new=_image(change.new, types), types=types)


def _image(image: Image | None, columns: Mapping[str, str]) -> Image | None:
    return None if image is None else {name: image.get(name) for name in columns}
