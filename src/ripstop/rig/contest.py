"""A race as an experiment runs it: one step of a workflow, and its rival beside it, after it or before it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from ripstop.model.experiment import Race
from ripstop.model.http import Exchange, Request
from ripstop.model.plan import Plan
from ripstop.model.trace import RIVAL, Phase
from ripstop.rig.caller import Got
from ripstop.rig.racing import Racing
from ripstop.rig.rig import Rig

HELD_MOST_S = 2.0
"""By so much longer an answer is waited for: this long a request may be held by us."""
_RESTS_MS = 4.0
_LATE_FACTOR = 2.0
_LATE_MARGIN_MS = 20.0
NOT_REACHED = "the first request never came to this crossing"
NOT_BEGUN = (
    "the second request was not at work while the first was held: the service serves one at a time, "
    "or has a lock or a pool of its own that kept it out"
)
NO_RIVAL = "there is no request to race it with"


@dataclass(frozen=True, slots=True)
class Rival:
    """Who races a step. ``step`` is what its request is called, ``request`` makes it from the first's
    and from what the workflow has sent so far; ``missing`` says why there is none."""

    by: str
    step: str
    request: Callable[[Request, Sequence[Exchange]], Request | None]
    missing: str = NO_RIVAL


@dataclass(slots=True)
class Contest:
    """Sends the rival's request when the plan says so; ``race`` is what it came to, once it was sent."""

    rig: Rig
    plan: Plan
    rival: Rival
    race: Race | None = field(default=None)

    @property
    def _order(self) -> str:
        return str(dict(self.plan.injections[0].fault.params).get("order", ""))

    @property
    def _swapped(self) -> bool:
        """Whether it is the rival that is held first."""
        return self.plan.injections[0].crossing.step.startswith(RIVAL)

    @property
    def _step(self) -> str:
        where = self.plan.injections[0]
        return str(dict(where.fault.params).get("beside", where.crossing.step))

    def around(self, step: str, recorded: Request, send: Callable[[Request | None], Got]) -> Got:
        """The step's own answer, the rival's in a run that has only the rival."""
        if step != self._step or self.race is not None:
            return send(None)
        other = self.rival.request(recorded, tuple(self.rig.caller.exchanges))
        if other is None:
            self.race = Race(self.rival.by, self._order, note=self.rival.missing)
            return send(None)
        caller = self.rig.caller
        caller.patience_s = caller.budget_s + HELD_MOST_S + caller.usual_s.get(step, 0.0)
        try:
            got = self._sent(step, other, send)
        finally:
            caller.patience_s = None
        self._rest(step)
        assert self.race is not None
        alone = self._order == "instead"
        first = None if alone else Exchange(step, recorded, got[1], Phase.CALL.value)
        self.race = replace(self.race, first=first, observed=self.rig.observe())
        return got

    def _sent(self, step: str, other: Request, send: Callable[[Request | None], Got]) -> Got:
        match self._order:
            case "":
                return self._raced(step, other, send)
            case "after":
                got = send(None)
                self._rest(step)
                self._alone(other, send)
                return got
            case "before":
                self._alone(other, send)
                self.rig.board.enter(Phase.CALL, step)
                return send(None)
        return self._alone(other, send)

    def _alone(self, other: Request, send: Callable[[Request | None], Got]) -> Got:
        """The rival with nobody beside it."""
        self.rig.board.enter(Phase.RIVAL, RIVAL + self.rival.step)
        got = send(other)
        self.race = Race(self.rival.by, self._order, rival=self._exchange(other, got))
        self._rest(self.rival.step)
        return got

    def _raced(self, step: str, other: Request, send: Callable[[Request | None], Got]) -> Got:
        rig, rival = self.rig, self.rival
        racing = Racing(
            rig,
            step,
            RIVAL + rival.step,
            expected=rig.crosses.get(step, ()),
            rival_expected=rig.crosses.get(rival.step, ()),
            usual_ms=1_000 * rig.caller.usual_s.get(step, 0.0),
            late_ms=max(self._late_ms(step), self._late_ms(rival.step)),
            swapped=self._swapped,
        )
        answers: list[Got] = []

        def run_rival() -> None:
            if self._swapped:
                answers.append(racing.first(lambda: send(other)))
            elif racing.wait_for_turn():
                answers.append(racing.second(lambda: send(other)))

        thread = threading.Thread(target=run_rival, name="ripstop-rival", daemon=True)
        racing.start()
        thread.start()
        try:
            if self._swapped:
                racing.wait_for_turn()
                got = racing.second(lambda: send(None))
            else:
                got = racing.first(lambda: send(None))
            thread.join(rig.caller.patience_s)
        finally:
            racing.finish()
        thread.join(rig.caller.patience_s)
        note = NOT_REACHED if racing.turns.held_at is None else "" if racing.began else NOT_BEGUN
        exchange = self._exchange(other, answers[0]) if answers else None
        self.race = Race(rival.by, "", rival=exchange, began=racing.began, waited=racing.waited, note=note)
        return got

    def _exchange(self, other: Request, got: Got) -> Exchange:
        return Exchange(RIVAL + self.rival.step, other, got[1], Phase.RIVAL.value)

    def _rest(self, step: str) -> None:
        self.rig.settle(late=False, quiet_ms=max(_RESTS_MS, self._late_ms(step)))

    def _late_ms(self, step: str) -> float:
        """How long after its answer a step is still at work, as undisturbed runs tell."""
        _, lag_ms = self.rig.late.get(step, (frozenset(), 0.0))
        return lag_ms * _LATE_FACTOR + _LATE_MARGIN_MS if lag_ms else 0.0
