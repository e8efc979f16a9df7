"""One experiment from plan to confirmed verdicts: run, look after the service, judge, run again if torn."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from ripstop.errors import ExperimentError
from ripstop.explore.baseline import strayed
from ripstop.explore.findings import Findings, overall, torn
from ripstop.explore.races import Orders
from ripstop.model.experiment import Baseline, Experiment
from ripstop.model.plan import Plan
from ripstop.model.runner import WorkflowRunner
from ripstop.model.verdict import Status, Verdict
from ripstop.oracles import no_recovery, registry

_PAUSE_S = 0.3
_KNOWN_DEAD_S = 0.5
"""How long a service is given that says what it said when it stayed dead before."""
_FAILED = "a run without faults failed: {}"
_WEARS = 15
"""How often a failure is repeated to see whether what it leaves adds up: pools are seldom larger."""
_WEARS_S = 20.0
"""After how long no more of them are tried: who bears many slow failures is not worth the wait."""
ADDS_UP = "failures"
"""The evidence that says how many failures it took, where one alone is borne."""
_REQUESTS = 6
"""More runs without a fault than one with a fault makes requests."""
Judge = Callable[[Experiment, Baseline], tuple[Verdict, ...]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one plan. ``runs`` holds the experiment and, where it tore, its repetition.

    ``torn`` are the verdicts that repeated, ``unstable`` those that did not.
    """

    runs: tuple[Experiment, ...]
    status: Status
    verdicts: tuple[Verdict, ...]
    torn: tuple[Verdict, ...] = ()
    unstable: tuple[Verdict, ...] = ()

    @property
    def experiment(self) -> Experiment:
        return self.runs[0]

    @property
    def fired(self) -> bool:
        return not self.experiment.plan.injections or bool(self.experiment.fired)


@dataclass(frozen=True, slots=True)
class _Death:
    """The ``nth`` failure in a row, after which the service did not get up; ``torn`` says so."""

    nth: int
    run: Experiment
    verdicts: tuple[Verdict, ...]
    torn: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """Runs plans of one workflow against its baseline."""

    runner: WorkflowRunner
    baseline: Baseline
    judge: Judge = registry.judge
    unsafe: set[str] = field(default_factory=set)
    """Steps where sending an answered request again doubles things with no other fault: proven once."""
    recovery_s: float = 3.0
    orders: Orders = field(init=False)
    restarts: Counter[str] = field(default_factory=Counter)
    """How often the service was started again: ``died`` in a run, ``anew`` between two."""
    adds_up: bool = False
    """Whether one failure that was borne is repeated: it is known to have added up."""
    _lasting: set[str] = field(default_factory=set)
    """What a run without faults failed with when it was not better after all of ``recovery_s``."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "orders", Orders(self.runner, self.baseline))

    def of(self, plan: Plan, findings: Findings) -> Outcome:
        """Run a plan; a torn verdict whose cause is new is believed only when it repeats."""
        first, verdicts = self._judged(plan)
        mine = torn(verdicts)
        if not mine and self.adds_up:
            return self._worn_down(plan, first, verdicts)
        if not mine or all(findings.known(plan, verdict) for verdict in mine):
            return Outcome((first,), overall(verdicts), verdicts, torn=mine)
        if why := self._remembers(first):
            dead = first.recovery is False
            first, verdicts = self._judged(plan) if dead else self._judged_anew(plan, why)
            mine = torn(verdicts)
            if not mine:
                return self._worn_down(plan, first, verdicts) if dead else _held(first, verdicts)
        second, again = self._judged(plan)
        if _codes(torn(again)) != _codes(mine) and (why := self._remembers(second)):
            second, again = self._judged_anew(plan, why)
        codes = _codes(torn(again))
        repeated = tuple(v for v in mine if v.rule.code in codes)
        unstable = tuple(v for v in mine if v.rule.code not in codes)
        before = _codes(mine)
        unstable += tuple(v for v in torn(again) if v.rule.code not in before)
        kept = repeated + tuple(v for v in verdicts if v not in mine)
        status = Status.UNKNOWN if unstable and not repeated else overall(kept)
        return Outcome((first, second), status, verdicts, torn=repeated, unstable=unstable)

    def _worn_down(self, plan: Plan, first: Experiment, verdicts: tuple[Verdict, ...]) -> Outcome:
        """Whether a service that was found dead, and bears the failure once, dies of many: each may cost
        it something that it does not get back, such as a connection of its pool.

        Believed when a fresh one dies of as many again, and does not of as many requests without a fault.
        """
        dead = self._dies_of(plan, range(2, _WEARS + 1))
        if dead and not self._tires(_REQUESTS * dead.nth) and self._dies_of(plan, range(1, dead.nth + 1)):
            return Outcome((dead.run, first), Status.TORN, dead.verdicts, torn=dead.torn)
        return _held(first, verdicts)

    def _dies_of(self, plan: Plan, times: range) -> _Death | None:
        """The failure, of these one after another, that brings the service down; none is begun late."""
        deadline = time.monotonic() + _WEARS_S
        for nth in times:
            run, verdicts = self._judged(plan)
            dead = tuple(_after_many(v, nth) for v in torn(verdicts) if v.rule == no_recovery.RULE)
            if run.recovery is False and dead:
                return _Death(nth, run, verdicts, dead)
            if time.monotonic() > deadline:
                return None
        return None

    def _tires(self, times: int) -> bool:
        """Whether so many runs without a fault bring the service down too, as with a rate limit."""
        try:
            tired = not all(self._one(Plan()).call.passed for _ in range(times))
        except ExperimentError:
            tired = True
        if tired:
            self._start_over()
        return tired

    def _judged(self, plan: Plan) -> tuple[Experiment, tuple[Verdict, ...]]:
        run = self._run(plan)
        if plan.injections and not run.fired and (why := self._remembers(run)):
            self._start_over(why)
            run = self._run(plan)
        if plan.injections and not run.fired:
            return run, ()
        if run.race is None:
            return run, self.judge(run, self.baseline)
        return self._judged_race(run)

    def _judged_race(self, run: Experiment) -> tuple[Experiment, tuple[Verdict, ...]]:
        """A race is judged by its serial orders, and torn only if it is by these measured twice."""
        with_orders, baseline = self.orders.judged_by(run)
        verdicts = self.judge(with_orders, baseline)
        if torn(verdicts):
            self.orders.measure_again(run.plan)
            with_orders, baseline = self.orders.judged_by(run)
            verdicts = self.judge(with_orders, baseline)
        return with_orders, verdicts

    def _judged_anew(self, plan: Plan, why: str) -> tuple[Experiment, tuple[Verdict, ...]]:
        """Judge a plan on a fresh service: nothing is blamed on it that earlier runs left in its memory."""
        self._start_over(why)
        return self._judged(plan)

    def _remembers(self, run: Experiment) -> str:
        """Whether the service may have answered from what earlier runs left in its memory; how."""
        if run.recovery_error:
            return _FAILED.format(run.recovery_error)
        return self._strayed()

    def _one(self, plan: Plan, *, repeat: bool = True) -> Experiment:
        run = self.runner.run(plan, repeat=repeat)
        self.restarts["died"] += run.restarts
        return run

    def _run(self, plan: Plan) -> Experiment:
        repeat = not any(i.crossing.step in self.unsafe for i in plan.injections)
        try:
            return self._recovered(self._one(plan, repeat=repeat))
        except ExperimentError as error:
            self._start_over()
            return Experiment(plan, fired=plan.injections, dirty=error.message)

    def _strayed(self) -> str:
        """Whether the service no longer does what the baseline did, for it remembers earlier runs; how."""
        try:
            control = self._one(Plan())
        except ExperimentError:
            return ""
        return next(iter(strayed(control, self.baseline)), "")

    def _recovered(self, run: Experiment) -> Experiment:
        """Add a fresh run without faults where this one gives reason to doubt the service."""
        if run.plan.injections and _doubtful(run):
            healthy, problem = self._control()
            run = replace(run, recovery=healthy, recovery_error=problem)
        if run.dirty or run.recovery is False or run.open_transactions:
            self._start_over(_FAILED.format(run.recovery_error) if run.recovery is False else "")
        return run

    def _control(self) -> tuple[bool, str]:
        """Fresh runs without faults until one is green or the time is over; what was wrong first.

        A circuit breaker that opened rightly is given the time to close.
        """
        began = time.monotonic()
        problem = ""
        while True:
            control = self._one(Plan())
            if control.call.passed and not control.dirty:
                return True, problem
            problem = problem or control.call.error or control.dirty
            known = problem in self._lasting
            if time.monotonic() - began >= (
                min(_KNOWN_DEAD_S, self.recovery_s) if known else self.recovery_s
            ):
                self._lasting.add(problem)
                return False, problem
            time.sleep(_PAUSE_S)

    def _start_over(self, why: str = "") -> None:
        """A fresh service, warmed up. Raises ExperimentError where even that cannot run the workflow."""
        self.runner.restart(why)
        self.restarts["anew"] += 1
        self._one(Plan())


def _after_many(verdict: Verdict, nth: int) -> Verdict:
    summary = f"{verdict.summary}; it took {nth} such failures, one after another"
    return replace(verdict, summary=summary, evidence={**verdict.evidence, ADDS_UP: nth})


def _held(run: Experiment, verdicts: tuple[Verdict, ...]) -> Outcome:
    return Outcome((run,), overall(verdicts), verdicts)


def _codes(verdicts: tuple[Verdict, ...]) -> set[str]:
    return {verdict.rule.code for verdict in verdicts}


def _doubtful(run: Experiment) -> bool:
    retried = run.retry is None or run.retry.answer.succeeded
    return bool(run.died or run.open_transactions or not retried)


def unstable_reasons(outcome: Outcome) -> Iterator[str]:
    """One line for each verdict that did not repeat."""
    for verdict in outcome.unstable:
        yield f"{verdict.rule.code} was torn in one of two runs: {verdict.summary}"
