"""Races of a workflow: where a request can be held for another, and the orders both are judged by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from ripstop.errors import ExperimentError
from ripstop.explore import volatile
from ripstop.explore.options import Options
from ripstop.model.experiment import Baseline, Experiment, Race, StepBaseline
from ripstop.model.fault import FaultSpec
from ripstop.model.plan import Injection, Plan
from ripstop.model.runner import WorkflowRunner
from ripstop.model.trace import RIVAL, Crossing, CrossingId, Kind, Phase
from ripstop.rig.retrying import carries_key

NAME = "race"
ANOTHER, SAME = "another", "same"
ORDERS = ("after", "before", "instead")
_TELLING = frozenset({Kind.READ, Kind.WRITE, Kind.COMMIT, Kind.CALL})
_HOLDABLE = frozenset({Kind.READ, Kind.WRITE, Kind.COMMIT, Kind.CALL, Kind.OTHER})
_OWN_AFFAIRS = ("SET", "SHOW", "RESET", "SAVEPOINT", "RELEASE", "ROLLBACK", "DISCARD", "DEALLOCATE")
_MOST_SECONDS = 8


def is_race(plan: Plan) -> bool:
    return any(injection.fault.name == NAME for injection in plan.injections)


def rivals(baseline: Baseline, crossing: Crossing) -> tuple[str, ...]:
    """Who can race a step with its request held at a crossing; nobody where that tells nothing new."""
    step = baseline.step(crossing.id.step)
    if not baseline.races or step is None or not _changes(step):
        return ()
    if crossing.id not in points(baseline.trace, crossing.id.step):
        return ()
    same = (SAME,) if carries_key(step.exchange.request, baseline.idempotency_key) else ()
    last = next(one.name for one in reversed(baseline.steps) if _changes(one))
    return (ANOTHER, *same, *(baseline.races_with if step.name == last else ()))


def points(trace: Iterable[Crossing], step: str, phase: Phase = Phase.CALL) -> list[CrossingId]:
    """The crossings of a step at which a preemption can matter: something was told or learned before.

    What is left out equals another point: holding at BEGIN is holding at what follows, and holding before
    anything was asked is one after the other.
    """
    mine = [c for c in trace if c.id.step == step and c.phase is phase and c.kind is not Kind.CONNECT]
    mine = [c for c in mine if not c.process and not c.after_answer]
    found = []
    telling = False
    for crossing in mine:
        if telling and crossing.kind in _HOLDABLE and not _own_affair(crossing):
            found.append(crossing.id)
        telling = telling or (crossing.kind in _TELLING | {Kind.OTHER} and not _own_affair(crossing))
    return found


def suspect(baseline: Baseline, crossing: Crossing) -> bool:
    """Whether a crossing acts on what its step has read before: the place where a check comes too early."""
    before: set[tuple[str, str]] = set()
    for one in baseline.trace:
        if one.id == crossing.id:
            break
        if one.id.step == crossing.id.step and one.kind is Kind.READ:
            before |= {(one.id.seam, table) for table in one.tables}
    tables = {(crossing.id.seam, table) for table in crossing.tables}
    return crossing.kind is Kind.WRITE and bool(tables & before)


def changed_roles(run: Experiment) -> Iterator[Plan]:
    """Races in which another workflow's request is held, at each of its crossings, and this one's runs."""
    race = run.race
    (injection, *more) = run.plan.injections
    by = dict(injection.fault.params).get("by")
    if more or by in (ANOTHER, SAME) or race is None or not race.began or race.rival is None:
        return
    if injection.crossing.step.startswith(RIVAL):
        return
    fault = FaultSpec.of(NAME, by=str(by), beside=injection.crossing.step)
    for place in points(run.trace, race.rival.step, Phase.RIVAL):
        yield Plan((Injection(place, fault),))


def second_points(run: Experiment, options: Options) -> Iterator[Plan]:
    """The same race with the second held in its turn, at each of its own crossings; cheapest first."""
    race = run.race
    if options.preemptions < 2 or race is None or not race.began or len(run.plan.injections) != 1:
        return
    (injection,) = run.plan.injections
    if race.rival is None or injection.crossing.step.startswith(RIVAL):
        return
    for place in points(run.trace, race.rival.step, Phase.RIVAL)[:_MOST_SECONDS]:
        yield Plan((injection, Injection(place, injection.fault)))


def _changes(step: StepBaseline) -> bool:
    seen = step.observed
    return step.exchange.answer.succeeded and bool(seen.changes or seen.effects or seen.keys)


def _own_affair(crossing: Crossing) -> bool:
    """What a session does for itself, and nobody else can tell."""
    own = crossing.id.operation.startswith(_OWN_AFFAIRS)
    return crossing.protocol == "postgres" and crossing.kind is Kind.OTHER and own


@dataclass(slots=True)
class Orders:
    """The serial orders of each step and rival, measured once and kept."""

    runner: WorkflowRunner
    baseline: Baseline
    _known: dict[tuple[str, str], tuple[Race, ...]] = field(default_factory=dict)
    _loose: dict[tuple[str, str], Baseline] = field(default_factory=dict)

    def judged_by(self, run: Experiment) -> tuple[Experiment, Baseline]:
        """The record with its orders in it, and the baseline with what is known to differ between them."""
        if run.race is None or not run.race.began or run.dirty:
            return run, self.baseline
        key = _key(run.plan)
        try:
            serial = self._known[key] = self._known.get(key) or self._measured(run.plan)
        except ExperimentError as error:
            return replace(run, dirty=f"its serial orders cannot be measured: {error.message}"), self.baseline
        return replace(run, race=replace(run.race, serial=serial)), self._loose.get(key, self.baseline)

    def measure_again(self, plan: Plan) -> None:
        """Before a torn verdict is believed: what differs between two measurements is volatile."""
        key = _key(plan)
        if key in self._known and key not in self._loose:
            again = self._measured(plan)
            self._loose[key] = loosened(self.baseline, key[0], self._known[key], again)

    def _measured(self, plan: Plan) -> tuple[Race, ...]:
        return tuple(self._one(plan, order) for order in ORDERS)

    def _one(self, plan: Plan, order: str) -> Race:
        step, by = _key(plan)
        crossing = replace(plan.injections[0].crossing, step=step)
        one = Injection(crossing, FaultSpec.of(NAME, by=by, order=order))
        run = self.runner.run(Plan((one,)))
        if run.race is None or run.dirty:
            raise ExperimentError("no-order", f"{order}: {run.dirty or 'the step was not reached'}")
        return run.race


def _key(plan: Plan) -> tuple[str, str]:
    """The workflow's own step that is raced, and who races it."""
    injection = plan.injections[0]
    params = dict(injection.fault.params)
    return str(params.get("beside", injection.crossing.step)), str(params.get("by"))


def loosened(baseline: Baseline, step: str, once: Iterable[Race], again: Iterable[Race]) -> Baseline:
    """The baseline with what differs between two measurements of the same orders taken for volatile."""
    columns, data, pointers = set(baseline.volatile_columns), set(baseline.volatile_data), set()
    for one, other in zip(once, again, strict=True):
        columns |= volatile.columns(one.observed.changes, other.observed.changes)
        data |= volatile.effect_fields(one.observed.effects, other.observed.effects)
        for before, after in ((one.first, other.first), (one.rival, other.rival)):
            if before and after:
                pointers |= set(volatile.pointers(before.answer.json(), after.answer.json()))
    steps = tuple(
        replace(known, volatile_body=known.volatile_body | pointers) if known.name == step else known
        for known in baseline.steps
    )
    return replace(baseline, steps=steps, volatile_columns=frozenset(columns), volatile_data=frozenset(data))
