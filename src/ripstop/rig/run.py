"""One run of a workflow on a rig, from the call to the record, in the order the design demands.

Call; settle and read with the fault still on; heal; retry; settle and read again; look whether
the service lives. All of it before the test's own tear-down, so that a retry meets the
workflow's data.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from ripstop.model.experiment import CallOutcome, Experiment, SourceLine
from ripstop.model.http import Exchange, Request
from ripstop.model.plan import Armed, Plan
from ripstop.model.state import Observation
from ripstop.model.trace import Crossing, Phase
from ripstop.rig import inbound
from ripstop.rig.afterwards import shape
from ripstop.rig.contest import Contest, Rival
from ripstop.rig.inbound import NOBODY, Identity
from ripstop.rig.moving import moves, with_control
from ripstop.rig.racing import places
from ripstop.rig.retrying import carries_key
from ripstop.rig.rig import Rig
from ripstop.rig.stand import together
from ripstop.service.stacks import traceback_source

T = TypeVar("T")
_LEARN_QUIET_MS = 250.0
_LEARN_BOUND_MS = 8_000.0
_ROUNDS = 2.0
"""How many of a worker's idle rounds are waited for: it may have looked just before there was a job."""
_AFTER_HANG_QUIET_MS = 40.0
_DEPARTED_QUIET_MS = 100.0
"""Nobody tells when the work for a caller who hung up is over: only a longer silence does."""
_RETRIES = 2
_BREAKER_S = 3.0
_BREAKER_PAUSE_S = 0.2
_TOO_MANY = 429
_UNAVAILABLE = 503
_RETRY_AFTER_MOST_S = 5
_LOG_LINES = 200


@dataclass(slots=True)
class Run:
    """A run under way. Make it before the test's set-up, ``enter_call`` before its call,
    ``finish`` after it and before its tear-down."""

    rig: Rig
    plan: Plan = field(default_factory=Plan)
    armed: Sequence[Armed] = ()
    idempotency_key: str | None = None
    learn: bool = False
    repeat: bool = True
    who: Identity = NOBODY
    rival: Rival | None = None
    _contest: Contest | None = None
    _mark: int = 0
    _restarts: int = 0
    _started: float = 0.0
    _by_step: dict[str, Observation] = field(default_factory=dict)

    def begin(self) -> None:
        """Before set-up: a new trace, and the place in the log where this run starts."""
        if self.learn:
            self.rig.watch_idle()
        self.rig.begin()
        self.rig.moving.ahead = tuple(self.armed)
        self._restarts = self.rig.restarts
        self._mark = self.rig.service.mark

    def enter_call(self) -> None:
        """After set-up: what comes from here on is the workflow's own."""
        self.rig.enter_call()
        self._contest = Contest(self.rig, self.plan, self.rival) if self.rival else None
        self.rig.caller.around = self._contest.around if self._contest else None
        self.rig.arm(self.armed)
        self.rig.caller.who = self.who
        self.rig.caller.between = self._close_step if self.learn else None
        self._started = time.perf_counter()

    def finish(self, call: CallOutcome) -> Experiment:
        """After the call: observe, heal, retry, observe; the record."""
        duration_ms = (time.perf_counter() - self._started) * 1_000
        rig = self.rig
        rig.caller.between = rig.caller.around = None
        if self.learn:
            self._close_step()
        hung = any(e.answer.failure == "timeout" for e in rig.caller.exchanges)
        source = self._stuck_at() if hung else None
        departed = any(e.answer.failure == "departed" for e in rig.caller.exchanges)
        rig.settle(faulted=not departed, quiet_ms=_DEPARTED_QUIET_MS if departed else 1.0)
        self._fire_client_faults()
        if not self.plan.injections and rig.redeliver():
            rig.settle()
        after_call = rig.observe()
        fired = rig.fired()
        died = rig.revive()
        exchanges = tuple(e for e in rig.caller.exchanges if e.phase == Phase.CALL.value)
        record = Experiment(
            self.plan,
            exchanges,
            call,
            fired=fired,
            broken_step=fired[0].crossing.step if fired else None,
            by_step=self._by_step,
            after_call=after_call,
            probe=rig.probe.answer if rig.probe else None,
            probe_kept=bool(rig.probe and rig.probe.kept),
            died=died,
            source=source or self._raised_at(),
            duration_ms=duration_ms,
            race=self._contest.race if self._contest else None,
        )
        if moves(self.armed):
            record = with_control(rig.moving, self.armed, record, rig.repeat)
        return self._after_heal(record, hung=hung) if self.plan.injections else self._closed(record)

    def _after_heal(self, record: Experiment, *, hung: bool) -> Experiment:
        rig = self.rig
        during = self._while_out(record.broken) if record.broken else None
        rig.heal()
        rig.board.phase = Phase.RECOVERY
        sent_again = rig.redeliver()
        quiet_ms = _AFTER_HANG_QUIET_MS if hung else 1.0
        left = rig.settle(quiet_ms=quiet_ms, late=not rig.afterwards)
        deaths = [record.died, rig.catch_up()]
        redelivered = rig.observe() if sent_again else None
        retry = None
        again = self._again(record.broken) if record.broken and not left else None
        if record.broken and again:
            retry = self._retry(replace(record.broken, request=again))
            left = rig.settle(late=not rig.afterwards)
            deaths.append(rig.catch_up(*([retry.step] if retry.answer.succeeded else [])))
        deaths.append(rig.revive())
        leaked = tuple(text for text in left if "transaction" in text)
        closed = self._closed(record, left=tuple(text for text in left if text not in leaked))
        after_retry = None if self._contest else rig.observe()
        return replace(
            closed,
            during=during,
            retry=retry,
            after_retry=after_retry,
            open_transactions=leaked,
            died="; ".join(dict.fromkeys(how for how in deaths if how)),
            restarts=rig.restarts - self._restarts,
            redelivered=redelivered,
        )

    def _while_out(self, broken: Exchange) -> Exchange | None:
        """What a caller who tries again at once is told, where only a cut connection met the outage."""
        if broken.answer.succeeded or not self.rig.outages.met_by_a_pool(broken.step):
            return None
        again = self.rig.repeat(broken)
        self.rig.settle(faulted=True)
        return again

    def _retry(self, exchange: Exchange) -> Exchange:
        """Send it again as a client would, once more where the first repeat fails; a server that says
        when (Retry-After, RFC 9110, 10.2.3) is waited for, at most five seconds. One that does not even
        ask the seam that was broken, as with an open circuit breaker, has three to ask it again."""
        deadline = time.monotonic() + _BREAKER_S
        left = _RETRIES
        while True:
            asked = self._asked()
            answered = self.rig.repeat(exchange)
            status, wait_s = answered.answer.status, answered.answer.header("retry-after") or ""
            if status is not None and status < 500 and status != _TOO_MANY:
                return answered
            spared = status == _UNAVAILABLE and self._asked() == asked and time.monotonic() < deadline
            left -= not spared
            if left <= 0:
                return answered
            if wait_s.isdigit():
                time.sleep(min(int(wait_s), _RETRY_AFTER_MOST_S))
            elif spared:
                time.sleep(_BREAKER_PAUSE_S)

    def _asked(self) -> int:
        """How often the seams that this run breaks were crossed so far."""
        seams = {injection.crossing.seam for injection in self.plan.injections}
        return sum(crossing.id.seam in seams for crossing in self.rig.board.trace)

    def _again(self, exchange: Exchange) -> Request | None:
        """The request to send once all is healed: after failure the same, after success where it is fair.

        A fault of the caller's own side may have another one sent. Where a broken request was
        accepted the good one is not sent: it would be a second order.
        """
        if self._contest or moves(self.armed):
            return None
        request, answered = exchange.request, exchange.answer.succeeded
        for armed in inbound.at_client(self.armed, exchange.step):
            if inbound.alters(armed, request, self.who):
                return None if answered else request
            following = inbound.next_request(inbound.on_reply(armed, request, self.who), request)
            if following and answered:
                return following
        fair = not answered or (self.repeat and carries_key(request, self.idempotency_key))
        return request if fair else None

    def _fire_client_faults(self) -> None:
        """A request that was answered can be sent again: that is when repeating it has happened."""
        for exchange in self.rig.caller.exchanges:
            if exchange.answer.status is None or exchange.phase != Phase.CALL.value:
                continue
            for armed in inbound.at_client(self.armed, exchange.step):
                commands = inbound.on_reply(armed, exchange.request, self.who)
                if inbound.next_request(commands, exchange.request):
                    self.rig.board.fire_injection(armed.injection)

    def _closed(self, record: Experiment, *, left: tuple[str, ...] = ()) -> Experiment:
        stuck = self.rig.end_cut_sessions()
        dirty = [*left, *stuck]
        trace = self.rig.trace()
        log = self.rig.service.lines_since(self._mark)[-_LOG_LINES:]
        # Only a run that should have been green and was not has anything to complain of.
        told = () if self.plan.injections or record.call.passed else self.rig.complaints()
        return replace(record, trace=trace, dirty="; ".join(dirty), log=(*log, *told))

    def _stuck_at(self) -> SourceLine | None:
        """Where the service stands while a request of ours waits in it."""
        return next(iter(self.rig.service.stacks()), None)

    def _raised_at(self) -> SourceLine | None:
        """The service's own line that its last traceback names."""
        root = self.rig.config.root
        return traceback_source(
            self.rig.service.lines_since(self._mark), root, root / self.rig.config.service.cwd
        )

    def _close_step(self) -> None:
        """Learning: wait long for what comes after the answer, then book what this step alone did."""
        exchanges = [e for e in self.rig.caller.exchanges if e.phase == Phase.CALL.value]
        if not exchanges:
            return
        step, answered_ms = exchanges[-1].step, self.rig.answered_ms
        self.rig.caller.learn(exchanges[-1])
        idling = self.rig.idling
        rounds_ms = _ROUNDS * idling.every_ms if idling else 0.0
        self.rig.settle(quiet_ms=max(_LEARN_QUIET_MS, rounds_ms), bound_ms=_LEARN_BOUND_MS)
        self.rig.moving.learn()
        trace = self.rig.trace()
        self.rig.crosses[step] = places(trace, step)
        self._learn_late(step, [c for c in trace if c.id.step == step and c.after_answer], answered_ms)
        seen = self.rig.observe()
        alone = self._by_step[step] = _beyond(seen, together(self._by_step.values()))
        if step in self.rig.late:
            self.rig.afterwards[step] = shape(alone)

    def _learn_late(self, step: str, late: list[Crossing], answered_ms: float) -> None:
        if late:
            lag_ms = max(c.at_ms + c.duration_ms for c in late) - answered_ms
            self.rig.late[step] = (frozenset(c.id for c in late), max(lag_ms, 0.0))


def _beyond(seen: Observation, before: Observation) -> Observation:
    """What is seen now and was not before; of things seen twice the second stays."""
    return Observation(
        _without(seen.changes, before.changes),
        _without(seen.effects, before.effects),
        _without(seen.keys, before.keys),
    )


def _without(seen: Sequence[T], before: Sequence[T]) -> tuple[T, ...]:
    left = list(before)
    found = []
    for one in seen:
        if one in left:
            left.remove(one)
        else:
            found.append(one)
    return tuple(found)
