"""Which experiments to run, and in which order: singles from the baseline, then what they uncover.

Order: what the caller repeats comes first, for it tells whether repeating is safe; then races at
crossings that act on what was read before; then what costs neither a restart nor waiting, then
restarts, then the other races, then waits; in each, the first and last turns
of loops and the probes of those between before the rest; then crossings after an external effect,
for that is where money is lost; then as the trace has them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from ripstop.explore import moves, races
from ripstop.explore.inbound import inbound, informed
from ripstop.explore.options import Options
from ripstop.faults import catalogue
from ripstop.faults.where import is_effect
from ripstop.model.experiment import Baseline, Experiment
from ripstop.model.fault import Facts, Fault
from ripstop.model.plan import Injection, Plan
from ripstop.model.trace import CLIENT, CLOCK, CONNECT, Crossing, CrossingId, Kind, Phase, Trace
from ripstop.model.verdict import NotExercised
from ripstop.oracles.reading import STRIKES

_PAIRED = ("connection_lost", "reply_lost", "connection_reset", "status")
"""Faults tried at a crossing that only another fault brought out, such as a refund."""
FIRST = "repeated_request"
"""It tells whether repeating is safe."""
_TURNS = 2
"""How many tries of one operation are broken again: what goes on for ever is the same every time."""
_UNCOVERED = frozenset({Kind.CALL, Kind.WRITE, Kind.COMMIT})
_PROBES = frozenset(
    {
        "connection_lost",
        "connection_reset",
        "declined",
        "evicted",
        "loading",
        "malformed",
        "missing_field",
        "out_of_memory",
        "readonly",
        "reply_lost",
        "sqlstate",
        "status",
        "wrong_key_type",
    }
)
"""One fault for each way of failing that code tells apart; the first form of each is a probe."""
_UNIQUE_VIOLATION = "23505"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A plan and what is known of it before it runs. ``position`` is the crossing's place in the trace.

    ``looped`` is True for a repetition between the first and the last of an operation in a step;
    ``probe`` for the faults that such a turn is tried with before it counts as like another. ``stood``
    counts the crossings before it that changed the world for good. ``unasked`` is a candidate that the
    command line left out and that runs all the same, for what it tells of the others. ``suspect`` is a
    race at a crossing that acts on what was read before.
    """

    plan: Plan
    crossing: Crossing
    fault: Fault
    position: int
    after_effect: bool
    looped: bool = False
    probe: bool = False
    stood: int = 0
    unasked: bool = False
    suspect: bool = False

    @property
    def strikes(self) -> bool:
        """Whether the fault strikes the process, which then has to be started again."""
        return self.fault.name in STRIKES

    @property
    def restarts(self) -> bool:
        """Whether the service is started anew afterwards: struck, or having lived in a time to come."""
        return self.strikes or self.crossing.protocol == CLOCK

    @property
    def order(self) -> tuple[bool, bool, bool, bool, bool, bool, bool, bool, bool, bool, int, str]:
        return (
            self.fault.name != FIRST,
            not self.suspect,
            self.fault.waits,
            self.fault.name == races.NAME,
            self.crossing.protocol == CLIENT,
            self.restarts,
            self.looped,
            self.looped and not self.probe,
            not self.after_effect,
            not self.fault.ambiguous,
            self.position,
            str(self.fault.spec),
        )


def singles(
    baseline: Baseline, facts: Callable[[Crossing], Facts], options: Options
) -> tuple[list[Candidate], list[NotExercised]]:
    """Every fault each crossing of the baseline can suffer, alone, in the order to run them."""
    crossings = breakable(baseline)
    last = Counter((c.id.step, c.id.seam, c.id.operation) for c in crossings)
    chosen: list[Candidate] = []
    left_out: list[NotExercised] = []
    stood = 0
    for position, crossing in enumerate((*crossings, *moves.crossings(baseline, options.clock))):
        repeats = last[crossing.id.step, crossing.id.seam, crossing.id.operation]
        kinds: set[str] = set()
        for fault in catalogue.offered(crossing, informed(baseline, facts(crossing), crossing, options)):
            if reason := _filtered(crossing, fault, options):
                left_out.append(NotExercised(crossing.id, fault.spec, "filtered", reason))
                if fault.name != FIRST:
                    continue
            once = fault.name in STRIKES or fault.name == races.NAME
            tries = 1 if once else _tries(crossing, repeats)
            plan = Plan((Injection(crossing.id, fault.spec, tries),))
            effect = any(_external(c) for c in crossings[:position])
            looped = 1 < crossing.id.nth < repeats
            probe = _kind_of(fault) not in kinds and fault.name in _PROBES
            kinds.add(_kind_of(fault))
            doubt = fault.name == races.NAME and races.suspect(baseline, crossing)
            chosen.append(
                Candidate(
                    plan, crossing, fault, position, effect, looped, probe, stood, bool(reason), suspect=doubt
                )
            )
        stood += is_effect(crossing)
    return sorted(chosen, key=lambda c: c.order), left_out


def uncovered(
    baseline: Baseline, run: Experiment, facts: Callable[[Crossing], Facts], options: Options
) -> Iterator[Candidate]:
    """Plans for what one experiment brought out: a retry, a compensation, a second try."""
    known = {c.id for c in baseline.trace}
    if races.is_race(run.plan):
        plans = [*races.changed_roles(run), *races.second_points(run, options)]
        yield from _more_of_a_race(run, plans)
        return
    if len(run.plan.injections) != 1:
        return
    (injection,) = run.plan.injections
    if plan := moves.well_after(run, baseline):
        crossing = moves.crossing(injection.crossing.step, injection.crossing.seam)
        yield Candidate(plan, crossing, catalogue.build(plan.injections[0].fault, CLOCK), 0, False)
    if injection.crossing.seam in (CLIENT, options.clock):
        return
    fresh = [c for c in run.trace if c.phase is Phase.CALL and c.id not in known and c.kind in _UNCOVERED]
    times: Counter[tuple[str, str, str]] = Counter()
    for position, crossing in enumerate(fresh):
        times[crossing.id.step, crossing.id.seam, crossing.id.operation] += 1
        if times[crossing.id.step, crossing.id.seam, crossing.id.operation] > _TURNS:
            continue
        if _same_operation(crossing.id, injection.crossing):
            yield from _other_tries(injection, crossing, position)
            continue
        for fault in catalogue.offered(crossing, facts(crossing)):
            if fault.name in _PAIRED and not _filtered(crossing, fault, options):
                pair = Plan((injection, Injection(crossing.id, fault.spec)))
                yield Candidate(pair, crossing, fault, position, after_effect=True)


def _more_of_a_race(run: Experiment, plans: Iterable[Plan]) -> Iterator[Candidate]:
    """The same two with their roles changed, or held once more."""
    by_id = {c.id: c for c in run.trace}
    for position, plan in enumerate(plans):
        last = plan.injections[-1]
        crossing = by_id[last.crossing]
        fault = catalogue.build(last.fault, crossing.protocol)
        yield Candidate(plan, crossing, fault, position, after_effect=True)


def breakable(baseline: Baseline) -> Trace:
    """Every crossing that can be broken: the caller's own requests, then the trace, connecting included."""
    return (*inbound(baseline), *with_connects(c for c in baseline.trace if c.phase is Phase.CALL))


def with_connects(crossings: Iterable[Crossing]) -> Trace:
    """The crossings with one connection put before each step's first use of a database.

    Pools connect when they choose to, so a connection is offered for breaking wherever one
    could have been made, whether or not the baseline made it.
    """
    seen: set[tuple[str, str]] = set()
    result: list[Crossing] = []
    for crossing in crossings:
        place = (crossing.id.step, crossing.id.seam)
        if crossing.kind is Kind.CONNECT:
            continue
        if crossing.protocol != "http" and place not in seen:
            seen.add(place)
            identity = CrossingId(*place, CONNECT, 1)
            result.append(replace(crossing, id=identity, kind=Kind.CONNECT, tables=(), text=""))
        result.append(crossing)
    return tuple(result)


def _kind_of(fault: Fault) -> str:
    """What a fault is to the code that meets it: a violated key is another thing than an outage."""
    unique = dict(fault.spec.params).get("code") == _UNIQUE_VIOLATION
    return f"{fault.name} {_UNIQUE_VIOLATION}" if unique else fault.name


def _external(crossing: Crossing) -> bool:
    """A call that has an effect in the outside world: at a provider, or at a mail server."""
    return crossing.protocol != CLIENT and crossing.kind is Kind.CALL


def _tries(crossing: Crossing, repeats: int) -> int:
    """An outage of a provider lasts until healed; a database error happens once."""
    outage = _external(crossing) and repeats == 1
    return 0 if outage or crossing.kind is Kind.CONNECT else 1


def _other_tries(injection: Injection, crossing: Crossing, position: int) -> Iterator[Candidate]:
    protocol = crossing.protocol
    fault = catalogue.build(injection.fault, protocol)
    plan = Plan((replace(injection, tries=0 if injection.tries else 1),))
    yield Candidate(plan, replace(crossing, id=injection.crossing), fault, position, after_effect=True)


def _same_operation(one: CrossingId, other: CrossingId) -> bool:
    return (one.step, one.seam, one.operation) == (other.step, other.seam, other.operation)


def _filtered(crossing: Crossing, fault: Fault, options: Options) -> str:
    if options.seams and crossing.id.seam not in options.seams:
        return "--seam"
    if options.faults and fault.name not in options.faults:
        return "--fault"
    return ""
