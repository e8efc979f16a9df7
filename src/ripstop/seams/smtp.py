"""The smtp seam: a port that speaks SMTP, a mail server behind it, faults in between.

What it owns is its listener and its sessions; everything it knows it reports to the board.
"""

from __future__ import annotations

import asyncio
import itertools
import ssl

from ripstop.model.fault import Commands
from ripstop.seams.board import Board
from ripstop.seams.listener import HOST, Listener
from ripstop.seams.relay import End
from ripstop.seams.smtp_dialogue import talk
from ripstop.seams.smtp_session import Session, Surroundings
from ripstop.wire.smtp.server import say

_RESTARTING = say(421, "4.3.2 Service shutting down and closing transmission channel")


class SmtpSeam:
    """A proxy in front of one mail server. Everything belongs to the event loop's thread.

    ``upstream`` is the server's host and port; it is spoken to without TLS. With ``tls`` the seam
    offers STARTTLS, or with ``implicit`` speaks TLS from the first byte (RFC 8314, 3.3). AUTH is
    offered and lets every credential in; none is kept or passed on. A message up to ``limit_bytes``
    can be broken; a larger one passes, with a note.
    """

    protocol = "smtp"

    def __init__(
        self,
        name: str,
        upstream: tuple[str, int],
        board: Board,
        *,
        port: int = 0,
        tls: ssl.SSLContext | None = None,
        implicit: bool = False,
        limit_bytes: int = 32 << 20,
    ) -> None:
        self.name = name
        self._numbers = itertools.count(1)
        self._around = Surroundings(name, upstream, board, tls, implicit, limit_bytes, talk)
        self._listener = Listener(self._accept, port=port)

    @property
    def port(self) -> int:
        return self._listener.port

    @property
    def url(self) -> str:
        """Scheme, host and port: ``smtps`` where TLS is spoken from the first byte."""
        scheme = "smtps" if self._around.tls and self._around.implicit else "smtp"
        return f"{scheme}://{HOST}:{self.port}"

    @property
    def upstream(self) -> tuple[str, int]:
        return self._around.upstream

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
        for session in tuple(self._around.sessions.values()):
            session.end(reset=True)
        await asyncio.sleep(0)

    async def at_step(self, commands: Commands) -> None:
        """Obey what acts before a step's request. Raises ValueError for any other command."""
        await self._listener.at_step(commands, self._cut_idle)

    async def heal(self) -> None:
        """Abort every crossing a fault is at work on, deliver none, and listen again."""
        for session in tuple(self._around.sessions.values()):
            if session.acting:
                session.end("held" if session.holding else "cut", reset=True)
        await self._listener.heal()

    def busy(self) -> tuple[str, ...]:
        """Crossings under way or held, and open mail transactions, a text each. Any thread."""
        sessions = tuple(self._around.sessions.values())
        return tuple(text for session in sessions if (text := session.doing()))

    def idle_sessions(self) -> int:
        """How many connections are open and doing nothing."""
        return len(self._idle())

    def attempts(self) -> int:
        """Attempts to connect since a fault last closed the port; 0 says that nobody tried."""
        return self._listener.attempts()

    def _accept(self) -> End:
        return Session(self._around, next(self._numbers)).client

    def _idle(self) -> list[Session]:
        return [session for session in tuple(self._around.sessions.values()) if not session.doing()]

    async def _cut_idle(self) -> None:
        """As a server does that restarts (RFC 5321, 3.8)."""
        for session in self._idle():
            session.say(_RESTARTING)
            session.end()
