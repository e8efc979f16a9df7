"""One running set-up, the same for exploring and for plain pytest: what can be asked of it and done to it."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import httpx

from ripstop.config import Config
from ripstop.model.fault import Facts, Signal
from ripstop.model.http import Answer, Exchange
from ripstop.model.plan import Armed, Injection
from ripstop.model.state import Change, Effect, KeyChange, Observation
from ripstop.model.trace import CLIENT, CLOCK, Crossing, CrossingId, Kind, Phase, Trace
from ripstop.rig.afterwards import Shape, wait_for, wanted
from ripstop.rig.caller import Caller
from ripstop.rig.idling import Idling, watch
from ripstop.rig.moving import Moving, moves
from ripstop.rig.outages import Outages
from ripstop.rig.parts import Parts, assemble
from ripstop.rig.probing import Probe
from ripstop.rig.settling import Rest, settle
from ripstop.rig.stand import together
from ripstop.seams.board import Board
from ripstop.service.advice import lines_for, unseen
from ripstop.service.clock import Clock
from ripstop.service.fleet import Fleet
from ripstop.service.outbound import Refused
from ripstop.state.database import Database

_LATE_MARGIN_MS = 100.0
_LATE_FACTOR = 4.0
_CATCH_UP_S = 3.0
_ENDING_S = 0.3
"""How long a service that dropped a request is watched: a process's sockets close before it is gone."""
_PATIENCE_S = 1.0
"""How long the caller waits for a process that stands still."""


@dataclass(slots=True)
class Rig:
    """Service, seams, doubles and state of one project. Made by ``Rig.start``, ended by ``close``.

    ``late`` holds, for each step, the crossings that come after its answer and how many
    milliseconds after, ``afterwards`` what such a step leaves; learned from unfaulted runs.
    ``crosses`` is what each step crosses, seam and operation in order.
    ``notes`` are things a person should know.
    ``crossed`` are the seams that any run so far crossed. With ``disarmed`` tests arm no fault, to
    see that they fail then.
    """

    config: Config
    parts: Parts
    service: Fleet
    caller: Caller = field(init=False)
    outages: Outages = field(init=False)
    moving: Moving = field(init=False)
    late: dict[str, tuple[frozenset[CrossingId], float]] = field(default_factory=dict)
    afterwards: dict[str, Shape] = field(default_factory=dict)
    crosses: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    idling: Idling | None = None
    notes: list[str] = field(default_factory=list)
    restarts: int = 0
    fallbacks: int = 0
    crossed: set[str] = field(default_factory=set)
    disarmed: bool = False
    answered_ms: float = 0.0
    probe: Probe | None = None
    _in_vain: bool = False
    _rested: int | None = None
    _unhealed: bool = False
    """Whether a fault was armed since all were last taken away."""

    def __post_init__(self) -> None:
        hosts = {seam.name: seam.hosts for seam in self.config.seams.values()}
        self.outages = Outages(self.board, self.parts.seams, self.parts.outbound, hosts)
        zones = (seam.zone for seam in self.config.seams.values() if seam.zone)
        self.moving = Moving(self.clock, lambda: self.observe().changes, self._lives, next(zones, ""))
        self.caller = Caller(self.config.budget_s, self._before_step, self._after_step, board=self.board)

    @classmethod
    def start(cls, config: Config) -> Rig:
        """Start everything the configuration names. Raises StartError or UsageError."""
        launch = assemble(config)
        return cls(config, launch.parts, launch.ready())

    def close(self) -> None:
        """Stop everything. A second call changes nothing."""
        self._stop_probe()
        self.caller.close()
        self.parts.closing.close()

    @property
    def board(self) -> Board:
        return self.parts.board

    @property
    def databases(self) -> dict[str, Database]:
        return self.parts.databases

    @property
    def clock(self) -> Clock | None:
        """The time of the service and its servers, where it can be moved."""
        return self.parts.clock

    def begin(self) -> None:
        """Start a new run: a new trace, empty ledgers, no fault."""
        self.board.begin()
        self.caller.begin()
        self.caller.around = None
        self._stop_probe()
        self.probe, self._in_vain = None, False
        for stand in self.parts.stands.values():
            stand.begin()
        self.moving.begin()

    def watch_idle(self) -> None:
        """Learn once what the processes beside the service do when nobody asks for anything."""
        if self.idling is None and self.config.processes:
            self.idling = watch(self.board)

    def enter_call(self) -> None:
        """Set-up is over: what comes from here on is the test's own."""
        self.settle()
        for stand in self.parts.stands.values():
            stand.enter_call()
        self.caller.phase = Phase.CALL

    def arm(self, armed: Sequence[Armed]) -> None:
        """Put faults in place. They act from the next crossing or step on."""
        self._unhealed = self._unhealed or bool(armed)
        self.board.arm(armed)

    def fired(self) -> tuple[Injection, ...]:
        """The faults that have happened so far."""
        self.outages.confirm()
        return self.board.fired

    def heal(self) -> None:
        """Take every fault away; what was held is aborted, and cut sessions are gone from the server."""
        if self._unhealed:
            self.parts.wire.run(self._heal())
        self.service.resume()
        self.end_cut_sessions()

    def end_cut_sessions(self) -> tuple[str, ...]:
        """See that the servers are done with sessions that were cut; what would not end."""
        return tuple(text for stand in self.parts.stands.values() for text in stand.end_cut_sessions())

    def settle(
        self,
        *,
        faulted: bool = False,
        bound_ms: float = 2_000.0,
        quiet_ms: float = 1.0,
        late: bool = True,
    ) -> tuple[str, ...]:
        """Wait until the service rests; what still goes on after ``bound_ms``, empty if it rests.

        With ``late`` also for the crossings that undisturbed runs make after their answer.
        """
        expected, lag_ms = self._expected() if late else (frozenset(), 0.0)
        rest = Rest(quiet_ms, bound_ms, expected, lag_ms, faulted)
        return settle(self.parts.stands.values(), self.board, rest)

    def catch_up(self, *again: str) -> str:
        """After heal: wait until the work that answered steps leave for later is done; who died over it.

        ``again`` are steps whose request was sent again and answered. Three seconds at most, for who
        does such work may wait before it tries again; once that was in vain, what is late usually takes.
        """
        answered = [e.step for e in self.caller.exchanges if e.answer.succeeded]
        want = wanted(self.afterwards, (*answered, *again))
        most_s = self.patience_s(_CATCH_UP_S) if self._in_vain else _CATCH_UP_S
        done, how = wait_for(want, self.observe, self.revive, most_s)
        self._in_vain = not done
        return how

    def patience_s(self, most_s: float) -> float:
        """How long a test is to wait for what comes after an answer: ``most_s``, less where a fault has
        happened and undisturbed runs tell how long it takes, for then it comes in time or after heal."""
        lags = [lag_ms for _, lag_ms in self.late.values()]
        if not lags or not self.board.fired:
            return most_s
        return min(most_s, (max(lags) * _LATE_FACTOR + _LATE_MARGIN_MS) / 1_000)

    def redeliver(self) -> int:
        """Send the service again what it was sent and did not take; how much that was."""
        return sum(stand.redeliver() for stand in self.parts.stands.values())

    def observe(self) -> Observation:
        """What was committed and what happened since the call began, over all seams."""
        return together(stand.observe() for stand in self.parts.stands.values())

    def changes(self, seam: str) -> tuple[Change, ...]:
        """One database's committed row changes since the call began."""
        return self.parts.stands[seam].observe().changes

    def effects(self, seam: str) -> tuple[Effect, ...]:
        """One seam's effects since the call began."""
        return self.parts.stands[seam].observe().effects

    def keys(self, seam: str) -> tuple[KeyChange, ...]:
        """One redis seam's keys that changed since the call began."""
        return self.parts.stands[seam].observe().keys

    def trace(self) -> Trace:
        """The crossings of this run so far."""
        trace = self.board.trace
        self.crossed.update(crossing.id.seam for crossing in trace)
        return trace

    def insert(self, seam: str, table: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """Commit one row past the seams, to be taken back by the next reset; the row as it stands."""
        self.settle()
        self._rested = None
        return self.databases[seam].insert(table, **values)

    def mark(self) -> None:
        """What stands now stays: later resets come back to here."""
        if self._untouched():
            return
        for name, stand in self.parts.stands.items():
            if why := stand.mark(self._stand_down):
                self.notes.append(f"{name}: {why}")
                self.restart()
        self._rested = self.board.activity

    def reset(self) -> None:
        """Back to the mark. Restarts the service, last of all, where that needed its connections gone or
        it lived in another time."""
        anew = self._turn_back()
        if not self._untouched():
            for name, stand in self.parts.stands.items():
                if why := stand.reset(self._stand_down):
                    self.fallbacks += 1
                    self.notes.append(f"{name}: {why}")
                    anew = True
        self._rested = self.board.activity
        if anew:
            self.restart()

    def restart(self) -> None:
        """A fresh service process on the same seams. Raises StartError."""
        self._renew(self.service.restart)

    def revive(self) -> str:
        """Start processes that died again, and only these, as a supervisor would; how one died by itself.

        Empty where all live, or where only those are gone that a fault ended.
        """
        dropped, self.caller.dropped = self.caller.dropped, False
        self.service.settle(grace_s=_ENDING_S if dropped else 0.0)
        how = "; ".join(self.service.deaths())
        if self.service.struck or not self.service.alive:
            self._renew(self.service.revive)
        return how

    def move_clock(self, move: Callable[[Clock], None]) -> None:
        """Move the time that is shown, once the service rests; it stays in tests that are disarmed."""
        assert self.clock is not None, "asked where there is a clock"
        if not self.disarmed:
            self.settle()
            move(self.clock)

    def _turn_back(self) -> bool:
        """Real time again; whether it was another. Who lived in that is to keep nothing of it: what a
        process counts from a time that is still to come (a limiter, a cache) would be wrong for as long."""
        if self.clock is None or not self.clock.moved:
            return False
        self.clock.reset()
        return True

    def _renew(self, processes: Callable[[], object]) -> None:
        self.caller.close()
        self.parts.wire.run(self._heal())
        processes()
        self.end_cut_sessions()
        self.restarts += 1

    def repeat(self, exchange: Exchange) -> Exchange:
        """Send a recorded request again."""
        return self.caller.repeat(exchange, self.service.url, phase=Phase.RETRY)

    def problems(self) -> tuple[str, ...]:
        """What went wrong inside the seams themselves, such as a double that raised; each once."""
        return tuple(dict.fromkeys(text for s in self.parts.stands.values() for text in s.problems()))

    def complaints(self) -> tuple[str, ...]:
        """What keeps an unfaulted run from being green that the service cannot know: problems, refusals."""
        refused = (text for stand in self.parts.stands.values() for text in stand.refused())
        return (*dict.fromkeys(refused), *self.advice())

    def advice(self) -> tuple[str, ...]:
        """What a person should know of the whole run: notes, defects of ours, calls that went elsewhere."""
        outbound, notes = self.parts.outbound, tuple(dict.fromkeys(self.notes))
        if outbound is None:
            return (*notes, *self.problems())
        pids = [one.pid for one in self.service.processes.values() if one.pid]
        silent = [seam for seam in self.config.seams.values() if seam.hosts and seam.name not in self.crossed]
        escaped = (line for seam in silent for line in unseen(outbound, seam.name, seam.hosts, pids))
        kept_out = (
            f"{name} was kept out of the service: it would go past ripstop" for name in outbound.kept_out()
        )
        refused = (_kept_from(one, self.config.seams) for one in outbound.refused())
        return (*notes, *self.problems(), *escaped, *kept_out, *refused)

    def client(self) -> httpx.Client:
        return self.caller.client(self.service.url)

    def serves(self) -> Answer:
        """Ask the ready path, outside any step."""
        timeout_s = min(2.0, self.config.budget_s)
        try:
            with httpx.Client(trust_env=False, timeout=timeout_s) as client:
                began = time.perf_counter()
                response = client.get(self.service.url + self.config.service.ready)
                took_ms = (time.perf_counter() - began) * 1_000
        except httpx.TransportError as error:
            return Answer(None, failure="timeout" if isinstance(error, httpx.TimeoutException) else "dropped")
        return Answer(response.status_code, body=response.content, duration_ms=took_ms)

    def facts(self, seam: str, operation: str) -> Facts:
        """What a seam knows of an operation that makes a fault real."""
        stand = self.parts.stands.get(seam)
        known = stand.facts(operation) if stand else self._inbound()
        if self.protocol(seam) == CLOCK:
            known = self.moving.facts(operation)
        return replace(known, budget_ms=int(self.config.budget_s * 1_000))

    def _inbound(self) -> Facts:
        """What is known of the caller's own side: what the schemas demand of what a request ends in."""
        return Facts(rules=tuple(rule for one in self.databases.values() for rule in one.columns()))

    def protocol(self, seam: str) -> str:
        """The protocol spoken at a seam; the caller's own side is no configured seam."""
        return self.parts.stands[seam].seam.protocol if seam in self.parts.stands else CLIENT

    def _before_step(self, phase: Phase, step: str) -> None:
        self.board.enter(phase, step)
        armed = self.board.armed_for(step) if phase is Phase.CALL else ()
        pauses = any(_pauses(a, self.protocol(a.injection.crossing.seam)) for a in armed)
        self._move_clock(armed)
        self.caller.patience_s = min(_PATIENCE_S, self.config.budget_s) if pauses else None
        if any(a.fault.at_step() for a in armed):
            self.parts.wire.run(self.outages.begin(armed))
        if any(a.fault.waits for a in armed):
            self.probe = Probe(self._met, self.serves)
            self.probe.start()

    def _lives(self) -> dict[str, dict[str, int]]:
        return {name: one.lives() for name, one in self.parts.keyspaces.items()}

    def _move_clock(self, armed: Sequence[Armed]) -> None:
        if self.clock is None:
            return
        if moves(armed):
            self.settle()
        for injection in self.moving.before_step(armed):
            self.board.fire_injection(injection)
        self.moving.sent()

    def _after_step(self, _step: str) -> None:
        self.board.answered = True
        self.moving.answered(self.caller.exchanges)
        self.answered_ms = self.board.now_ms()
        self._stop_probe()

    def _met(self) -> bool:
        self.outages.confirm()
        return bool(self.board.fired)

    def _untouched(self) -> bool:
        """Whether nothing crossed a seam since the last mark or reset: then nothing was committed."""
        return self._rested == self.board.activity and not self.board.under_way

    def _stand_down(self) -> None:
        self.caller.close()
        self.service.stop()

    def _stop_probe(self) -> None:
        if self.probe:
            self.probe.stop()

    async def _heal(self) -> None:
        self.board.disarm()
        await self.outages.end()
        self._unhealed = False

    def _expected(self) -> tuple[frozenset[CrossingId], float]:
        last = self.caller.exchanges[-1] if self.caller.exchanges else None
        if last is None or not last.answer.succeeded or last.step not in self.late:
            return frozenset(), 0.0
        crossings, lag_ms = self.late[last.step]
        return crossings, lag_ms * _LATE_FACTOR + _LATE_MARGIN_MS


def _kept_from(refused: Refused, seams: Collection[str]) -> str:
    """A refused host, and the lines of configuration that would give it a double."""
    lines = "\n".join(f"    {line}" for line in lines_for(refused, taken=seams))
    return f"the service was kept from {refused}; to put a double there, configure\n{lines}"


def _pauses(armed: Armed, protocol: str) -> bool:
    """Whether a fault stops the service's process until it is healed."""
    crossing = Crossing(armed.injection.crossing, protocol, Kind.CALL)
    return armed.injection.crossing.seam != CLIENT and Signal(signal.SIGSTOP) in armed.fault.on_request(
        crossing
    )
