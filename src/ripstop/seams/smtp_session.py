"""One client's connection to the SMTP seam and the server's behind it: bytes, waits and endings.

What is said on it, and which of it are crossings, is ``smtp_dialogue``.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from ripstop.seams.board import Board, Ticket
from ripstop.seams.relay import End, Tls
from ripstop.wire.smtp.client import ClientReader, Command
from ripstop.wire.smtp.server import Reply, ReplyReader, WireError

T = TypeVar("T")
_BACKLOG_BYTES = 262_144
_REPLY_WAIT_S = 60.0
_NOTES_LIMIT = 100


class Gone(Exception):
    """One of the two ends is over, or the server gave no reply within its bound."""


@dataclass(slots=True, eq=False)
class Surroundings:
    """What the connections of one seam share. ``talk`` is the dialogue each of them holds."""

    name: str
    upstream: tuple[str, int]
    board: Board
    tls: ssl.SSLContext | None
    implicit: bool
    limit_bytes: int
    talk: Callable[[Session], Awaitable[None]]
    sessions: dict[int, Session] = field(default_factory=dict)
    notes: deque[str] = field(default_factory=lambda: deque(maxlen=_NOTES_LIMIT))


class Session:
    """A connection. ``ticket`` is the crossing under way, ``acting`` whether a fault is obeyed at it.

    ``mailing`` is True between an accepted MAIL and the end of its transaction. ``early`` is what
    the server said unasked since a message began to come.
    """

    def __init__(self, around: Surroundings, number: int) -> None:
        self.around = around
        self.number = number
        tls = Tls(around.tls, server_side=True) if around.tls and around.implicit else None
        self.client = End(self._from_client, self._client_lost, opened=self._opened, tls=tls)
        self.server: End | None = None
        self.ticket: Ticket | None = None
        self.acting = False
        self.holding = False
        self.mailing = False
        self.ended = False
        self.early: Reply | None = None
        self._in = ClientReader()
        self._out = ReplyReader()
        self._asking = False
        self._paused = False
        self._server_gone = False
        self._passive = False
        self._shaking = tls is not None
        self._news = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()
        self._task: asyncio.Task[None] | None = None

    async def dial(self) -> None:
        """Connect to the server. Raises OSError."""
        server = End(self._from_server, self._server_lost)
        host, port = self.around.upstream
        await asyncio.get_running_loop().create_connection(lambda: server, host, port)
        if self.ended:
            server.close()
            raise Gone
        self.server, self.client.peer, server.peer = server, self, self.client

    async def command(self) -> Command:
        """The client's next line. Raises Gone, WireError."""
        # A flood of commands that need no server must not keep the loop from the others.
        await asyncio.sleep(0)
        await self._writable.wait()
        self._hear_unasked()
        return await self._until(self._in.next_command)

    def begin_content(self) -> None:
        self._in.begin_content()
        self.early = None

    async def content(self) -> tuple[bytes, bool]:
        """Some of a message's content, and whether it ends it. Raises Gone, WireError."""
        self._hear_unasked()
        return await self._until(self._some_content)

    async def skip(self, octets: int) -> None:
        """Throw away so many octets of the client's. Raises Gone."""
        left = octets

        def skipped() -> bool | None:
            nonlocal left
            left = self._in.skip(left)
            return True if left == 0 else None

        await self._until(skipped)

    async def reply(self) -> Reply:
        """The server's next reply. Raises Gone, WireError."""
        self._asking = True
        try:
            async with asyncio.timeout(_REPLY_WAIT_S):
                return await self._until(self._out.next_reply, of_server=True)
        except TimeoutError:
            self.note(f"the server gave no reply within {_REPLY_WAIT_S:g} s")
            raise Gone from None
        finally:
            self._asking = False

    async def ask(self, request: bytes) -> Reply:
        """Send the server one request; its reply. Raises Gone, WireError."""
        self.send(request)
        return await self.reply()

    def send(self, data: bytes) -> None:
        """Bytes to the server. Raises Gone."""
        if self.server is None or self._server_gone:
            raise Gone
        self.server.write(data)

    def say(self, data: bytes) -> None:
        """Bytes to the client."""
        self.client.write(data)

    def start_tls(self) -> None:
        """Speak TLS with the client from here on; what it sent too early is dropped (RFC 3207, 4.2)."""
        assert self.around.tls is not None
        self._in.clear()
        self._shaking = True
        self.client.start_tls(Tls(self.around.tls, server_side=True))

    def note(self, text: str) -> None:
        self.around.notes.append(f"{self.around.name} session {self.number}: {text}")

    def pause(self) -> None:
        """The client does not read: take no further command, and nothing from the server."""
        self._writable.clear()
        if self.server:
            self.server.pause()

    def resume(self) -> None:
        self._writable.set()
        if self.server:
            self.server.resume()

    def doing(self) -> str:
        """What is going on here, empty for nothing."""
        if self.ticket:
            return f"{self.ticket.crossing.id}{' (held)' if self.holding else ''}"
        if self.mailing:
            return f"{self.around.name}: session {self.number} is in a mail transaction"
        return ""

    def end(self, outcome: str = "cut", *, reset: bool = False) -> None:
        """End both sides and the crossing under way. A second time changes nothing."""
        if self.ended:
            return
        self.ended = True
        self.around.sessions.pop(self.number, None)
        if self.ticket:
            self.around.board.close(self.ticket, outcome)
            self.ticket = None
        if reset:
            self.client.reset()
        else:
            self.client.close()
        if self.server:
            self.server.close()
        if self._task and self._task is not asyncio.current_task():
            self._task.cancel()

    def _opened(self) -> None:
        self.around.sessions[self.number] = self
        self._task = asyncio.ensure_future(self._run())

    async def _run(self) -> None:
        try:
            await self.around.talk(self)
        except Gone:
            self.end("held" if self.holding else "cut")
        except WireError as failure:
            self._give_up(str(failure))
        except Exception as failure:
            self.note(f"internal error: {failure!r}")
            self.end(reset=True)

    def _from_client(self, data: bytes) -> None:
        self._shaking = False
        self._in.receive(data)
        if self._in.waiting_bytes > _BACKLOG_BYTES:
            self._paused = True
            self.client.pause()
        self._news.set()

    def _from_server(self, data: bytes) -> None:
        self._out.receive(data)
        if self._asking:
            self._news.set()
            return
        try:
            self._hear_unasked()
        except WireError as failure:
            self._give_up(str(failure))

    def _hear_unasked(self) -> None:
        """A server may speak unasked, to say that it is closing (RFC 5321, 3.8). Raises WireError."""
        while (reply := self._out.next_reply()) is not None:
            self.early = reply
            self.say(reply.raw)

    def _client_lost(self) -> None:
        if self._shaking:
            self.note("the client left in the TLS handshake: does it trust the certificate?")
        self.end("held" if self.holding else "cut")

    def _server_lost(self) -> None:
        self._server_gone = True
        self._news.set()
        if self._passive:
            self.end()

    async def _until(self, take: Callable[[], T | None], *, of_server: bool = False) -> T:
        """What ``take`` gives, as soon as it gives something."""
        while (taken := take()) is None:
            if self._server_gone or self.ended:
                raise Gone
            self._news.clear()
            await self._news.wait()
        if not of_server:
            self._go_on()
        return taken

    def _some_content(self) -> tuple[bytes, bool] | None:
        content, whole = self._in.take_content()
        return (content, whole) if content or whole else None

    def _go_on(self) -> None:
        if self._paused and self._in.waiting_bytes <= _BACKLOG_BYTES:
            self._paused = False
            self.client.resume()

    def _give_up(self, why: str) -> None:
        """The server does not speak SMTP: pass everything on as it comes, or end a broken crossing."""
        self.note(f"no longer tracked: {why}")
        if self.acting or self.server is None:
            self.end(reset=True)
            return
        if self.ticket:
            self.around.board.close(self.ticket, "ok")
            self.ticket = None
        if self._task and self._task is not asyncio.current_task():
            self._task.cancel()
        server, self.mailing, self._passive = self.server, False, True
        self.client.receive, server.receive = server.write, self.client.write
        server.peer, self.client.peer = self.client, server
        server.write(self._in.rest())
        self.client.write(self._out.rest())
        self.client.resume()
