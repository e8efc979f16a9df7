"""The replication slot that committed changes come out of: what is new since the last reading.

The slot belongs to one database. What is kept of the changes, and what undoes them, is elsewhere.
"""

# ruff: noqa: S608 - every name and value in these statements is quoted by sql.py or is our own

from __future__ import annotations

from dataclasses import dataclass, field

from ripstop.errors import ExperimentError, StartError
from ripstop.state.connection import Session, StatementFailed
from ripstop.state.decoding import PREFIX, Transaction, transactions

# Without a record of running transactions in the WAL the slot's restart point stands still, and
# each reading decodes all that was written since it.
_STANDBY_SNAPSHOT_EVERY = 25
_STANDBY_SNAPSHOT_VERSION = 160_000
_FLUSH_VERSION = 170_000


@dataclass(slots=True)
class Slot:
    """A logical replication slot with the output plugin ``test_decoding``."""

    session: Session
    name: str
    _reads: int = field(default=0)

    def create(self) -> None:
        """Create it; changes committed before are not seen. Blocks while a write transaction is open."""
        self.drop()
        try:
            self.session.run(f"SELECT pg_create_logical_replication_slot('{self.name}', 'test_decoding')")
        except StatementFailed as error:
            raise _no_slot(error) from error

    def drop(self) -> None:
        """Drop it, if it is there and nobody reads from it."""
        self.session.run(
            "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
            f" WHERE slot_name = '{self.name}' AND NOT active"
        )

    def read(self) -> tuple[Transaction, ...]:
        """Transactions committed since the last reading, in commit order, ours left out."""
        rows = self.session.run(self._query())
        lines = (row[0] for row in rows if len(row) == 1)
        return tuple(one for one in transactions(lines) if not one.is_undo)

    def _query(self) -> str:
        self._reads += 1
        due = self._reads % _STANDBY_SNAPSHOT_EVERY == 0 and self.session.version >= _STANDBY_SNAPSHOT_VERSION
        return (
            f"{_flush(self.session.version)};"
            f"SELECT data FROM pg_logical_slot_get_changes('{self.name}', NULL, NULL,"
            " 'include-xids', '0', 'skip-empty-xacts', '1')"
            + (";SELECT pg_log_standby_snapshot(), NULL" if due else "")
        )


def _flush(version: int) -> str:
    """Only flushed WAL is decoded: flush what a service with synchronous_commit=off committed."""
    if version >= _FLUSH_VERSION:
        return f"SELECT pg_logical_emit_message(false, '{PREFIX}', '', true), NULL"
    return "SELECT pg_current_wal_flush_lsn(), NULL"


def slot_name(database_oid: int) -> str:
    """The slot's name: one for each database."""
    return f"ripstop_{database_oid}"


def _no_slot(error: StatementFailed) -> StartError | ExperimentError:
    if error.sqlstate == "57014":
        return ExperimentError(
            "slot-blocked",
            "the replication slot could not be created in time",
            details=(error.message,),
            way_out="a write transaction is open: create the slot before the service starts",
        )
    return StartError("slot-refused", "the replication slot was refused", details=(error.message,))
