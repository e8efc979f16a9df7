"""What a server may answer to each message of a client: the protocol's states as one table.

The theory (PostgreSQL 18, 54.2 "Message Flow"). A client may send ahead without waiting. The
server works through its messages strictly in order, so a session's state is a *queue* of replies
still owed, and each message of the server belongs to the reply at the head of that queue or to
none (notices, parameters and notifications come at any time). A row of the table says, for one
kind of reply, what each message type does to it:

* ``STAY``       part of the reply; more follows
* ``DONE``       the reply is complete; the next one is owed
* ``COPY_IN``    part of it; the server now takes rows, and ignores Sync and Flush until CopyDone
                 or CopyFail (54.2.6), so that it owes nothing for a Sync sent before them
* ``FAIL``       the reply is an error; the server ignores everything up to the next Sync (54.2.3),
                 so that nothing is owed for what was sent before it
* ``PASSIVE``    the session turned into a replication stream; nothing more is tracked

An error in a simple Query or at a Sync does not make the server skip: ReadyForQuery follows it by
itself. At a Sync an error means that the implicit transaction failed to commit, after each of its
statements was answered with success.

Anything that is not in the table is out of place: the tracker has lost the session.
"""

from __future__ import annotations

from typing import Final

STAY: Final = 0
DONE: Final = 1
COPY_IN: Final = 2
FAIL: Final = 3
PASSIVE: Final = 4

Replies = dict[int, int]


def _row(**steps: str) -> Replies:
    named = {"stay": STAY, "done": DONE, "copy_in": COPY_IN, "fail": FAIL, "passive": PASSIVE}
    return {ord(tag): named[step] for step, tags in steps.items() for tag in tags}


PARSE: Final = _row(done="1", fail="E")
BIND: Final = _row(done="2", fail="E")
CLOSE: Final = _row(done="3", fail="E")
DESCRIBE: Final = _row(stay="t", done="Tn", fail="E")
EXECUTE: Final = _row(stay="DHdc", done="CIs", copy_in="G", fail="E", passive="W")
QUERY: Final = _row(stay="TDCIEHdc", done="Z", copy_in="G", passive="W")
CALL: Final = _row(stay="VE", done="Z")
SYNC: Final = _row(stay="E", done="Z")
START: Final = _row(stay="RKvE", done="Z")
COPY_END: Final = _row()
"""Owed nothing: a CopyDone or CopyFail in its place among the Syncs, see COPY_IN."""

ANY_TIME: Final = frozenset(b"NSA")
"""NoticeResponse, ParameterStatus and NotificationResponse belong to no reply."""
