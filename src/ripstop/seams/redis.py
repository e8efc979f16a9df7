"""The Redis seam: a port that speaks RESP, a server behind it, faults in between.

What it owns is its listener and its connections; everything it knows it reports to the board.
"""

from __future__ import annotations

import asyncio
import itertools

from ripstop.model.address import RedisAddress
from ripstop.model.fault import Commands
from ripstop.seams.board import Board
from ripstop.seams.listener import HOST, Listener
from ripstop.seams.redis_faults import obey, obey_reply
from ripstop.seams.redis_session import Relay, Surroundings
from ripstop.seams.relay import End


class RedisSeam:
    """A proxy in front of one Redis server. Everything belongs to the event loop's thread.

    Requests up to ``limit_bytes`` are read whole and replies up to it kept back; larger ones pass in
    parts, and a fault armed there is told of in ``notes``.
    """

    protocol = "redis"

    def __init__(
        self,
        name: str,
        upstream: RedisAddress,
        board: Board,
        *,
        port: int = 0,
        limit_bytes: int = 16 << 20,
    ) -> None:
        self.name = name
        self._numbers = itertools.count(1)
        self._around = Surroundings(name, upstream, board, limit_bytes, obey, obey_reply)
        self._listener = Listener(self._accept, port=port)

    @property
    def port(self) -> int:
        return self._listener.port

    @property
    def address(self) -> RedisAddress:
        """What the service is given in the server's place."""
        upstream = self._around.upstream
        return RedisAddress(HOST, self.port, upstream.database, upstream.password)

    @property
    def notes(self) -> tuple[str, ...]:
        """What could not be done or tracked, latest last; at most a hundred."""
        return tuple(self._around.notes)

    async def start(self) -> None:
        """Listen. Raises StartError ``port-taken``."""
        await self._listener.start()

    async def stop(self) -> None:
        """Give the port back and reset every connection."""
        await self._listener.stop()
        for relay in self._relays():
            relay.cut()
        await asyncio.sleep(0)

    async def at_step(self, commands: Commands) -> None:
        """Obey what acts before a step's request. Raises ValueError for any other command."""
        await self._listener.at_step(commands, self._cut_idle)

    async def heal(self) -> None:
        """Abort every crossing a fault is at work on, forward none, and listen again."""
        for relay in self._relays():
            if relay.faulted:
                relay.cut("held")
        await self._listener.heal()

    def busy(self) -> tuple[str, ...]:
        """What is not at rest, a text each: crossings under way or held, transactions, requests in part.

        A connection that waits for messages, or for somebody to write to a list, rests. May be asked
        from any thread, as may ``idle_sessions``.
        """
        return tuple(text for relay in self._relays() for text in relay.doing())

    def idle_sessions(self) -> int:
        """How many connections are open and neither at work nor waiting for anything."""
        return sum(1 for relay in self._relays() if relay.at_rest and not relay.waiting)

    def attempts(self) -> int:
        """Attempts to connect since a fault last closed the port; 0 says that nobody tried."""
        return self._listener.attempts()

    def _accept(self) -> End:
        return Relay(self._around, next(self._numbers)).client

    def _relays(self) -> tuple[Relay, ...]:
        return tuple(self._around.relays.values())

    async def _cut_idle(self) -> None:
        """A server that restarts ends subscriptions and blocking waits as well."""
        for relay in self._relays():
            if relay.at_rest:
                relay.end()
