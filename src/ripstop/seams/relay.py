"""One end of a relayed connection: bytes in, bytes out, each end slowed to the pace of the other.

Knows no protocol. TLS, where an end speaks it, is done over memory so that the socket beneath
stays ours to reset.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable
from typing import Protocol, cast

from ripstop.seams.listener import reset

_TLS_READ_BYTES = 65_536
STUCK_S = 5.0
"""So long may the other side take nothing of what is still to be sent, once this one is closing."""


class Paced(Protocol):
    """Where bytes come from: told to stop and to go on."""

    def pause(self) -> None: ...

    def resume(self) -> None: ...


class End(asyncio.Protocol):
    """A connected socket. ``receive`` is called with each chunk, ``lost`` once when it is over.

    ``peer_port`` is the port at the other side, 0 until it is connected and where there is none.
    ``opened`` is called when it is connected, ``finished`` when the other side sends no more: where it
    answers True this side may go on sending. ``peer`` is not read while this end cannot write.
    """

    def __init__(
        self,
        receive: Callable[[bytes], None],
        lost: Callable[[], None],
        *,
        opened: Callable[[], None] | None = None,
        finished: Callable[[], bool] | None = None,
        tls: Tls | None = None,
    ) -> None:
        self.receive = receive
        self.peer: Paced | None = None
        self.closed = False
        self._lost = lost
        self._opened = opened
        self._finished = finished
        self._tls = tls
        self._transport: asyncio.Transport | None = None
        self._paused: set[str] = set()
        self.peer_port = 0

    @property
    def encrypted(self) -> bool:
        return self._tls is not None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Event loops other than asyncio's have transports that are no subclass of its own.
        self._transport = cast("asyncio.Transport", transport)
        self.peer_port = port_of(transport)
        sock = transport.get_extra_info("socket")
        if sock is not None and sock.family != socket.AF_UNIX:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._tls:
            self._flush(self._tls)
        if self._opened:
            self._opened()

    def data_received(self, data: bytes) -> None:
        if self._tls is None:
            self.receive(data)
        else:
            self._decrypt(self._tls, data)

    def eof_received(self) -> bool:
        return self._finished() if self._finished else False

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self.closed = True
        self._lost()

    def pause_writing(self) -> None:
        if self.peer:
            self.peer.pause()

    def resume_writing(self) -> None:
        if self.peer:
            self.peer.resume()

    def pause(self, why: str = "peer") -> None:
        """Read no more until ``resume`` for the same reason, and for every other one."""
        self._paused.add(why)
        if self._transport and not self.closed:
            self._transport.pause_reading()

    def resume(self, why: str = "peer") -> None:
        self._paused.discard(why)
        if self._transport and not self.closed and not self._paused:
            self._transport.resume_reading()

    def write(self, data: bytes) -> None:
        if self._transport is None or self.closed:
            return
        if self._tls is None:
            self._transport.write(data)
        else:
            self._tls.write(data)
            self._flush(self._tls)

    def start_tls(self, tls: Tls, early: bytes = b"") -> None:
        """Speak TLS from here on; ``early`` are bytes of the handshake that came already."""
        self._tls = tls
        if early:
            self._decrypt(tls, early)

    def close(self) -> None:
        """Send what is still buffered, then end the connection in order (FIN).

        Where the other side takes nothing for ``STUCK_S``, reset it: a server that waits for us to read
        will never read what it is sent.
        """
        if self._transport and not self.closed:
            if self._tls:
                self._tls.end()
                self._flush(self._tls)
            self._transport.close()
            self._watch(self._transport.get_write_buffer_size())

    def reset(self) -> None:
        """End the connection with an RST; nothing that is still buffered is sent."""
        if self._transport and not self.closed:
            reset(self._transport)

    def _watch(self, left_bytes: int) -> None:
        if left_bytes:
            asyncio.get_running_loop().call_later(STUCK_S, self._look_again, left_bytes)

    def _look_again(self, left_bytes: int) -> None:
        if self._transport is None or self.closed:
            return
        now_bytes = self._transport.get_write_buffer_size()
        if now_bytes < left_bytes:
            self._watch(now_bytes)
        else:
            self.reset()

    def _decrypt(self, tls: Tls, data: bytes) -> None:
        try:
            plain, ended = tls.feed(data)
        except ssl.SSLError:
            self._flush(tls)
            self.close()
            return
        self._flush(tls)
        if plain:
            self.receive(plain)
        if ended:
            self.close()

    def _flush(self, tls: Tls) -> None:
        pending = tls.outgoing.read()
        if pending and self._transport:
            self._transport.write(pending)


def port_of(transport: asyncio.BaseTransport) -> int:
    """The port at the other side of a connection; 0 where it has none."""
    peer = transport.get_extra_info("peername")
    return int(peer[1]) if isinstance(peer, tuple) else 0


class Tls:
    """One TLS connection over memory. ``server_name`` makes it the client's side."""

    def __init__(self, context: ssl.SSLContext, *, server_side: bool) -> None:
        self._incoming = ssl.MemoryBIO()
        self.outgoing = ssl.MemoryBIO()
        self._early = b""
        self._open = False
        self._object = context.wrap_bio(self._incoming, self.outgoing, server_side=server_side)
        self._shake()

    def feed(self, data: bytes) -> tuple[bytes, bool]:
        """Encrypted bytes in; plain bytes out, and whether the other side has ended. Raises SSLError."""
        self._incoming.write(data)
        plain: list[bytes] = []
        with contextlib.suppress(ssl.SSLWantReadError):
            if not self._open:
                self._shake()
            while self._open:
                piece = self._object.read(_TLS_READ_BYTES)
                if not piece:
                    return b"".join(plain), True
                plain.append(piece)
        return b"".join(plain), False

    def write(self, data: bytes) -> None:
        """Plain bytes to send; kept until the handshake is over."""
        if self._open and data:
            self._object.write(data)
        else:
            self._early += data

    def end(self) -> None:
        """Say that nothing more will be sent (close_notify)."""
        with contextlib.suppress(ssl.SSLError):
            self._object.unwrap()

    def _shake(self) -> None:
        with contextlib.suppress(ssl.SSLWantReadError):
            self._object.do_handshake()
            self._open = True
            early, self._early = self._early, b""
            self.write(early)
