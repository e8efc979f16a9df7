"""What genuine errors of PostgreSQL say: message, detail, hint, context and the place in its source.

Taken from a PostgreSQL 18.6 server that really failed; the tests of injected against genuine keep
them true, all but 53100, which needs a disk to fill. Which of them can happen where is decided in `sqlstate`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from ripstop.model.trace import Crossing, Kind


@dataclass(frozen=True, slots=True)
class Genuine:
    """One error as the server words it. ``source`` is file, line and routine.

    ``{command}``, ``{table}``, ``{constraint}``, ``{columns}`` and ``{values}`` are filled in.
    """

    message: str
    source: tuple[str, str, str]
    detail: str = ""
    hint: str = ""
    context: str = ""


_RETRY = "The transaction might succeed if retried."
_DEPENDENCIES = "could not serialize access due to read/write dependencies among transactions"
_UPDATED = Genuine(
    "could not serialize access due to concurrent update", ("nodeModifyTable.c", "2602", "ExecUpdate")
)
_DELETED = replace(_UPDATED, source=("nodeModifyTable.c", "1701", "ExecDelete"))
_LOCKED = replace(_UPDATED, source=("nodeLockRows.c", "226", "ExecLockRows"))
_READ = Genuine(
    _DEPENDENCIES,
    ("predicate.c", "4676", "OnConflict_CheckForSerializationFailure"),
    "Reason code: Canceled on conflict out to pivot 815, during read.",
    _RETRY,
)
_WRITTEN = Genuine(
    _DEPENDENCIES,
    ("predicate.c", "4664", "OnConflict_CheckForSerializationFailure"),
    "Reason code: Canceled on identification as a pivot, during write.",
    _RETRY,
)
_COMMITTED = Genuine(
    _DEPENDENCIES,
    ("predicate.c", "4723", "PreCommit_CheckForSerializationFailure"),
    "Reason code: Canceled on identification as a pivot, during commit attempt.",
    _RETRY,
)
_NOT_WAITED = Genuine(
    'could not obtain lock on row in relation "{table}"', ("heapam.c", "5232", "heap_lock_tuple")
)
_GENUINE = {
    "40P01": Genuine(
        "deadlock detected",
        ("deadlock.c", "1133", "DeadLockReport"),
        "Process 4711 waits for ShareLock on transaction 815; blocked by process 4712.\n"
        "Process 4712 waits for ShareLock on transaction 814; blocked by process 4711.",
        "See server log for query details.",
    ),
    "23505": Genuine(
        'duplicate key value violates unique constraint "{constraint}"',
        ("nbtinsert.c", "666", "_bt_check_unique"),
        "Key ({columns})=({values}) already exists.",
    ),
    "23503": Genuine(
        'insert or update on table "{table}" violates foreign key constraint "{constraint}"',
        ("ri_triggers.c", "2772", "ri_ReportViolation"),
    ),
    "57014": Genuine(
        "canceling statement due to statement timeout", ("postgres.c", "3444", "ProcessInterrupts")
    ),
    "55P03": Genuine("canceling statement due to lock timeout", ("postgres.c", "3437", "ProcessInterrupts")),
    "25006": Genuine(
        "cannot execute {command} in a read-only transaction",
        ("utility.c", "407", "PreventCommandIfReadOnly"),
    ),
    "53100": Genuine(
        'could not extend file "base/16384/16397": No space left on device',
        ("md.c", "637", "mdzeroextend"),
        hint="Check free disk space.",
    ),
}
_SERIALIZATION = {"UPDATE": _UPDATED, "MERGE": _UPDATED, "DELETE": _DELETED}
_WAITING = {
    "UPDATE": 'while updating tuple (0,1) in relation "{table}"',
    "MERGE": 'while updating tuple (0,1) in relation "{table}"',
    "DELETE": 'while deleting tuple (0,1) in relation "{table}"',
    "SELECT": 'while locking tuple (0,1) in relation "{table}"',
    "INSERT": 'while inserting index tuple (0,1) in relation "{constraint}"',
}
_COMMANDS = {"COPY": "COPY FROM", "TRUNCATE": "TRUNCATE TABLE"}
_NOWAIT = re.compile(r"\bnowait\b", re.IGNORECASE)


def genuine(code: str, crossing: Crossing) -> Genuine:
    """The error as the server words it at this crossing; for other codes, one that names itself."""
    verb = _verb(crossing)
    if code == "40001":
        return _serialization(crossing, verb)
    if code == "55P03" and verb == "SELECT" and _NOWAIT.search(crossing.text):
        return _NOT_WAITED
    found = _GENUINE.get(code, Genuine(f"error {code}", ("postgres.c", "0", "exec_simple_query")))
    return replace(found, context=_WAITING.get(verb, "")) if code in ("40P01", "55P03") else found


def command(crossing: Crossing) -> str:
    """The command tag an error names, as the server spells it."""
    verb = _verb(crossing)
    return _COMMANDS.get(verb, verb)


def _serialization(crossing: Crossing, verb: str) -> Genuine:
    if crossing.kind is Kind.COMMIT:
        return _COMMITTED
    if crossing.kind is Kind.READ:
        return _LOCKED if " FOR " in crossing.id.operation else _READ
    return _SERIALIZATION.get(verb, _WRITTEN)


def _verb(crossing: Crossing) -> str:
    return crossing.id.operation.partition(" ")[0]
