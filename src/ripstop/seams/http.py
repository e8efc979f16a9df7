"""The http seam: a loopback server in an external service's place, answered by its double.

It owns the connections and their faults' time. What a connection does with a request is in
``http_connection``; what the reply says is the double's.
"""

from __future__ import annotations

import asyncio
import itertools
import ssl
from collections.abc import Callable

from ripstop.model.fault import Commands
from ripstop.model.http import Reply
from ripstop.seams.board import Board
from ripstop.seams.http_connection import Connection
from ripstop.seams.http_edge import Edge
from ripstop.seams.http_exchange import Surroundings, note
from ripstop.seams.http_work import Respondent, Worker
from ripstop.seams.listener import HOST, Listener

_WORK_S = 30.0


class HttpSeam:
    """One external HTTP service as the service under test sees it. All of it runs in one event loop.

    With a server's ``tls`` context the same port takes TLS as well as plain HTTP. ``after`` is called
    once each exchange is over, however it ended; it must be quick.
    """

    protocol = "http"

    def __init__(
        self,
        name: str,
        double: Respondent,
        board: Board,
        *,
        port: int = 0,
        work_s: float = _WORK_S,
        tls: ssl.SSLContext | None = None,
        after: Callable[[int], int] | None = None,
    ) -> None:
        self.name = name
        self.problems: list[str] = []
        self._tls = tls
        self._worker = Worker(name, limit_s=work_s)
        self._surroundings = Surroundings(name, double, board, self._worker, self.problems, after=after)
        self._listener = Listener(self._accept, port=port)
        self._numbers = itertools.count(1)
        self._connections: set[Connection] = set()

    @property
    def port(self) -> int:
        return self._listener.port

    @property
    def url(self) -> str:
        """The base URL, without a slash at its end."""
        return f"http://{HOST}:{self.port}"

    async def start(self) -> None:
        """Listen. Raises StartError ``port-taken``."""
        await self._listener.start()

    async def stop(self) -> None:
        """Give the port back and reset every connection."""
        await self._listener.stop()
        for connection in tuple(self._connections):
            connection.abort()
        self._worker.stop()
        await asyncio.sleep(0)

    async def at_step(self, commands: Commands) -> None:
        """Obey what acts before a step's request. Raises ValueError for any other command."""
        await self._listener.at_step(commands, self._cut_idle)

    async def heal(self) -> None:
        """Abort what a fault holds or delays, by a reset and never by an answer; listen again."""
        for connection in tuple(self._connections):
            connection.heal()
        await self._listener.heal()

    def busy(self) -> tuple[str, ...]:
        """The crossings under way, held or delayed, and requests that have arrived in part."""
        return tuple(text for connection in tuple(self._connections) if (text := connection.doing()))

    def idle_sessions(self) -> int:
        """How many connections are open with no request under way."""
        return sum(1 for connection in tuple(self._connections) if not connection.doing())

    def last_reply(self, operation: str) -> Reply | None:
        """The double's last 2xx reply to an operation, whatever a fault made of it on its way."""
        return self._surroundings.given.get(operation)

    def attempts(self) -> int:
        """Attempts to connect since a fault last closed the port; 0 says that nobody tried."""
        return self._listener.attempts()

    def _accept(self) -> asyncio.Protocol:
        connection = Connection(next(self._numbers), self._surroundings, self._connections)
        return Edge(connection, self._tls, self._untalkable) if self._tls else connection

    def _untalkable(self, reason: str) -> None:
        pinned = "UNKNOWN_CA" in reason or "CERTIFICATE" in reason
        hint = ": does it accept certain certificates only (pinning, a trust store of its own)?"
        note(self.problems, f"{self.name}: TLS with a client failed ({reason}){hint if pinned else ''}")

    async def _cut_idle(self) -> None:
        for connection in tuple(self._connections):
            if not connection.doing():
                connection.close()
