"""The embedded mail server: it takes every message from anybody and hands it over; nothing is sent on.

What a message says, and what is kept of it, is the receiver's business.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from ripstop.errors import UsageError
from ripstop.service.ports import HOST

_LINE_LIMIT_BYTES = 1 << 20
_MESSAGE_LIMIT_BYTES = 32 << 20
_IDLE_LIMIT_S = 86_400
_END_WAIT_S = 2.0
_PROBLEMS = 100

Deliver = Callable[[str, Sequence[str], bytes], None]
"""Envelope sender, envelope recipients in order, and the message as it was sent, dots unstuffed."""


class MailServer:
    """A server on a port of the kernel's choice, in the event loop it is started in.

    ``deliver`` is called in that loop before a message is acknowledged; where it raises, the
    client is told 451 and the failure is kept in ``problems``.
    """

    def __init__(self, deliver: Deliver) -> None:
        self.problems: list[str] = []
        self._deliver = deliver
        self._server: asyncio.Server | None = None
        self._protocols: set[Any] = set()

    @property
    def address(self) -> tuple[str, int]:
        """Host and port; the port is 0 before the start."""
        if self._server is None:
            return HOST, 0
        return HOST, int(self._server.sockets[0].getsockname()[1])

    async def start(self) -> None:
        """Listen. Raises UsageError ``extra-missing`` where aiosmtpd is not installed."""
        kind = _protocol()
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: self._accept(kind, loop), HOST, 0)

    async def stop(self) -> None:
        """Give the port back and end every connection. Calling it twice is harmless."""
        server, self._server = self._server, None
        if server:
            server.close()
        loop = asyncio.get_running_loop()
        until = loop.time() + _END_WAIT_S
        while (alive := self._alive()) and loop.time() < until:
            for protocol in alive:
                if protocol.transport is not None:
                    protocol.transport.abort()
            await asyncio.sleep(0)
        self._protocols.clear()
        # Its coroutines were cancelled by the end of their connections, and need a turn to be over.
        await asyncio.sleep(0)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        """The hook of aiosmtpd's that a whole message reaches."""
        try:
            self._deliver(envelope.mail_from, tuple(envelope.rcpt_tos), envelope.original_content or b"")
        except Exception as failure:
            if len(self.problems) < _PROBLEMS:
                self.problems.append(f"a mail could not be kept: {failure!r}")
            return "451 4.3.0 Requested action aborted: error in processing"
        return "250 2.0.0 OK"

    async def handle_exception(self, error: Exception) -> str:
        """The hook of aiosmtpd's for what it cannot make sense of."""
        return f"500 5.5.2 Error: {type(error).__name__}"

    def _accept(self, kind: type[Any], loop: asyncio.AbstractEventLoop) -> Any:
        self._protocols = set(self._alive())
        protocol = kind(
            self,
            hostname="localhost",
            ident="ripstop",
            data_size_limit=_MESSAGE_LIMIT_BYTES,
            enable_SMTPUTF8=True,
            timeout=_IDLE_LIMIT_S,
            loop=loop,
        )
        self._protocols.add(protocol)
        return protocol

    def _alive(self) -> list[Any]:
        """Connections not over yet; one that is just being made has no session so far."""
        return [one for one in self._protocols if one.session is None or one.transport is not None]


def _protocol() -> type[Any]:
    """aiosmtpd's protocol, with lines as long as mail providers take them."""
    try:
        from aiosmtpd.smtp import SMTP
    except ImportError as missing:
        raise UsageError(
            "extra-missing",
            "a seam of protocol smtp needs a mail server that is not installed",
            details=(str(missing),),
            way_out='pip install "ripstop[mail]"',
        ) from missing
    return type("Accepting", (SMTP,), {"line_length_limit": _LINE_LIMIT_BYTES})
