"""One connection of the service to an http seam: bytes in order, one exchange at a time."""

from __future__ import annotations

import asyncio

from ripstop.model.http import Request
from ripstop.seams.http_exchange import Exchange, Surroundings, note
from ripstop.seams.listener import reset
from ripstop.seams.relay import port_of
from ripstop.wire.http import Refused, ServerConversation, refuse

_LINGER_S = 2.0


class Connection(asyncio.Protocol):
    """A peer's connection. It belongs to ``peers`` for as long as it is open."""

    def __init__(self, number: int, around: Surroundings, peers: set[Connection]) -> None:
        self.number = number
        self.conversation = ServerConversation()
        self.lost = asyncio.Event()
        self.finished = False
        self.peer_port = 0
        self._around = around
        self._peers = peers
        self._transport: asyncio.Transport | None = None
        self._exchange: Exchange | None = None
        self._task: asyncio.Task[None] | None = None
        self._writable = asyncio.Event()
        self._writable.set()
        self._deaf = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self.peer_port = port_of(transport)
        self._peers.add(self)

    def data_received(self, data: bytes) -> None:
        if self._deaf:
            return
        self.conversation.receive(data)
        self._advance()
        self._pace()

    def eof_received(self) -> bool:
        """The peer sends no more; it may still read, so the answer that is due is given first."""
        self.finished = True
        if self._deaf or (self._exchange and self._exchange.holding):
            self._leave()
            return False
        self.conversation.receive(b"")
        self._advance()
        return self._task is not None

    def connection_lost(self, _exc: Exception | None) -> None:
        self._peers.discard(self)
        self._leave()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    @property
    def gone(self) -> bool:
        """Nothing that is sent now can reach the peer."""
        return self.lost.is_set() or self._transport is None or self._transport.is_closing()

    def write(self, data: bytes) -> None:
        if self._transport and not self.gone:
            self._transport.write(data)

    async def drained(self) -> None:
        """Until the peer has taken most of what was written, or has gone."""
        await self._writable.wait()

    def close(self) -> None:
        """End the connection after what was written (a FIN)."""
        if self._transport:
            self._transport.close()

    def reset(self) -> None:
        """End the connection at once (an RST)."""
        if self._transport:
            reset(self._transport)
        self._leave()

    def abort(self) -> None:
        """End the connection and whatever it is doing."""
        if self._task:
            self._task.cancel()
        self.reset()

    def heal(self) -> None:
        """End the connection if a fault has the exchange on it in its hands."""
        if self._exchange and self._exchange.faulted:
            self.abort()

    def doing(self) -> str:
        """What is going on here, empty for nothing."""
        if self._exchange:
            return self._exchange.describe()
        return f"{self._around.name}: a request is arriving" if self.conversation.partial else ""

    def _advance(self) -> None:
        """Take up what has arrived, unless an exchange is under way."""
        if self._task or self.gone:
            return
        event = self.conversation.next_event()
        if event is None:
            self.write(self.conversation.interim())
        elif isinstance(event, Request):
            self._exchange = Exchange(self, self._around, event)
            self._task = asyncio.get_running_loop().create_task(self._exchange.run())
            self._task.add_done_callback(self._done)
        elif isinstance(event, Refused):
            self._turn_away(event)
        else:
            self.close()

    def _done(self, task: asyncio.Task[None]) -> None:
        self._task = self._exchange = None
        if not task.cancelled() and (failure := task.exception()):
            note(self._around.problems, f"the http seam {self._around.name!r} failed: {failure!r}")
            self.reset()
        self._advance()
        self._pace()

    def _pace(self) -> None:
        """Read on, unless requests enough wait for their turn."""
        if self._transport is None or self.gone:
            return
        if self.conversation.overfull:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    def _turn_away(self, refused: Refused) -> None:
        """Answer what is no request and close. Closing with bytes unread would reset the answer away."""
        note(self._around.problems, f"{self._around.name} was sent what is no request: {refused.reason}")
        framed = refuse(self.conversation, refused)
        self.write(framed.head + framed.body)
        self._deaf = True
        if self._transport and not self.gone:
            self._transport.write_eof()
            asyncio.get_running_loop().call_later(_LINGER_S, self._transport.close)

    def _leave(self) -> None:
        self.lost.set()
        self._writable.set()
