"""One client's connection and the server's behind it: bytes go across, crossings are reported.

The protocol's state is ``wire.redis``; obeying the commands of an armed fault is ``redis_faults``.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from ripstop.model.address import RedisAddress
from ripstop.model.trace import CONNECT, Kind
from ripstop.seams.board import Board, Ticket
from ripstop.seams.relay import End
from ripstop.wire.redis.framing import WireError
from ripstop.wire.redis.replies import Replies, Reply
from ripstop.wire.redis.requests import Request, Requests, Rest
from ripstop.wire.redis.session import Asked, Session
from ripstop.wire.redis.shapes import Command

_BACKLOG_BYTES = 262_144
_OWED_LIMIT = 50_000
_NOTES_LIMIT = 100
_CONNECTING = Command(CONNECT, CONNECT, Kind.CONNECT, (), "", waits=False)


@dataclass(slots=True, eq=False)
class Surroundings:
    """What the connections of one seam share."""

    name: str
    upstream: RedisAddress
    board: Board
    limit_bytes: int
    obey: Callable[[Relay, Asked, Request], Awaitable[None]]
    obey_reply: Callable[[Relay, Asked, bytes], Awaitable[None]]
    relays: dict[int, Relay] = field(default_factory=dict)
    notes: deque[str] = field(default_factory=lambda: deque(maxlen=_NOTES_LIMIT))


class Relay:
    """A connection from its acceptance on. ``acting`` is the request whose fault is being obeyed."""

    def __init__(self, around: Surroundings, number: int) -> None:
        self.around = around
        self.number = number
        self.client = End(self._from_client, self._client_lost, opened=self._opened, finished=self._finished)
        self.server: End | None = None
        self.session = Session()
        self.front = Requests(limit_bytes=around.limit_bytes)
        self.back = Replies(limit_bytes=around.limit_bytes)
        self.tickets: dict[Asked, Ticket] = {}
        self.acting: Asked | None = None
        self.kept: bytes | None = None
        self.hidden: list[bytes] | None = None
        self.holding = False
        self.ended = False
        self._gated = True
        self.deaf = False
        self._keeping = False
        self._leaving = False
        self._passing: Asked | None = None
        self._task: asyncio.Task[None] | None = None
        self._quiet: asyncio.Future[None] | None = None

    @property
    def at_rest(self) -> bool:
        """Open, and nothing asked, queued or arriving. Waiting for others' writes is rest as well."""
        nothing = not self.tickets and not self.session.in_transaction and not self.front.waiting_bytes
        return self.server is not None and nothing

    @property
    def waiting(self) -> bool:
        """It waits for messages or for somebody else's write."""
        return self.session.subscribed or bool(self.session.owed)

    @property
    def faulted(self) -> bool:
        """A fault has a crossing of this connection in its hands."""
        ticket = self.tickets.get(self.acting) if self.acting else None
        return ticket is not None and ticket.fault is not None

    def doing(self) -> tuple[str, ...]:
        """What goes on here, a text each."""
        who = f"{self.around.name}: connection {self.number}"
        verb = "holds" if self.holding else "is at"
        texts = [f"{who} {verb} {ticket.crossing.id}" for ticket in tuple(self.tickets.values())]
        if self.session.in_transaction:
            texts.append(f"{who} is in a transaction")
        if not texts and self.front.waiting_bytes:
            texts.append(f"{who}: a request is arriving")
        return tuple(texts)

    def send(self, data: bytes) -> None:
        if self.server and data:
            self.server.write(data)

    def ask(self, asked: Asked, request: Request) -> None:
        """A request goes to the server and its answer is kept back."""
        self.kept, self._keeping = None, True
        self.session.ask(asked, request)
        self.send(request.raw)

    def ask_hidden(self, data: bytes) -> tuple[Asked, ...]:
        """Whole requests of ours to the server; their answers never reach the client."""
        reader = Requests(limit_bytes=len(data) + 1)
        reader.receive(data)
        mine: list[Asked] = []
        while (request := reader.next()) is not None:
            if isinstance(request, Request) and request.args:
                asked = self.session.read(request)
                asked.hidden = True
                self.session.ask(asked, request)
                mine.append(asked)
        self.send(data)
        return tuple(mine)

    async def answered(self) -> None:
        """Wait until nothing is owed by the server."""
        if self.session.owed:
            self._quiet = asyncio.get_running_loop().create_future()
            await self._quiet

    def close_ticket(self, asked: Asked, outcome: str) -> None:
        """Tell the board that a crossing is over. A second time changes nothing."""
        ticket = self.tickets.pop(asked, None)
        if ticket:
            self.around.board.close(ticket, outcome)

    def note(self, text: str) -> None:
        self.around.notes.append(f"{self.around.name} connection {self.number}: {text}")

    def cut(self, outcome: str = "cut") -> None:
        """Reset the client and leave the server at once."""
        self.end(outcome, reset=True)

    def end(self, outcome: str = "cut", *, reset: bool = False) -> None:
        """End both sides and close all tickets. A second time changes nothing."""
        if self.ended:
            return
        self.ended = True
        self.around.relays.pop(self.number, None)
        for asked in tuple(self.tickets):
            self.close_ticket(asked, outcome)
        self.around.board.writes(self.around.name, self.number, ())
        for end in (self.client, self.server):
            if end:
                end.reset() if reset else end.close()
        if self._task and self._task is not asyncio.current_task():
            self._task.cancel()

    async def connect(self) -> None:
        """Reach the real server; the client is turned away where that fails."""
        loop = asyncio.get_running_loop()
        where = self.around.upstream
        try:
            _, server = await loop.create_connection(
                lambda: End(self._from_server, self._server_lost), where.host, where.port
            )
        except OSError as failure:
            self.note(f"the server at {where.host}:{where.port} cannot be reached: {failure}")
            self.cut()
            return
        if self.ended:
            server.reset()
            return
        self.server = server
        server.peer, self.client.peer = self.client, server

    def _opened(self) -> None:
        self.around.relays[self.number] = self
        asked = Asked(_CONNECTING)
        self._report(asked)
        self._start(asked, self.around.obey(self, asked, Request(b"", (), 0)))

    def _from_client(self, data: bytes) -> None:
        if self.session.endless:
            self.send(data)
            return
        self.front.receive(data)
        if not self._gated:
            self._pump()
        elif self.front.waiting_bytes > _BACKLOG_BYTES:
            self.client.pause()

    def _from_server(self, data: bytes) -> None:
        if self.session.endless and not self.session.owed:
            self.client.write(self.back.rest() + data)
            return
        self.back.receive(data)
        if self.deaf and self.server and self.back.waiting_bytes > _BACKLOG_BYTES:
            self.server.pause()
        self._take_replies()

    def _finished(self) -> bool:
        """The client sends no more; what it asked for is answered first."""
        self._leaving = True
        return self._has_answers_to_come()

    def _has_answers_to_come(self) -> bool:
        """A server frees a blocked client at its end, and a request in part is never answered."""
        stuck = self.holding or self.front.in_parts or any(asked.waiting for asked in self.session.owed)
        return bool(self.tickets) and not stuck

    def _client_lost(self) -> None:
        self.end("held" if self.holding else "cut")

    def _server_lost(self) -> None:
        self.end("cut")

    def _pump(self) -> None:
        """Pass requests on, up to one that is to be broken."""
        out: list[bytes] = []
        try:
            while not self._gated and (request := self.front.next()) is not None:
                if isinstance(request, Request) and request.args:
                    asked = self.session.read(request)
                    if not asked.waiting and self._broken(asked, request):
                        self.send(b"".join(out))
                        self._start(asked, self.around.obey(self, asked, request))
                        return
                    self._ask(asked, request)
                out.append(request.raw)
        except WireError as failure:
            self.send(b"".join(out))
            self._give_up(str(failure))
            return
        self.send(b"".join(out) + (self.front.rest() if self.session.endless else b""))
        if len(self.session.owed) > _OWED_LIMIT:
            self._give_up(f"more than {_OWED_LIMIT} requests without an answer")

    def _ask(self, asked: Asked, request: Request) -> None:
        self.session.ask(asked, request)
        if asked.outcome:
            self.close_ticket(asked, asked.outcome)

    def _broken(self, asked: Asked, request: Request) -> bool:
        """Report a crossing; whether a fault is to be obeyed at it."""
        ticket = self._report(asked)
        if ticket.armed is None:
            return False
        if not request.whole:
            self.note(f"{asked.command.operation} is too large to be broken; it was passed on")
        return request.whole

    def _report(self, asked: Asked) -> Ticket:
        command = asked.command
        ticket = self.tickets[asked] = self.around.board.open(
            self.around.name,
            "redis",
            command.operation,
            command.kind,
            tables=command.tables,
            text=command.text,
            session=self.number,
            port=self.client.peer_port,
            in_transaction=asked.in_transaction,
        )
        return ticket

    def _start(self, asked: Asked, work: Awaitable[None]) -> None:
        """Obey the fault armed at a request; nothing of the client's is read meanwhile."""
        self.acting, self._gated = asked, True
        self._task = asyncio.ensure_future(self._watched(work))

    async def _watched(self, work: Awaitable[None]) -> None:
        try:
            await work
        except Exception as failure:
            self.note(f"internal error: {failure!r}")
            self.end(reset=True)
            return
        self._task = self.acting = None
        if self.ended:
            return
        kept, self.kept, self._keeping = self.kept, None, False
        if kept:
            self.client.write(kept)
        self._gated = self.deaf = False
        for end in (self.client, self.server):
            if end:
                end.resume()
        self._pump()
        self._take_replies()

    def _take_replies(self) -> None:
        """Pass replies on, keep the one a fault decides about, and settle what was asked."""
        out: list[bytes] = []
        try:
            while not self.deaf and (message := self.back.next()) is not None:
                if isinstance(message, Rest):
                    if not (self._passing and self._passing.hidden):
                        out.append(message.raw)
                    continue
                asked = self._passing = self.session.answer(message)
                if asked is None or self._passes(asked, message):
                    out.append(message.raw)
        except WireError as failure:
            self.client.write(b"".join(out))
            self._give_up(str(failure))
            return
        if out:
            self.client.write(b"".join(out))
        self._settled()

    def _passes(self, asked: Asked, reply: Reply) -> bool:
        """What a reply means for its request; whether the client is to have it now."""
        if asked.due == 0 and asked.waiting and not asked.null and not asked.hidden:
            return self._arrived(asked, reply)
        if asked.hidden:
            if self.hidden is not None:
                self.hidden.append(reply.raw)
            return False
        if asked is not self.acting:
            if asked.due == 0:
                self.close_ticket(asked, asked.outcome)
            return True
        if self._keeping and not reply.whole:
            self._keeping = False
            self.note(f"the reply to {asked.command.operation} is too large to be kept; it was passed on")
        if self._keeping:
            self.kept = (self.kept or b"") + reply.raw
        return not self._keeping

    def _arrived(self, asked: Asked, reply: Reply) -> bool:
        """Somebody else's write was waited for and has come: a crossing of now, not of the wait's start."""
        ticket = self._report(asked)
        if ticket.armed is None or not reply.whole or self.acting:
            self.close_ticket(asked, asked.outcome)
            return True
        self.deaf = True
        self._start(asked, self.around.obey_reply(self, asked, reply.raw))
        return False

    def _settled(self) -> None:
        self.around.board.writes(self.around.name, self.number, self.session.open_writes)
        if not self.session.owed and self._quiet:
            quiet, self._quiet = self._quiet, None
            if not quiet.done():
                quiet.set_result(None)
        if self._leaving and not self._has_answers_to_come():
            self.client.close()

    def _give_up(self, why: str) -> None:
        """The stream is not what we know: pass it on untracked, or end it where a fault is at work."""
        self.note(f"no longer tracked: {why}")
        if self.acting or self.server is None:
            self.end(reset=True)
            return
        for asked in tuple(self.tickets):
            self.close_ticket(asked, "ok")
        self.session = Session()
        self.session.endless = True
        self.send(self.front.rest())
        self.client.write(self.back.rest())
