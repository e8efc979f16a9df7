"""One session as both sides see it: which replies are owed, what was asked, the transaction's status.

Fed by `frontend` (what a client's message makes the server owe) and `backend` (what each message
of the server settles). The theory and the table of replies are in `states`. No bytes are kept here.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from ripstop.model.trace import Kind
from ripstop.wire.postgres.errors import sqlstate
from ripstop.wire.postgres.messages import WireError
from ripstop.wire.postgres.states import (
    ANY_TIME,
    COPY_END,
    COPY_IN,
    DONE,
    EXECUTE,
    FAIL,
    PASSIVE,
    QUERY,
    START,
    STAY,
    SYNC,
    Replies,
)
from ripstop.wire.sql import Statement, parse

OK: Final = "ok"
SKIPPED: Final = "skipped"
QUEUE_LIMIT: Final = 200_000
UNSETTLED_LIMIT: Final = 10_000
_ERROR, _READY, _KEY = b"EZK"
_STATUSES = ("I", "T", "E")
_CONTROLS = (Kind.BEGIN, Kind.COMMIT, Kind.ROLLBACK)


@dataclass(slots=True, eq=False)
class Asked:
    """A statement on its way: a simple Query, or the first Execute of a portal.

    ``in_transaction`` tells whether it runs inside an explicit transaction block, provided that
    all that was sent before it succeeds. ``whole`` is False where the message was too large to be
    read (``sql`` is its beginning). ``begun`` turns True when the server works on it, ``replied``
    when its own last message came, ``outcome`` is set once it is settled: for a statement that
    commits by itself that is the commit, which the extended protocol does at Sync (54.2.3); of very
    many before one Sync the earliest are settled by their own reply.
    Outcomes are ``ok``, ``error:SQLSTATE``, and ``skipped`` after an error earlier in a pipeline.
    """

    sql: str
    simple: bool
    statement: Statement
    in_transaction: bool = False
    whole: bool = True
    private: bool = False
    settles_at_reply: bool = True
    begun: bool = False
    replied: bool = False
    outcome: str = ""


@dataclass(slots=True, eq=False)
class Owed:
    """One reply the server owes: its row of the table of states, and what becomes of its messages.

    ``hidden`` ones never reach the client, but for an error where ``changes`` says how to rewrite
    it. With ``keep`` all messages from this reply on are kept back.
    """

    replies: Replies
    asked: Asked | None = None
    hidden: bool = False
    keep: bool = False
    changes: Mapping[str, str | None] | None = None


@dataclass(slots=True, eq=False)
class Session:
    """The replies owed, in order, and what follows from those that came.

    ``status`` is the transaction's: ``I`` idle, ``T`` open, ``E`` failed. ``pid`` is the backend's.
    ``copying`` is True while the server takes rows from the client, ``answered`` collects statements
    as they are settled, for the reader to take.
    """

    status: str = "I"
    pid: int = 0
    passive: bool = False
    answered: list[Asked] = field(default_factory=list)
    queue: deque[Owed] = field(default_factory=deque)
    _ahead: bool = False
    _error: str = ""
    copying: bool = False
    _skipping: bool = False
    _unsettled: deque[Asked] = field(default_factory=deque)

    def ask(self, sql: str, *, simple: bool, whole: bool = True) -> Asked:
        """A statement of the client arrived: it owes a reply."""
        statement = parse(sql)
        kind = statement.kind
        asked = Asked(sql, simple, statement, self._ahead, whole)
        asked.settles_at_reply = simple or self._ahead or kind in _CONTROLS
        if kind in _CONTROLS:
            self._ahead = _opens(statement)
        self.owe(Owed(QUERY if simple else EXECUTE, asked))
        return asked

    def owe(self, owed: Owed) -> None:
        """The server will answer this, unless it is skipping to the next Sync or taking COPY data."""
        replies = owed.replies
        if self._skipping:
            if replies is not SYNC:
                self._finish(owed.asked, SKIPPED)
                return
            self._skipping = False
        if self.copying and replies is SYNC:
            return
        self._append(owed)
        if owed.asked and len(self.queue) == 1:
            owed.asked.begun = True

    def copy_end(self) -> None:
        """The client sent CopyDone or CopyFail."""
        if self.copying:
            self.copying = False
        elif self.queue:
            self._append(Owed(COPY_END))

    def _append(self, owed: Owed) -> None:
        if len(self.queue) >= QUEUE_LIMIT:
            raise WireError("too many messages sent ahead")
        self.queue.append(owed)

    def withdraw(self, asked: Asked) -> bool:
        """Take back the last thing asked: it will not be sent. False where it is not the last."""
        if self.queue and self.queue[-1].asked is asked:
            self.queue.pop()
            return True
        return False

    def settle_early(self, asked: Asked) -> None:
        """Count a statement as settled by its own reply: the client waits for it before a Sync."""
        asked.settles_at_reply = True
        if asked in self._unsettled:
            self._unsettled.remove(asked)
            self._finish(asked, OK)

    def take_answered(self) -> list[Asked]:
        answered, self.answered = self.answered, []
        return answered

    @property
    def under_way(self) -> tuple[Asked, ...]:
        """Statements of the client that are not settled."""
        owed = [one.asked for one in self.queue if one.asked and not one.asked.private]
        return (*self._unsettled, *owed)

    @property
    def failing(self) -> str:
        """The outcome of an error that nothing has followed yet; empty for none."""
        return f"error:{self._error}" if self._error else ""

    def head(self) -> Owed | None:
        """The reply that the server's next message belongs to."""
        queue = self.queue
        while queue and queue[0].replies is COPY_END:
            queue.popleft()
        return queue[0] if queue else None

    def on(self, tag: int, buffer: bytes, start: int, end: int) -> None:
        """A message of the server; its body is ``buffer[start:end]``, perhaps cut short.

        Raises WireError where the protocol does not allow it here.
        """
        if tag in ANY_TIME:
            return
        head = self.head()
        if head is None:
            # An idle session hears an error only when it is ended.
            if tag != _ERROR:
                raise WireError(f"message {chr(tag)!r} answers nothing")
            self._error = sqlstate(buffer[start:end])
            return
        step = head.replies.get(tag)
        if step is None:
            raise WireError(f"message {chr(tag)!r} is out of place")
        if step == DONE:
            self._done(head, buffer[start:end], tag)
        elif step == STAY:
            self._stay(tag, buffer, start, end)
        elif step == FAIL:
            self._fail(sqlstate(buffer[start:end]))
        elif step == COPY_IN:
            self._copy_in()
        elif step == PASSIVE:
            self.passive = True

    def _stay(self, tag: int, buffer: bytes, start: int, end: int) -> None:
        if tag == _ERROR:
            self._error = sqlstate(buffer[start:end])
        elif tag == _KEY and end - start >= 4:
            self.pid = int.from_bytes(buffer[start : start + 4], "big")

    def _done(self, head: Owed, body: bytes, tag: int) -> None:
        queue = self.queue
        queue.popleft()
        if tag == _READY:
            self._ready(body.decode("latin-1"), head.asked)
        elif head.asked is not None:
            self._executed(head.asked)
        if queue:
            following = queue[0].asked
            if following is not None:
                following.begun = True

    def _executed(self, asked: Asked) -> None:
        asked.begun = asked.replied = True
        if asked.statement.kind in _CONTROLS:
            self.status = "T" if _opens(asked.statement) else "I"
        if asked.settles_at_reply:
            self._finish(asked, OK)
        else:
            self._unsettled.append(asked)
            if len(self._unsettled) > UNSETTLED_LIMIT:
                self._finish(self._unsettled.popleft(), OK)

    def _ready(self, status: str, asked: Asked | None) -> None:
        if status not in _STATUSES:
            raise WireError(f"transaction status {status!r}")
        outcome = f"error:{self._error}" if self._error else OK
        self.status, self._error, self.copying = status, "", False
        if self._unsettled:
            for one in self._unsettled:
                self._finish(one, outcome)
            self._unsettled.clear()
        self._finish(asked, outcome)
        self._ahead = status != "I"
        for owed in self.queue:
            if owed.asked and owed.asked.statement.kind in _CONTROLS:
                self._ahead = _opens(owed.asked.statement)

    def _fail(self, code: str) -> None:
        outcome = f"error:{code}"
        self.copying = False
        if self.status == "T":
            self.status = "E"
        for one in self._unsettled:
            self._finish(one, OK)
        self._unsettled.clear()
        while self.queue and self.queue[0].replies is not SYNC:
            owed = self.queue.popleft()
            if owed.asked:
                self._finish(owed.asked, outcome)
                outcome = SKIPPED
        self._skipping = not self.queue

    def _copy_in(self) -> None:
        """What was sent between the COPY and its end is data to the server: no Sync is owed for it."""
        head = self.queue.popleft()
        ahead: list[Owed] = []
        while self.queue and self.queue[0].replies is not COPY_END:
            owed = self.queue.popleft()
            if owed.replies is not SYNC:
                ahead.append(owed)
        self.copying = not self.queue
        self.queue.extendleft([*reversed(ahead), head])

    def _finish(self, asked: Asked | None, outcome: str) -> None:
        if asked is not None and not asked.outcome:
            asked.begun, asked.outcome = asked.begun or outcome != SKIPPED, outcome
            self.answered.append(asked)


def owed_start(session: Session, asked: Asked) -> None:
    """The StartupMessage was sent: everything up to the first ReadyForQuery answers it (54.2.1)."""
    session.queue.append(Owed(START, asked))


def _opens(statement: Statement) -> bool:
    return statement.kind is Kind.BEGIN or statement.operation.endswith("AND CHAIN")
