"""What genuine errors of PostgreSQL say: message, detail, hint and the place in its source.

Taken from a PostgreSQL 18 server that really failed. Which of them can happen where is decided
in `sqlstate`; field letters are those of the protocol chapter, 54.8.
"""

from __future__ import annotations

from dataclasses import dataclass

from ripstop.model.trace import Crossing, Kind


@dataclass(frozen=True, slots=True)
class Genuine:
    """One error as the server words it. ``{command}``, ``{table}``, ``{constraint}`` and ``{columns}``
    are filled in; ``source`` is file, line and routine."""

    message: str
    source: tuple[str, str, str]
    detail: str = ""
    hint: str = ""


_SERIALIZATION_HINT = "The transaction might succeed if retried."
_CONCURRENT_UPDATE = Genuine(
    "could not serialize access due to concurrent update", ("nodeModifyTable.c", "2671", "ExecUpdate")
)
_READ_CONFLICT = Genuine(
    "could not serialize access due to read/write dependencies among transactions",
    ("predicate.c", "4044", "CheckForSerializableConflictOut"),
    "Reason code: Canceled on conflict out to pivot, during read.",
    _SERIALIZATION_HINT,
)
_COMMIT_CONFLICT = Genuine(
    "could not serialize access due to read/write dependencies among transactions",
    ("predicate.c", "4708", "PreCommit_CheckForSerializationFailure"),
    "Reason code: Canceled on identification as a pivot, during commit attempt.",
    _SERIALIZATION_HINT,
)
_GENUINE = {
    "40P01": Genuine(
        "deadlock detected",
        ("deadlock.c", "1147", "DeadLockReport"),
        "Process 4711 waits for ShareLock on transaction 815; blocked by process 4712.\n"
        "Process 4712 waits for ShareLock on transaction 814; blocked by process 4711.",
        "See server log for query details.",
    ),
    "23505": Genuine(
        'duplicate key value violates unique constraint "{constraint}"',
        ("nbtinsert.c", "666", "_bt_check_unique"),
        "Key ({columns})=({values}) already exists.",
    ),
    "57014": Genuine(
        "canceling statement due to statement timeout", ("postgres.c", "3395", "ProcessInterrupts")
    ),
    "55P03": Genuine("canceling statement due to lock timeout", ("postgres.c", "3387", "ProcessInterrupts")),
    "25006": Genuine(
        "cannot execute {command} in a read-only transaction",
        ("utility.c", "409", "PreventCommandIfReadOnly"),
    ),
    "53100": Genuine(
        'could not extend file "base/16384/16397": No space left on device',
        ("md.c", "600", "mdextend"),
        hint="Check free disk space.",
    ),
}
_COMMANDS = {"COPY": "COPY FROM", "TRUNCATE": "TRUNCATE TABLE"}


def genuine(code: str, crossing: Crossing) -> Genuine:
    """The error as the server words it at this crossing; for other codes, one that names itself."""
    if code == "40001":
        if crossing.kind is Kind.COMMIT:
            return _COMMIT_CONFLICT
        return _CONCURRENT_UPDATE if crossing.kind is Kind.WRITE else _READ_CONFLICT
    return _GENUINE.get(code, Genuine(f"error {code}", ("postgres.c", "0", "exec_simple_query")))


def command(crossing: Crossing) -> str:
    """The command tag an error names: the operation's first word, as the server spells it."""
    first = crossing.id.operation.partition(" ")[0]
    return _COMMANDS.get(first, first)
