"""Where a fault can really happen: questions about a recorded crossing that several faults ask."""

from __future__ import annotations

from ripstop.model.trace import Crossing, Kind

_WORKING = (Kind.READ, Kind.WRITE, Kind.BEGIN, Kind.COMMIT)


def is_call(crossing: Crossing) -> bool:
    """A request to an external API."""
    return crossing.protocol == "http" and crossing.kind is Kind.CALL


def is_mail(crossing: Crossing) -> bool:
    """A message handed to a mail server, with its final dot and the server's answer."""
    return crossing.protocol == "smtp" and crossing.kind is Kind.CALL


def is_mail_connect(crossing: Crossing) -> bool:
    """A connection to a mail server, up to its greeting."""
    return crossing.protocol == "smtp" and is_connect(crossing)


def is_connect(crossing: Crossing) -> bool:
    return crossing.kind is Kind.CONNECT


def works(crossing: Crossing) -> bool:
    """A PostgreSQL crossing that a service waits for: a statement, or either end of a transaction."""
    return crossing.protocol == "postgres" and crossing.kind in _WORKING


def is_exchange(crossing: Crossing) -> bool:
    """A crossing that asks for work and waits for it, at any seam but the caller's."""
    return crossing.protocol != "client" and crossing.kind in (*_WORKING, Kind.CALL)


def is_effect(crossing: Crossing) -> bool:
    """A crossing after which the world is another: an external call, a COMMIT, a write on its own."""
    alone = crossing.kind is Kind.WRITE and not crossing.in_transaction
    return crossing.protocol != "client" and (alone or crossing.kind in (Kind.CALL, Kind.COMMIT))


def is_commit(crossing: Crossing) -> bool:
    return crossing.protocol == "postgres" and crossing.kind is Kind.COMMIT


def is_write(crossing: Crossing) -> bool:
    return crossing.protocol == "postgres" and crossing.kind is Kind.WRITE


def touches_rows(crossing: Crossing) -> bool:
    """A statement that reads or writes the service's own tables, or runs its procedures."""
    return is_write(crossing) or (
        crossing.protocol == "postgres" and crossing.kind is Kind.READ and bool(crossing.tables)
    )


def locks_rows(crossing: Crossing) -> bool:
    """A write, or a read that takes row locks (FOR UPDATE, FOR SHARE) and does not skip locked rows."""
    locking = crossing.id.operation.endswith((" FOR UPDATE", " FOR SHARE"))
    skips = "skip locked" in " ".join(crossing.text.lower().split())
    return is_write(crossing) or (touches_rows(crossing) and locking and not skips)


def is_housekeeping(crossing: Crossing) -> bool:
    """SET, SHOW, DISCARD, savepoints, a driver's look into the server's catalogue."""
    own = [t for t in crossing.tables if not t.startswith(("pg_", "information_schema."))]
    return crossing.kind is Kind.OTHER and not own
