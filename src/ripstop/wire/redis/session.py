"""A connection's state: which request each reply answers, transactions, subscriptions.

Requests are answered in their order (Redis protocol, "Request-response model"), with exceptions this
file knows: pushes and messages answer none, SUBSCRIBE is answered once for each channel, CLIENT
REPLY switches answers off.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

from ripstop.model.trace import Kind
from ripstop.wire.redis.commands import ENDLESS, SUBSCRIBING, UNSUBSCRIBING
from ripstop.wire.redis.replies import Reply
from ripstop.wire.redis.requests import Request
from ripstop.wire.redis.shapes import Command, read

OK: Final = "ok"
_MESSAGES: Final = (b"message", b"pmessage", b"smessage")
_WRITES_LIMIT: Final = 200
_NAMES_LIMIT: Final = 10_000
_UNDONE: Final = {"UNSUBSCRIBE": "SUBSCRIBE", "PUNSUBSCRIBE": "PSUBSCRIBE", "SUNSUBSCRIBE": "SSUBSCRIBE"}
_CONFIRMATIONS: Final = {name.lower().encode(): name for name in SUBSCRIBING | UNSUBSCRIBING}


@dataclass(slots=True, eq=False)
class Asked:
    """A request the server owes an answer for. ``hidden`` ones are ours: the client must not see it.

    ``due`` is how many replies are still to come, 0 for none, -1 where only the first will tell.
    ``outcome`` is empty until it is settled, then ``ok`` or ``error:CODE``; ``null`` where it was
    answered with nothing.
    """

    command: Command
    in_transaction: bool = False
    due: int = 1
    hidden: bool = False
    outcome: str = ""
    null: bool = False

    @property
    def waiting(self) -> bool:
        """It waits for what somebody else writes, as long as it pleases."""
        return self.command.waits and not self.in_transaction


class Session:
    """``ask`` for every request passed on, ``answer`` for every reply that came."""

    def __init__(self) -> None:
        self.owed: deque[Asked] = deque()
        self.in_transaction = False
        self.open_writes: tuple[str, ...] = ()
        self.endless = False
        self._silent = False
        self._skip = False
        self._pushes = False
        self._names: dict[str, set[bytes]] = {family: set() for family in SUBSCRIBING}

    @property
    def subscribed(self) -> bool:
        return any(self._names.values())

    @property
    def _takes_messages(self) -> bool:
        """In RESP2 messages come as arrays; a connection that was pushed anything speaks RESP3."""
        return self.subscribed and not self._pushes

    def read(self, request: Request) -> Asked:
        """What a request is here and now; nothing is owed for it yet."""
        command = read(request.args)
        due = 1
        if command.name in SUBSCRIBING:
            due = max(1, request.count - 1)
        elif command.name in UNSUBSCRIBING:
            due = request.count - 1 or -1
        return Asked(command, self.in_transaction and command.kind is not Kind.BEGIN, due)

    def ask(self, asked: Asked, request: Request) -> None:
        """A request goes to the server now."""
        name = asked.command.name
        skip, self._skip = self._skip, False
        if name == "CLIENT REPLY":
            self._set_replies(asked, request.args[2:3])
        elif self._silent or skip:
            asked.due = 0
        if asked.due:
            self.owed.append(asked)
        else:
            asked.outcome = OK
        if name == "MULTI":
            self.in_transaction = True
        elif name in ("EXEC", "DISCARD", "RESET"):
            self.in_transaction = False
        if name in ENDLESS:
            self.endless = True

    def answer(self, reply: Reply) -> Asked | None:
        """The request a reply belongs to, settled or not; None for a push or a message."""
        words = reply.words(1) if reply.kind in "*>" else ()
        confirmed = _CONFIRMATIONS.get(words[0].lower(), "") if words else ""
        asked = self.owed[0] if self.owed else None
        self._pushes = self._pushes or reply.pushed
        if confirmed and asked and asked.command.name == confirmed:
            return self._confirmed(asked, reply)
        if asked is None or reply.pushed or (words and words[0] in _MESSAGES and self._takes_messages):
            return None
        self._settle(asked, f"error:{reply.error}" if reply.error else OK)
        asked.null = reply.whole and reply.null
        return asked

    def _confirmed(self, asked: Asked, reply: Reply) -> Asked:
        """One channel of a SUBSCRIBE or UNSUBSCRIBE; without channels the latter ends all of its kind."""
        name = asked.command.name
        names = self._names[_UNDONE.get(name, name)]
        if asked.due < 0:
            asked.due = max(1, len(names))
        channel = reply.words(2)[-1]
        if name in _UNDONE:
            names.discard(channel)
        elif len(names) < _NAMES_LIMIT:
            names.add(channel)
        asked.due -= 1
        if asked.due == 0:
            self._settle(asked, OK)
        return asked

    def _settle(self, asked: Asked, outcome: str) -> None:
        self.owed.popleft()
        asked.due, asked.outcome = 0, outcome
        kind = asked.command.kind
        if kind is Kind.BEGIN and outcome != OK and not self.open_writes:
            self.in_transaction = False
        if kind in (Kind.COMMIT, Kind.ROLLBACK) or asked.command.name == "RESET":
            self.open_writes = ()
        elif asked.in_transaction and kind is Kind.WRITE and outcome == OK and not asked.hidden:
            self.open_writes = (*self.open_writes, asked.command.operation)[:_WRITES_LIMIT]
        if asked.command.name == "RESET":
            for names in self._names.values():
                names.clear()

    def _set_replies(self, asked: Asked, mode: tuple[bytes, ...]) -> None:
        word = mode[0].upper() if mode else b""
        if word in (b"OFF", b"SKIP"):
            asked.due = 0
            self._silent, self._skip = self._silent or word == b"OFF", word == b"SKIP"
        elif word == b"ON":
            self._silent = False
