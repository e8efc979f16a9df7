"""The switchboard all seams share: numbers crossings, keeps the trace, says which fault is armed where.

Every seam reports a crossing here when it arrives and when it is over. Nothing here knows a
protocol or touches a socket. ``open``, ``fire`` and ``close`` belong to the event loop's thread;
the others may be called from any, for each takes or sets what it needs in one step.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from ripstop.model.fault import Fault
from ripstop.model.plan import Armed, Injection
from ripstop.model.trace import Crossing, CrossingId, Kind, Phase, Trace
from ripstop.seams.turns import Turns


@dataclass(slots=True, eq=False)
class Ticket:
    """A crossing under way. ``fault`` is the one armed for it, None where it is to pass untouched.

    An ``idle`` one is what its process does when nobody asks for anything: it is no part of a run.
    """

    crossing: Crossing
    armed: Armed | None
    opened_ns: int
    closed: bool = False
    idle: bool = False

    @property
    def fault(self) -> Fault | None:
        return self.armed.fault if self.armed else None


@dataclass(slots=True)
class Board:
    """One run's crossings. ``limit`` bounds the trace; crossings beyond it pass unrecorded.

    ``strike`` sends a signal to the process that holds a local port; who started it sets it.
    ``owner`` names the process beside the service's own, such as a worker, that holds a local port;
    ``idle`` is what these do when nobody asks for anything (owner, seam, operation): a worker that
    looks for jobs. It passes unnumbered and unrecorded, up to the first thing it does besides.
    ``turns`` is there while two requests race.
    """

    limit: int = 10_000
    phase: Phase = Phase.SETUP
    step: str = ""
    answered: bool = False
    truncated: bool = False
    strike: Callable[[int, int], object] = lambda _number, _port: None
    owner: Callable[[int], str] | None = None
    idle: frozenset[tuple[str, str, str]] = frozenset()
    turns: Turns | None = None
    watched: dict[tuple[str, str, str], list[float]] | None = None
    """While not None, when each thing was done, by owner, seam and operation; in ms of ``now_ms``."""
    _owners: dict[tuple[str, int], str] = field(default_factory=dict)
    _at_work: set[tuple[str, int]] = field(default_factory=set)
    """Sessions whose open transaction holds more than idle rounds do."""
    _started_ns: int = field(default_factory=time.monotonic_ns)
    _last_ns: int = field(default_factory=time.monotonic_ns)
    _counts: dict[tuple[str, str, str], int] = field(default_factory=dict)
    _crossings: list[Crossing] = field(default_factory=list)
    _over: deque[tuple[Ticket, int, str, str]] = field(default_factory=deque)
    """Tickets closed and not yet told as crossings: the wire waits for their closing, not for the telling."""
    _open: dict[int, Ticket] = field(default_factory=dict)
    _armed: tuple[Armed, ...] = ()
    _fired: dict[Injection, str] = field(default_factory=dict)
    _writes: dict[tuple[str, int], tuple[str, ...]] = field(default_factory=dict)

    def begin(self) -> None:
        """Start a new run: forget the last one's crossings; keep crossings still under way."""
        self.phase, self.step, self.answered, self.truncated = Phase.SETUP, "", False, False
        self._started_ns = time.monotonic_ns()
        self._counts.clear()
        self._crossings.clear()
        self._over.clear()
        self._fired.clear()
        self._armed = ()

    def enter(self, phase: Phase, step: str) -> None:
        """What follows belongs to this step; called just before the step's request is sent."""
        self.phase, self.step, self.answered = phase, step, False

    def arm(self, armed: Sequence[Armed]) -> None:
        self._armed = tuple(armed)

    def disarm(self) -> None:
        self._armed = ()

    @property
    def any_armed(self) -> bool:
        return bool(self._armed)

    def open(
        self,
        seam: str,
        protocol: str,
        operation: str,
        kind: Kind,
        *,
        tables: tuple[str, ...] = (),
        text: str = "",
        session: int = 0,
        port: int = 0,
        in_transaction: bool = False,
    ) -> Ticket:
        """Report a crossing that has arrived whole; the ticket names the fault armed for it, if any.

        ``port`` is the client's own.
        """
        if self.owner and self._is_idle(seam, operation, kind, session, port, within=in_transaction):
            passing = Crossing(CrossingId("", seam, operation), protocol, kind, Phase.SETUP)
            return Ticket(passing, None, time.monotonic_ns(), idle=True)
        owner = self._owners.get((seam, session), "")
        racer = self.turns.whose(seam, session, operation) if self.turns and not owner else None
        place = (racer.step if racer else self.step, seam, operation)
        self._counts[place] = nth = self._counts.get(place, 0) + 1
        identity = CrossingId(*place, nth)
        now = self._touch()
        crossing = Crossing(
            identity,
            protocol,
            kind,
            racer.phase if racer else self.phase,
            tables,
            text,
            session,
            in_transaction,
            open_writes=tuple(w for writes in self._writes.values() for w in writes),
            at_ms=(now - self._started_ns) / 1e6,
            after_answer=racer.answered if racer else self.answered,
            process=owner,
        )
        ticket = Ticket(crossing, self._match(identity), now)
        if racer and self.turns:
            ticket.armed = self.turns.arrived(racer, ticket)
        self._open[id(ticket)] = ticket
        return ticket

    def fire(self, ticket: Ticket, note: str = "") -> None:
        """The ticket's fault has really happened."""
        if ticket.armed:
            self._fired.setdefault(ticket.armed.injection, note)

    def fire_injection(self, injection: Injection, note: str = "") -> None:
        """A fault that acts at the step's start (a cut pool, a closed port) has really happened."""
        self._fired.setdefault(injection, note)

    def close(self, ticket: Ticket, outcome: str = "ok") -> None:
        """The crossing is over. A second close changes nothing."""
        if ticket.closed:
            return
        ticket.closed = True
        if ticket.idle:
            return
        self._open.pop(id(ticket), None)
        if self.turns:
            self.turns.closed(ticket)
        now = self._touch()
        fault = str(ticket.armed.fault.spec) if ticket.armed and ticket.armed.injection in self._fired else ""
        if len(self._crossings) + len(self._over) >= self.limit:
            self.truncated = True
        else:
            self._over.append((ticket, now, outcome, fault))

    async def yield_turn(self, ticket: Ticket) -> None:
        """Let the other of two racing requests go on, and wait for one's turn."""
        if self.turns:
            await self.turns.wait(ticket)

    def writes(self, seam: str, session: int, operations: tuple[str, ...]) -> None:
        """A session's uncommitted writes changed; empty when its transaction ended."""
        if operations:
            self._writes[seam, session] = operations
        else:
            self._writes.pop((seam, session), None)

    @property
    def trace(self) -> Trace:
        """Finished crossings in the order in which they arrived, then those still under way."""
        while self._over:
            ticket, now, outcome, fault = self._over.popleft()
            took_ms = (now - ticket.opened_ns) / 1e6
            self._crossings.append(
                replace(ticket.crossing, duration_ms=took_ms, outcome=outcome, fault=fault)
            )
        under_way = (replace(t.crossing, outcome="held") for t in tuple(self._open.values()))
        return tuple(sorted((*self._crossings, *under_way), key=_arrival))

    @property
    def fired(self) -> tuple[Injection, ...]:
        return tuple(self._fired)

    @property
    def under_way(self) -> tuple[str, ...]:
        return tuple(str(t.crossing.id) for t in tuple(self._open.values()))

    def reached(self, step: str) -> bool:
        """Whether the service has made a crossing in this step's request."""
        return any(c.id.step == step and c.phase is Phase.CALL for c in self.trace)

    @property
    def activity(self) -> int:
        """A number that changes whenever a crossing arrives or ends."""
        return self._last_ns

    def now_ms(self) -> float:
        """Milliseconds since the run's start, on the clock of the trace."""
        return (time.monotonic_ns() - self._started_ns) / 1e6

    def quiet_ms(self) -> float:
        """Milliseconds since any seam last saw a crossing arrive or end."""
        return (time.monotonic_ns() - self._last_ns) / 1e6

    def armed_for(self, step: str) -> tuple[Armed, ...]:
        """What is armed at the crossings of a step."""
        return tuple(a for a in self._armed if a.injection.concerns(step))

    def _is_idle(
        self, seam: str, operation: str, kind: Kind, session: int, port: int, *, within: bool
    ) -> bool:
        """Whether a process beside the service's own does what it does all the time. Within a transaction
        only as long as that held nothing else: the COMMIT of a job that was done is the job's."""
        line = (seam, session)
        who = self._owner_of(line, port)
        key = (who, seam, operation)
        if who and self.watched is not None:
            self.watched.setdefault(key, []).append(self.now_ms())
        if not within or kind is Kind.BEGIN:
            self._at_work.discard(line)
        idle = key in self.idle and not (within and line in self._at_work)
        if within and not idle:
            self._at_work.add(line)
        return idle

    def _owner_of(self, line: tuple[str, int], port: int) -> str:
        if line not in self._owners and self.owner and port:
            if len(self._owners) >= self.limit:
                self._owners.clear()
            self._owners[line] = self.owner(port)
        return self._owners.get(line, "")

    def _match(self, identity: CrossingId) -> Armed | None:
        if self.phase is Phase.SETUP:
            return None
        return next((a for a in self._armed if a.injection.matches(identity)), None)

    def _touch(self) -> int:
        self._last_ns = time.monotonic_ns()
        return self._last_ns


def _arrival(crossing: Crossing) -> float:
    return crossing.at_ms
