"""Where a connection to an http seam begins: plain HTTP or TLS, as its first byte tells.

Behind it a connection sees plain bytes on a transport of the usual kind. TLS is done over memory:
the socket stays ours to reset, and a fault is to a TLS client what it is in the wild.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from typing import Any

from ripstop.seams.relay import Tls

_HANDSHAKE = 0x16
"""The content type of a TLS record that begins a handshake (RFC 8446, 5.1); no method begins so."""


class Edge(asyncio.Protocol):
    """Stands between a socket and ``inner``. ``report`` is told of a TLS client that went away in anger."""

    def __init__(
        self, inner: asyncio.Protocol, context: ssl.SSLContext, report: Callable[[str], None]
    ) -> None:
        self._inner = inner
        self._context = context
        self._report = report
        self._wire: _Wire | None = None
        self._begun = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._wire = _Wire(transport)
        self._inner.connection_made(self._wire)

    def data_received(self, data: bytes) -> None:
        assert self._wire
        if not self._begun:
            self._begun = True
            if data[0] == _HANDSHAKE:
                self._wire.tls = Tls(self._context, server_side=True)
        if self._wire.tls:
            self._decrypt(self._wire, self._wire.tls, data)
        else:
            self._inner.data_received(data)

    def eof_received(self) -> bool:
        """Whether ``inner`` still has something to say."""
        return bool(self._inner.eof_received())

    def connection_lost(self, exc: Exception | None) -> None:
        self._inner.connection_lost(exc)

    def pause_writing(self) -> None:
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        self._inner.resume_writing()

    def _decrypt(self, wire: _Wire, tls: Tls, data: bytes) -> None:
        try:
            plain, ended = tls.feed(data)
        except ssl.SSLError as error:
            # Both sides have said that they end: nothing is wrong.
            if not isinstance(error, ssl.SSLZeroReturnError):
                self._report(error.reason or str(error))
            wire.close()
            return
        wire.flush()
        if plain:
            self._inner.data_received(plain)
        if ended and not self.eof_received():
            wire.close()


class _Wire(asyncio.Transport):
    """A socket's transport, with TLS on it where the client began so."""

    def __init__(self, transport: asyncio.Transport) -> None:
        super().__init__()
        self.tls: Tls | None = None
        self._transport = transport

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._transport.get_extra_info(name, default)

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def pause_reading(self) -> None:
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        self._transport.resume_reading()

    def abort(self) -> None:
        self._transport.abort()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if self.tls:
            self.tls.write(bytes(data))
            self.flush()
        else:
            self._transport.write(data)

    def write_eof(self) -> None:
        self._end()
        self._transport.write_eof()

    def close(self) -> None:
        """In order: TLS says that it ends (close_notify), then TCP does (FIN)."""
        if not self._transport.is_closing():
            self._end()
            self._transport.close()

    def flush(self) -> None:
        """Send what TLS has ready."""
        if self.tls and (pending := self.tls.outgoing.read()):
            self._transport.write(pending)

    def _end(self) -> None:
        if self.tls:
            self.tls.end()
            self.flush()
