"""Statements of our own in a client's session: asked in its place, hidden from it, leaving no trace.

In the extended protocol a statement of ours has a name no client uses, so that the client's
unnamed statement and portal stay what they are. The server answers in order, so ours may be sent
behind what the client sent already.
"""

from __future__ import annotations

from collections.abc import Mapping

from ripstop.model.trace import Kind
from ripstop.wire.postgres import messages
from ripstop.wire.postgres.session import Asked, Owed, Session
from ripstop.wire.postgres.states import BIND, CLOSE, EXECUTE, PARSE, QUERY, SYNC
from ripstop.wire.sql import Statement, parse

Changes = Mapping[str, str | None]
NAME = "ripstop_private"


def ask_simply(session: Session, sql: str, *, changes: Changes | None = None) -> tuple[Asked, bytes]:
    """A simple Query of ours. Its error reaches the client where ``changes`` are given."""
    asked = _private(sql, simple=True)
    session.owe(Owed(QUERY, asked, hidden=True, changes=changes))
    return asked, messages.query(sql)


def ask_extended(session: Session, sql: str, *, changes: Changes | None = None) -> tuple[Asked, bytes]:
    """Parse, Bind, Execute and Close of ours. After an error `forget` must follow the next Sync.

    The first Flush tells when the server begins to work on it.
    """
    asked = _private(sql, simple=False)
    for replies in (PARSE, BIND, EXECUTE, CLOSE, CLOSE):
        mine = asked if replies is EXECUTE else None
        session.owe(Owed(replies, mine, hidden=True, changes=changes))
    sent = (
        messages.parse(NAME, sql),
        messages.bind(NAME, NAME),
        messages.FLUSH,
        messages.execute(NAME),
        messages.close_portal(NAME),
        messages.close_statement(NAME),
        messages.FLUSH,
    )
    return asked, b"".join(sent)


def forget(session: Session) -> tuple[Asked, bytes]:
    """Close the statement that an error left behind. Only between a ReadyForQuery and the next message."""
    asked = _private("", simple=False)
    session.owe(Owed(CLOSE, hidden=True))
    session.owe(Owed(SYNC, asked, hidden=True))
    return asked, messages.close_statement(NAME) + messages.SYNC


def hide_sync(session: Session) -> Asked | None:
    """Hide the ReadyForQuery owed for the Sync that was sent last; None where none is owed."""
    if not session.queue or session.queue[-1].replies is not SYNC:
        return None
    asked = _private("", simple=False)
    session.queue[-1] = Owed(SYNC, asked, hidden=True)
    return asked


def keep_replies(session: Session) -> None:
    """Keep back the replies to the statement asked last, those to its Parse, Bind and Describe too."""
    queue = session.queue
    first = len(queue) - 1
    while first > 0 and queue[first - 1].asked is None and queue[first - 1].replies is not SYNC:
        first -= 1
    owed = queue[first]
    queue[first] = Owed(owed.replies, owed.asked, keep=True)


def _private(sql: str, *, simple: bool) -> Asked:
    statement = parse(sql) if sql else Statement("", Kind.OTHER)
    return Asked(sql, simple, statement, private=True)
