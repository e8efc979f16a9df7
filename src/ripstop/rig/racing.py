"""Two requests sent as one race: who is sent when, and when the turn passes from one to the other.

The seams stop whoever has not the turn (``seams.turns``); here is seen whether the one who has it is over
or waits itself, and the turn is passed on. Every wait is bounded, and after a race nobody is held.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from ripstop.model.trace import RIVAL, Phase, Trace
from ripstop.rig.rig import Rig
from ripstop.rig.stands.postgres import PostgresStand
from ripstop.seams.board import Ticket
from ripstop.seams.turns import Place, Racer, Turns

T = TypeVar("T")
_POLL_S = 0.002
_ASK_AFTER_MS = 4.0
"""So long a statement is under way before the server is asked whether it waits for a lock."""
_RESTS_MS = 4.0
_SILENT_MS = 500.0
_SILENT_TIMES = 4.0
_POLLS = 3
_POLLING_MS = 30.0
_MOST_S = 10.0
_MOST_PASSES = 12
"""How often the turn changes hands before a race is let run free: both wait for something unseen."""
LOCK = "waits for a lock that the first holds"
POLLING = "asks again and again for what the first holds"
SILENCE = "shows nothing for a while, as one who waits inside the service does"


def places(trace: Trace, step: str) -> tuple[Place, ...]:
    """What a step's request crosses, in order, connecting left out."""
    mine = (c for c in trace if c.id.step == step and c.phase is Phase.CALL and c.kind != "connect")
    return tuple((c.id.seam, c.id.operation) for c in mine if not c.process)


@dataclass(slots=True)
class Racing:
    """One race. ``start`` it, run ``first`` and ``second`` in threads of their own, then ``finish``.

    First is the step's own request, the rival's where ``swapped``. ``usual_ms`` is how long the first
    takes undisturbed, ``late_ms`` how long after its answer it is still at work. ``waited`` says for what
    the second had to wait while the first was held, ``began`` whether it was at work then.
    """

    rig: Rig
    step: str
    rival_step: str = ""
    expected: tuple[Place, ...] = ()
    rival_expected: tuple[Place, ...] = ()
    usual_ms: float = 0.0
    late_ms: float = 0.0
    swapped: bool = False
    waited: str = ""
    began: bool = False
    turns: Turns = field(init=False)
    _passes: int = 0
    _may_begin: threading.Event = field(default_factory=threading.Event)
    _ended: threading.Event = field(default_factory=threading.Event)
    _watch: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        first = Racer(self.step, Phase.CALL, self.expected)
        second = Racer(self.rival_step or RIVAL + self.step, Phase.RIVAL, self.rival_expected)
        first, second = (second, first) if self.swapped else (first, second)
        self.turns = Turns(first, second, self._fired)
        self._watch = threading.Thread(target=self._look, name="ripstop-race", daemon=True)

    def start(self) -> None:
        """Tell crossings apart from here on, and watch whose turn it is."""
        self.rig.board.turns = self.turns
        self._watch.start()

    def first(self, send: Callable[[], T]) -> T:
        return self._run(self.turns.first, send)

    def second(self, send: Callable[[], T]) -> T:
        return self._run(self.turns.second, send)

    def wait_for_turn(self, most_s: float = _MOST_S) -> bool:
        """Until the second may begin; whether the first is held, and not over."""
        self._may_begin.wait(most_s)
        return self.turns.held_at is not None

    def finish(self, most_s: float = _MOST_S) -> None:
        """Wait until both are over, then let nobody be held any more."""
        deadline = time.monotonic() + most_s
        while not self._both_over and self._watch.is_alive() and time.monotonic() < deadline:
            time.sleep(_POLL_S)
        self._ended.set()
        self._watch.join(_MOST_S)
        self.rig.parts.wire.call(self.turns.release)
        self.rig.board.turns = None

    @property
    def _both_over(self) -> bool:
        """A second that was never sent has nothing to end."""
        second = self.turns.second
        return self.turns.first.over and (second.over or not second.sent)

    def _run(self, racer: Racer, send: Callable[[], T]) -> T:
        racer.touch()
        racer.sent = True
        try:
            return send()
        finally:
            self._call(lambda: self._answered(racer))

    def _answered(self, racer: Racer) -> None:
        racer.answered = True
        racer.touch()
        self.turns.seen_at_work(racer)

    def _fired(self, ticket: Ticket) -> None:
        self.began = True
        self.rig.board.fire(ticket)

    def _call(self, work: Callable[[], object]) -> None:
        self.rig.parts.wire.call(work)

    def _look(self) -> None:
        """Pass the turn until both are over, at most for as long as a race may take."""
        deadline = time.monotonic() + _MOST_S
        asked_s = 0.0
        while not self._ended.is_set() and not self._both_over:
            turns = self.turns
            holder = turns.token
            if turns.held_at or turns.first.over:
                self._may_begin.set()
            self._end(turns.first)
            self._end(turns.second)
            if holder.over:
                self._give(turns.other(holder))
            elif holder.sent and not turns.free and not turns.other(holder).over:
                if time.monotonic() >= asked_s and (why := self._stuck(holder)):
                    self._pass(holder, why)
                    asked_s = time.monotonic() + _POLL_S * 4
            elif holder is turns.second and not holder.sent and holder.quiet_ms > self._silent_ms * 4:
                self._give(turns.first)
            if time.monotonic() >= deadline:
                self._call(turns.release)
                break
            time.sleep(_POLL_S)
        self._may_begin.set()

    @property
    def _silent_ms(self) -> float:
        return max(_SILENT_MS, self.usual_ms * _SILENT_TIMES)

    def _end(self, racer: Racer) -> None:
        """See whether a racer is over: answered, nothing under way, and at rest for a moment."""
        if racer.over or not racer.answered or racer.under_way:
            return
        if racer.quiet_ms >= max(_RESTS_MS, self.late_ms):
            racer.over = True

    def _stuck(self, racer: Racer) -> str:
        """For what a racer waits; empty where it is at work."""
        if self._locked(racer):
            return LOCK
        if self._polls(racer):
            return POLLING
        return SILENCE if racer.quiet_ms > self._silent_ms else ""

    def _locked(self, racer: Racer) -> bool:
        if racer.quiet_ms < _ASK_AFTER_MS:
            return False
        tickets = tuple(racer.under_way)
        stands = self.rig.parts.stands
        asked = ((stands.get(t.crossing.id.seam), t.crossing.session) for t in tickets)
        return any(isinstance(stand, PostgresStand) and stand.waits(session) for stand, session in asked)

    def _polls(self, racer: Racer) -> bool:
        latest = tuple(racer.latest)
        same = len(latest) == _POLLS and len({text for text, _ in latest}) == 1
        return same and latest[-1][1] - latest[0][1] >= _POLLING_MS

    def _pass(self, racer: Racer, why: str) -> None:
        """The turn goes to the other, for this one waits."""
        turns = self.turns
        if racer is turns.second and turns.first.held:
            self.waited = self.waited or why
        self._passes += 1
        if self._passes > _MOST_PASSES:
            self._call(turns.release)
        else:
            self._give(turns.other(racer))

    def _give(self, racer: Racer) -> None:
        if self.turns.token is not racer:
            self._call(lambda: self.turns.give(racer))
