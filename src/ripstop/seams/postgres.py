"""The PostgreSQL seam: a port that speaks the protocol, a server behind it, faults in between.

What it owns is its listener and its sessions; everything it knows it reports to the board.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ripstop.model.address import PostgresAddress
from ripstop.model.fault import Commands
from ripstop.seams.board import Board
from ripstop.seams.listener import Listener
from ripstop.seams.postgres_faults import obey
from ripstop.seams.postgres_opening import Opening
from ripstop.seams.postgres_session import Relay, Surroundings
from ripstop.seams.postgres_tls import Certificates
from ripstop.seams.relay import End
from ripstop.wire.postgres.errors import fatal

_CUT_WAIT_S = 5.0
_RESTARTING = ("57P01", "terminating connection due to administrator command")


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """One session. ``pid`` is its backend's, ``status`` its transaction's: ``I``, ``T`` or ``E``."""

    number: int
    pid: int
    status: str
    under_way: tuple[str, ...]
    held: bool


class PostgresSeam:
    """A proxy in front of one PostgreSQL server. Everything belongs to the event loop's thread.

    ``tls``: ``auto`` refuses TLS until a client hangs up over it, ``on`` offers it, ``off`` never
    speaks it. ``cert_file`` and ``key_file`` are those the server has too, for channel binding;
    TLS is then spoken to it where the client speaks it to us. ``terminate`` ends backends by pid,
    as ``pg_terminate_backend`` does; it is called in a thread of its own. Messages up to
    ``limit_bytes`` are read whole and replies up to it kept back; larger ones pass, with a note.
    """

    protocol = "postgres"

    def __init__(
        self,
        name: str,
        upstream: PostgresAddress,
        board: Board,
        *,
        port: int = 0,
        tls: Literal["auto", "on", "off"] = "auto",
        cert_file: Path | None = None,
        key_file: Path | None = None,
        terminate: Callable[[tuple[int, ...]], object] | None = None,
        limit_bytes: int = 16 << 20,
    ) -> None:
        self.name = name
        self._numbers = itertools.count(1)
        self._terminate = terminate
        certificates = Certificates(cert_file, key_file)
        self._around = Surroundings(name, upstream, board, certificates, tls, limit_bytes, obey)
        self._listener = Listener(self._accept, port=port)

    @property
    def port(self) -> int:
        return self._listener.port

    @property
    def upstream(self) -> PostgresAddress:
        return self._around.upstream

    @property
    def notes(self) -> tuple[str, ...]:
        """What could not be done or tracked, latest last; at most a hundred."""
        return tuple(self._around.notes)

    @property
    def sessions(self) -> tuple[SessionInfo, ...]:
        return tuple(_info(relay) for relay in self._around.relays.values())

    async def start(self) -> None:
        await self._listener.start()

    async def stop(self) -> None:
        """Give the port back and reset every session."""
        await self._listener.stop()
        for relay in tuple(self._around.relays.values()):
            relay.cut()
        for end in (*self._around.opening, *self._around.ending):
            end.reset()
        await asyncio.sleep(0)

    async def at_step(self, commands: Commands) -> None:
        """Obey what acts before a step's request. Raises ValueError for any other command."""
        await self._listener.at_step(commands, self._cut_idle)

    async def heal(self) -> None:
        """Abort every crossing a fault is at work on, forward none, and listen again."""
        for relay in tuple(self._around.relays.values()):
            if relay.acting in relay.tickets:
                relay.cut("held")
        await self._listener.heal()

    def busy(self) -> tuple[str, ...]:
        """What is not at rest, a text each: open transactions, crossings under way, held ones.

        May be asked from any thread, as may ``idle_sessions`` and ``take_cut_backends``.
        """
        relays = tuple(self._around.relays.values())
        return tuple(text for relay in relays for text in _busy(self.name, relay))

    def attempts(self) -> int:
        """Attempts to connect since a fault last closed the port; 0 says that nobody tried."""
        return self._listener.attempts()

    def idle_sessions(self) -> int:
        """How many sessions are open and doing nothing."""
        return len(self._idle())

    def backend_of(self, session: int) -> int:
        """The pid of a session's backend, 0 where there is none (any more). Any thread."""
        relay = self._around.relays.get(session)
        return relay.tracker.pid if relay else 0

    def take_cut_backends(self) -> tuple[int, ...]:
        """Pids of backends whose client was cut or went away, since this was last asked.

        They may still be at work: terminate them and wait until they left ``pg_stat_activity``.
        """
        pids, self._around.cut_backends[:] = tuple(self._around.cut_backends), ()
        return pids

    def _accept(self) -> End:
        return Opening(self._around, next(self._numbers)).client

    def _idle(self) -> list[Relay]:
        relays = tuple(self._around.relays.values())
        return [r for r in relays if not r.tickets and r.tracker.status == "I" and r.tracker.pid]

    async def _cut_idle(self) -> None:
        """The server's own words where it can be told to end its backends, else the same from us."""
        idle = self._idle()
        if self._terminate and idle:
            pids = tuple(relay.tracker.pid for relay in idle)
            await asyncio.get_running_loop().run_in_executor(None, self._terminate, pids)
            await _ended(idle)
        for relay in idle:
            if not relay.ended:
                relay.client.write(fatal(*_RESTARTING))
                relay.end()


async def _ended(relays: list[Relay]) -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + _CUT_WAIT_S
    while not all(relay.ended for relay in relays) and loop.time() < deadline:
        await asyncio.sleep(0.002)


def _info(relay: Relay) -> SessionInfo:
    under_way = tuple(str(ticket.crossing.id) for ticket in relay.tickets.values())
    return SessionInfo(relay.number, relay.tracker.pid, relay.tracker.status, under_way, relay.holding)


def _busy(name: str, relay: Relay) -> list[str]:
    info = _info(relay)
    who = f"{name}: session {info.number} (backend {info.pid})"
    texts = [f"{who} {'holds' if info.held else 'is at'} {crossing}" for crossing in info.under_way]
    if info.status != "I":
        texts.append(f"{who} is in a {'failed ' if info.status == 'E' else ''}transaction")
    return texts
