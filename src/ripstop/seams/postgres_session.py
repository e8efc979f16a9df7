"""One client's connection and the backend behind it: bytes go across, crossings are reported.

The protocol's state is `wire.postgres`; obeying the commands of an armed fault is
`postgres_faults`; the first packets of a connection are `postgres_opening`.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from ripstop.model.address import PostgresAddress
from ripstop.model.fault import Yield
from ripstop.model.trace import Kind
from ripstop.seams.board import Board, Ticket
from ripstop.seams.postgres_tls import Certificates
from ripstop.seams.relay import End
from ripstop.wire.postgres.backend import Backend
from ripstop.wire.postgres.frontend import Frontend, Stop
from ripstop.wire.postgres.messages import HEADER, WireError
from ripstop.wire.postgres.session import OK, Asked, Session

_BACKLOG_BYTES = 262_144
_TEXT_LIMIT = 10_000
_WRITES_LIMIT = 200
_NOTES_LIMIT = 100
_DOES = b"EQSH"
"""Execute, Query, Sync, Flush: what came before them has had its effect, or is asked for now."""


@dataclass(slots=True, eq=False)
class Surroundings:
    """What the connections of one seam share. ``ending`` are over, but for bytes nobody takes."""

    name: str
    upstream: PostgresAddress
    board: Board
    certificates: Certificates
    tls: str
    limit_bytes: int
    obey: Callable[[Relay, Asked, bytes], Awaitable[None]]
    insists_on_tls: bool = False
    opening: set[End] = field(default_factory=set)
    ending: set[End] = field(default_factory=set)
    relays: dict[int, Relay] = field(default_factory=dict)
    cut_backends: list[int] = field(default_factory=list)
    notes: deque[str] = field(default_factory=lambda: deque(maxlen=_NOTES_LIMIT))


class Ahead:
    """Bytes that went on before they were read: what reading hands out is cut by so many.

    Reading takes longer than sending, and where no fault is armed nothing is decided by it.
    """

    def __init__(self) -> None:
        self.sent_bytes = 0

    def rest_of(self, out: bytes) -> bytes:
        """What of these bytes has not gone on yet."""
        done = self.sent_bytes
        if not done:
            return out
        self.sent_bytes = max(0, done - len(out))
        return out[done:]


class Relay:
    """A session from its start-up on. ``acting`` is the statement whose fault is being obeyed."""

    def __init__(self, around: Surroundings, number: int, client: End) -> None:
        self.around = around
        self.number = number
        self.client = client
        self.server: End | None = None
        self.tracker = Session()
        self.front = Frontend(self.tracker, limit_bytes=around.limit_bytes)
        self.back = Backend(self.tracker, limit_bytes=around.limit_bytes)
        self.tickets: dict[Asked, Ticket] = {}
        self.acting: Asked | None = None
        self.holding = False
        self.ended = False
        self._asked_ahead, self._told_ahead = Ahead(), Ahead()
        self._gated = True
        self._task: asyncio.Task[None] | None = None
        self._on_stop: Callable[[Stop], None] | None = None
        self._on_begun: tuple[Asked, Callable[[], None]] | None = None
        self._waiters: dict[Asked, asyncio.Future[None]] = {}
        self._writes: tuple[str, ...] = ()
        self._kept_back = b""

    def from_client(self, data: bytes) -> None:
        """A chunk of the client's, start-up packets apart."""
        if self._undecided() and self.front.waiting_bytes == self._asked_ahead.sent_bytes:
            self.send(data)
            self._asked_ahead.sent_bytes += len(data)
        self.front.receive(data)
        if not self._gated:
            self._pump()
        elif self.front.waiting_bytes > _BACKLOG_BYTES:
            self.client.pause("gate")

    def from_server(self, data: bytes) -> None:
        """A chunk of the server's."""
        if self._undecided() and self.back.waiting_bytes == self._told_ahead.sent_bytes:
            self.client.write(data)
            self._told_ahead.sent_bytes += len(data)
        try:
            out = self._told_ahead.rest_of(self.back.relay(data))
        except WireError as failure:
            self._give_up(str(failure))
            return
        if out:
            self.client.write(out)
        if self._on_begun and self._on_begun[0].begun:
            self._began()
        if self.tracker.answered:
            self._settle()
        if self.acting and self.tracker.copying:
            self.ungate()
        if self._writes and self.tracker.status != "T":
            self._set_writes(())
        if self.tracker.passive:
            self._give_up("replication")

    def attach(self, server: End) -> None:
        """The server's end is connected; what the client sends goes there."""
        self.server = server
        server.peer, self.client.peer = self.client, server

    def spawn(self, work: Awaitable[None]) -> None:
        """Do something that takes time for this session; a failure of ours ends it."""
        self._task = asyncio.ensure_future(self._watched(work))

    def report(self, asked: Asked) -> Ticket:
        """Tell the board of a crossing that has arrived."""
        statement = asked.statement
        ticket = self.around.board.open(
            self.around.name,
            "postgres",
            statement.operation,
            statement.kind,
            tables=statement.tables,
            text=asked.sql if len(asked.sql) <= _TEXT_LIMIT else asked.sql[:_TEXT_LIMIT],
            session=self.number,
            port=self.client.peer_port,
            in_transaction=asked.in_transaction,
        )
        self.tickets[asked] = ticket
        return ticket

    def close_ticket(self, asked: Asked, outcome: str) -> None:
        """Tell the board that a crossing is over. A second time changes nothing."""
        ticket = self.tickets.pop(asked, None)
        if ticket is None:
            return
        self.around.board.close(ticket, outcome)
        writes = asked.statement.kind is Kind.WRITE and asked.in_transaction and outcome == OK
        if writes and self.tracker.status == "T" and len(self._writes) < _WRITES_LIMIT:
            self._set_writes((*self._writes, asked.statement.operation))

    def start(self, asked: Asked, message: bytes) -> None:
        """Obey the fault armed at a statement; nothing of the client's is read meanwhile."""
        self.acting, self._gated, self.back.careful = asked, True, True
        self.spawn(self.around.obey(self, asked, message))

    def follow(self, on_stop: Callable[[Stop], None]) -> None:
        """Let the client's messages pass while a fault is obeyed; tells of each Sync and Flush."""
        self._on_stop, self.front.watch = on_stop, True
        self.ungate()

    def gate(self) -> None:
        self._gated = True

    def ungate(self) -> None:
        self._gated = False
        self.client.resume("gate")
        self._pump()

    def send(self, data: bytes) -> None:
        """Bytes of ours to the server."""
        if self.server:
            self.server.write(data)

    def send_kept_back(self) -> None:
        """What prepares a statement that had to wait: its Bind already looks at the rows of its moment."""
        kept, self._kept_back = self._kept_back, b""
        self.send(kept)

    def when_begun(self, asked: Asked, act: Callable[[], None]) -> None:
        """Call ``act`` when the server begins to work on a statement of ours."""
        self._on_begun = (asked, act)
        if asked.begun:
            self._began()

    async def answered(self, asked: Asked) -> None:
        """Wait until a statement is settled."""
        if not asked.outcome:
            waiter = self._waiters[asked] = asyncio.get_running_loop().create_future()
            self._settle()
            await waiter

    def settle_early(self, asked: Asked) -> None:
        self.tracker.settle_early(asked)
        self._settle()

    def note(self, text: str) -> None:
        self.around.notes.append(f"{self.around.name} session {self.number}: {text}")

    def cut(self, outcome: str = "cut") -> None:
        """Reset the client and leave the server at once; what it was doing is aborted by the caller."""
        self.end(outcome, reset=True)

    def end(self, outcome: str = "cut", *, reset: bool = False) -> None:
        """End both sides and close all tickets. A second time changes nothing."""
        if self.ended:
            return
        self.ended = True
        clean = self.front.terminated and not self.tracker.under_way
        if self.tracker.pid and not clean:
            self.around.cut_backends.append(self.tracker.pid)
        self.around.relays.pop(self.number, None)
        for asked in tuple(self.tickets):
            self.close_ticket(asked, outcome)
        self._set_writes(())
        for end in (self.client, self.server):
            if end and not end.closed:
                self.around.ending.add(end)
                end.reset() if reset else end.close()
        if self._task and self._task is not asyncio.current_task():
            self._task.cancel()

    def client_lost(self) -> None:
        self.around.ending.discard(self.client)
        self.end("held" if self.holding else self.tracker.failing or "cut")

    def server_lost(self) -> None:
        if self.server:
            self.around.ending.discard(self.server)
        self.end(self.tracker.failing or "cut")

    def pass_through(self) -> None:
        """Track nothing from here on."""
        server = self.server
        if server:
            self.client.receive, server.receive = server.write, self.client.write
            server.write(self._asked_ahead.rest_of(self.front.rest()))
            self.client.write(self._told_ahead.rest_of(self.back.rest()))

    def _pump(self) -> None:
        try:
            self._advance()
        except WireError as failure:
            self._give_up(str(failure))

    def _advance(self) -> None:
        while not self._gated:
            found = self.front.advance()
            if found is None:
                break
            if isinstance(found, Asked):
                ticket = self.report(found)
                if ticket.armed is not None and self._breakable(found):
                    before, message = self.front.split()
                    sent = _before_its_own(before) if _yields(ticket) else len(before)
                    self._kept_back = before[sent:]
                    self.send(before[:sent])
                    self.start(found, message)
                    return
            elif self._on_stop:
                self._on_stop(found)
        out = self._asked_ahead.rest_of(self.front.take())
        if out:
            self.send(out)
        if self.tracker.answered:
            self._settle()

    def _undecided(self) -> bool:
        """Whether nothing that is read now can change what is passed on."""
        return not (self._gated or self.acting or self.back.careful or self.around.board.any_armed)

    def _breakable(self, asked: Asked) -> bool:
        if asked.outcome:
            return False
        if not asked.whole:
            self.note(f"{asked.statement.operation} is too large to be broken; it was passed on")
        return asked.whole and self.acting is None and not self._asked_ahead.sent_bytes

    async def _watched(self, work: Awaitable[None]) -> None:
        try:
            await work
        except Exception as failure:
            self.note(f"internal error: {failure!r}")
            self.end(reset=True)
            return
        self._task, self.acting, self._on_begun, self._on_stop = None, None, None, None
        self.front.watch = False
        if not self.ended:
            self.client.write(self.back.release())
            self.back.careful = False
            self.ungate()

    def _settle(self) -> None:
        for asked in self.tracker.take_answered():
            waiter = self._waiters.pop(asked, None)
            if waiter and not waiter.done():
                waiter.set_result(None)
            if asked is not self.acting:
                self.close_ticket(asked, asked.outcome)

    def _began(self) -> None:
        if self._on_begun:
            _, act = self._on_begun
            self._on_begun = None
            act()

    def _set_writes(self, writes: tuple[str, ...]) -> None:
        if writes != self._writes:
            self._writes = writes
            self.around.board.writes(self.around.name, self.number, writes)

    def _give_up(self, why: str) -> None:
        """The stream is not what we know: pass it on untracked, or end it where a fault is at work."""
        self.note(f"no longer tracked: {why}")
        if self.back.careful or self.server is None:
            self.end(reset=True)
            return
        for asked in tuple(self.tickets):
            self.close_ticket(asked, "ok")
        self._set_writes(())
        self.tracker.passive = False
        self.pass_through()


def _before_its_own(messages: bytes) -> int:
    """How many bytes go before what prepares the last statement: all up to an earlier Execute or Sync."""
    at = own = 0
    while at + HEADER <= len(messages):
        end = at + 1 + int.from_bytes(messages[at + 1 : at + HEADER])
        own = end if messages[at] in _DOES else own
        at = end
    return own if at == len(messages) else at


def _yields(ticket: Ticket) -> bool:
    """Whether the crossing is to wait for its turn before anything else is done with it."""
    fault = ticket.fault
    return fault is not None and fault.on_request(ticket.crossing)[:1] == (Yield(),)
