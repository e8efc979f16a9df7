"""Two requests that race: whose a crossing is, and whose turn it is. The board asks, the seams wait here.

One token passes between the two; whoever has it not stops at its next crossing. Nothing of a service tells
for whom it makes a crossing, so that is concluded: while one of the two stands still at a crossing, whatever
arrives is the other's. Where both could have made it, the order of an undisturbed run tells, then the
session. Who passes the token, and when, is not known here. Belongs to the event loop's thread.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from ripstop.model.fault import Commands, FaultSpec, Forward, Yield
from ripstop.model.plan import Armed, Injection
from ripstop.model.trace import Crossing, CrossingId, Kind, Phase

if TYPE_CHECKING:
    from ripstop.seams.board import Ticket

_LATEST = 3
Place = tuple[str, str]
"""Seam and operation."""


@dataclass(frozen=True, slots=True)
class _Gate:
    """What is armed at a crossing made out of turn."""

    name: ClassVar[str] = "turn"
    protocols: ClassVar[frozenset[str]] = frozenset()
    waits: ClassVar[bool] = False
    ambiguous: ClassVar[bool] = False

    @property
    def spec(self) -> FaultSpec:
        return FaultSpec(self.name)

    @classmethod
    def offers(cls, crossing: Crossing, facts: Any) -> tuple[_Gate, ...]:  # noqa: ARG003
        return ()

    def at_step(self) -> Commands:
        return ()

    def on_request(self, crossing: Crossing) -> Commands:  # noqa: ARG002
        return (Yield(), Forward())

    def on_reply(self, crossing: Crossing, reply: Any) -> Commands:  # noqa: ARG002
        return (Forward(),)


_OUT_OF_TURN = Armed(Injection(CrossingId("", "", ""), _Gate().spec), _Gate())


@dataclass(slots=True, eq=False)
class Racer:
    """One of the two. ``expected`` is what its request crosses when undisturbed, as far as that is known.

    ``over`` is set once it was answered and rests. ``latest`` are its latest crossings' texts and times.
    """

    step: str
    phase: Phase
    expected: tuple[Place, ...] = ()
    sent: bool = False
    answered: bool = False
    over: bool = False
    made: int = 0
    under_way: set[Ticket] = field(default_factory=set)
    parked: list[asyncio.Future[None]] = field(default_factory=list)
    latest: deque[tuple[str, float]] = field(default_factory=lambda: deque(maxlen=_LATEST))
    last_ns: int = field(default_factory=time.monotonic_ns)
    held: bool = False

    @property
    def at_work(self) -> bool:
        """Whether it may be about to make a crossing: one request makes one at a time."""
        return self.sent and not self.over and not self.under_way

    @property
    def quiet_ms(self) -> float:
        return (time.monotonic_ns() - self.last_ns) / 1e6

    def expects(self, place: Place) -> bool:
        return self.made < len(self.expected) and self.expected[self.made] == place

    def touch(self) -> None:
        self.last_ns = time.monotonic_ns()


class Turns:
    """Whose turn it is: the first's until a crossing that the plan names. ``free``: nobody waits any more.

    ``fire`` is told the crossing at which a racer is held while the other is at work.
    """

    def __init__(self, first: Racer, second: Racer, fire: Callable[[Ticket], object]) -> None:
        self.first, self.second = first, second
        self.token = first
        self.free = False
        self.held_at: Ticket | None = None
        self._fire = fire
        self._sessions: dict[tuple[str, int], Racer] = {}
        self._tickets: dict[Ticket, Racer] = {}

    def other(self, racer: Racer) -> Racer:
        return self.second if racer is self.first else self.first

    def whose(self, seam: str, session: int, operation: str) -> Racer:
        """Who makes a crossing that has just arrived."""
        before = self._sessions.get((seam, session))
        able = [racer for racer in (self.first, self.second) if racer.at_work]
        found = able[0] if len(able) == 1 else self._likely(able, before, (seam, operation))
        self._sessions[seam, session] = found
        return found

    def arrived(self, racer: Racer, ticket: Ticket) -> Armed | None:
        """Take down a racer's crossing; what is armed there for it to wait its turn, if it must."""
        crossing = ticket.crossing
        racer.under_way.add(ticket)
        self._tickets[ticket] = racer
        racer.latest.append((f"{crossing.id.seam} {crossing.text}", crossing.at_ms))
        if crossing.kind is not Kind.CONNECT:
            racer.made += 1
        racer.touch()
        self.seen_at_work(racer)
        if ticket.armed is not None:
            return ticket.armed
        return _OUT_OF_TURN if self._must_wait(racer) else None

    def closed(self, ticket: Ticket) -> None:
        racer = self._tickets.pop(ticket, None)
        if racer:
            racer.under_way.discard(ticket)
            racer.touch()

    def seen_at_work(self, racer: Racer) -> None:
        """It made a crossing or was answered: the other, if it is held, is held for something."""
        if self.held_at and self.other(racer).held:
            self._fire(self.held_at)

    async def wait(self, ticket: Ticket) -> None:
        """Stand at a crossing: by plan until the other is over or waits itself, else until it is its turn."""
        racer = self._tickets.get(ticket)
        if racer is None or ticket.armed is None:
            return
        planned = ticket.armed is not _OUT_OF_TURN
        if planned and not self.free and not self.other(racer).over:
            racer.held, self.held_at = True, ticket
            self.give(self.other(racer))
        while self._must_wait(racer):
            waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            racer.parked.append(waiting)
            await waiting
        racer.held = False
        racer.touch()

    def give(self, racer: Racer) -> None:
        """Pass the token; who waited for it goes on."""
        self.token = racer
        racer.touch()
        _wake(racer)

    def release(self) -> None:
        """Nobody waits for a turn from here on."""
        self.free = True
        for racer in (self.first, self.second):
            _wake(racer)

    def _must_wait(self, racer: Racer) -> bool:
        return not self.free and self.token is not racer

    def _likely(self, able: list[Racer], before: Racer | None, place: Place) -> Racer:
        expecting = [racer for racer in able if racer.expects(place)]
        if len(expecting) == 1:
            return expecting[0]
        if before is not None and not before.over and (before in able or not able):
            return before
        return self.token


def _wake(racer: Racer) -> None:
    for waiting in racer.parked:
        if not waiting.done():
            waiting.set_result(None)
    racer.parked.clear()
