"""How a connection of the PostgreSQL seam begins: TLS, cancel requests, start-up, the server's end.

What follows start-up is `postgres_session`.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from ripstop.model.trace import CONNECT, Kind
from ripstop.seams.postgres_session import Relay, Surroundings
from ripstop.seams.relay import End, Tls
from ripstop.wire.postgres.messages import WireError
from ripstop.wire.postgres.private import keep_replies
from ripstop.wire.postgres.session import Asked, owed_start
from ripstop.wire.postgres.startup import (
    CancelRequest,
    GssRequest,
    SslRequest,
    Startup,
    TlsHello,
    read_opening,
)
from ripstop.wire.sql import Statement

_SSL_REQUEST = (8).to_bytes(4, "big") + (80877103).to_bytes(4, "big")


class Opening:
    """A connection until its session begins, or its cancel request has been passed on."""

    def __init__(self, around: Surroundings, number: int) -> None:
        self.client = End(self._receive, self._lost, opened=self._opened)
        self._around = around
        self._number = number
        self._early = b""
        self._relay: Relay | None = None
        self._was_refused_tls = False
        self._refused: set[type] = set()
        self._cancelling: asyncio.Task[None] | None = None
        self._over = asyncio.Event()

    def _opened(self) -> None:
        self._around.opening.add(self.client)

    def _receive(self, data: bytes) -> None:
        self._early += data
        try:
            while (found := read_opening(self._early)) is not None:
                opening, size = found
                self._early = self._early[size:]
                if not self._answer(opening):
                    return
        except WireError:
            self.client.close()

    def _answer(self, opening: object) -> bool:
        """True where more packets may follow."""
        match opening:
            case GssRequest() | SslRequest() if type(opening) in self._refused:
                # A server hears each once; who asks on without reading must not fill our memory.
                self.client.close()
                return False
            case GssRequest():
                return self._refuse(opening)
            case SslRequest():
                return self._answer_tls(asked=True)
            case TlsHello():
                return self._answer_tls(asked=False)
            case CancelRequest(packet):
                self.client.receive = lambda _data: None
                self._cancelling = asyncio.ensure_future(self._cancel(packet))
            case Startup():
                self._begin(opening)
        return False

    def _answer_tls(self, *, asked: bool) -> bool:
        """Without asking first, a client leaves no room for an answer but TLS itself or the end."""
        mode = self._around.tls
        wanted = mode == "on" or (mode == "auto" and (self._around.insists_on_tls or not asked))
        if not wanted and asked:
            self._was_refused_tls = True
            return self._refuse(SslRequest())
        if not wanted or self.client.encrypted or (asked and self._early):
            # Plain bytes behind the request would be taken for encrypted ones (CVE-2021-23222).
            self.client.close()
            return False
        if asked:
            self.client.write(b"S")
        early, self._early = self._early, b""
        self.client.start_tls(Tls(self._around.certificates.server_context(), server_side=True), early)
        return False

    def _refuse(self, request: object) -> bool:
        self._refused.add(type(request))
        self.client.write(b"N")
        return True

    def _lost(self) -> None:
        self._around.opening.discard(self.client)
        self._over.set()
        if self._relay:
            self._relay.client_lost()
        elif self._was_refused_tls and self._around.tls == "auto":
            self._around.insists_on_tls = True

    def _begin(self, startup: Startup) -> None:
        relay = self._relay = Relay(self._around, self._number, self.client)
        self._around.relays[self._number] = relay
        self._around.opening.discard(self.client)
        self.client.receive = relay.from_client
        asked = Asked("", simple=True, statement=Statement(CONNECT, Kind.CONNECT))
        ticket = relay.report(asked)
        if self._early:
            relay.from_client(self._early)
        if ticket.armed is not None:
            relay.start(asked, startup.packet)
        else:
            relay.spawn(connect(relay, asked, startup.packet))

    async def _cancel(self, packet: bytes) -> None:
        """Pass a cancel request on; its sender waits for the end of the connection (54.2.8)."""
        server = End(lambda _data: None, self._over.set)
        try:
            await dial(self._around, server, encrypted=False)
            server.write(packet)
            await self._over.wait()
        except OSError:
            pass
        finally:
            server.close()
            self.client.close()


async def connect(relay: Relay, asked: Asked, packet: bytes, *, keep: bool = False) -> None:
    """Open the server's end of a session and pass the StartupMessage on.

    With ``keep`` the first ReadyForQuery is kept back. A server that does not listen makes the
    client's connection a reset one: it was accepted already.
    """
    server = End(relay.from_server, relay.server_lost)
    try:
        encrypted = relay.client.encrypted and relay.around.certificates.shared
        await dial(relay.around, server, encrypted=encrypted)
    except OSError as failure:
        relay.note(f"the server does not take connections: {failure}")
        relay.end("refused", reset=True)
        return
    if relay.ended:
        server.close()
        return
    relay.attach(server)
    owed_start(relay.tracker, asked)
    if keep:
        keep_replies(relay.tracker)
    server.write(packet)
    if _replicates(packet):
        relay.pass_through()


def _replicates(packet: bytes) -> bool:
    found = read_opening(packet)
    return found is not None and isinstance(found[0], Startup) and found[0].replication


async def dial(around: Surroundings, server: End, *, encrypted: bool) -> None:
    """Connect to the server, by its Unix socket where it has one. Raises OSError."""
    loop = asyncio.get_running_loop()
    upstream = around.upstream
    if upstream.socket_dir and not encrypted:
        path = Path(upstream.socket_dir, f".s.PGSQL.{upstream.port}")
        await loop.create_unix_connection(lambda: server, str(path))
        return
    await loop.create_connection(lambda: server, upstream.host, upstream.port)
    if encrypted:
        await _encrypt(around, server)


async def _encrypt(around: Surroundings, server: End) -> None:
    answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
    receive, server.receive = server.receive, answer.set_result
    server.write(_SSL_REQUEST)
    if await answer != b"S":
        server.close()
        raise ConnectionRefusedError("the server does not speak TLS")
    server.receive = receive
    server.start_tls(Tls(around.certificates.client_context(), server_side=False))
