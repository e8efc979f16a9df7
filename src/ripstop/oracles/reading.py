"""How oracles read a record: which faults fired, how the call ended, what should stand for it.

Pure and shared. The sets below name faults by their stable names; what a fault does lives in its own file.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from ripstop.model.experiment import Baseline, Experiment
from ripstop.model.http import Exchange
from ripstop.model.plan import Injection
from ripstop.model.state import Observation
from ripstop.model.trace import Crossing, Kind, Phase
from ripstop.model.verdict import Severity
from ripstop.oracles.compare import Rows, effects, rows

WAITING = frozenset({"hang", "stall", "late_reply", "slow", "unreachable", "blackhole"})
STRIKES = frozenset({"killed", "terminated", "paused"})
"""Faults of the service's own process: no answer is the only honest one, so none is judged."""
DOMAIN = frozenset({"declined", "evicted", "duplicate_delivery", "repeated_request", "bounced"})
"""Faults that are the other side's honest answer: blaming the caller for them can be right."""
MESSAGES = frozenset({"mail", "text"})
"""Kinds of effects that carry no idempotency key at their receiver's."""
OUTSIDE = frozenset({"client", "clock", "process", "race"})
"""Seams whose faults are not infrastructure failing."""

_DOWN = {
    Severity.CRITICAL: Severity.HIGH,
    Severity.HIGH: Severity.MEDIUM,
    Severity.MEDIUM: Severity.LOW,
    Severity.LOW: Severity.LOW,
    Severity.ADVICE: Severity.ADVICE,
}
_MANY_FAILED = 5
"""Steps that failed together, beyond which only none and all of them are considered."""


def step_down(severity: Severity) -> Severity:
    return _DOWN[severity]


def protocol(injection: Injection, experiment: Experiment, baseline: Baseline) -> str:
    """The protocol of the seam an injection breaks, read from the traces; empty where unknown."""
    seam = injection.crossing.seam
    both = (*baseline.trace, *experiment.trace)
    return next((c.protocol for c in both if c.id.seam == seam), "")


def param(injection: Injection, name: str) -> str | int | float | bool | None:
    return next((value for key, value in injection.fault.params if key == name), None)


def waited(experiment: Experiment) -> tuple[Injection, ...]:
    """The fired injections that keep the service waiting."""
    return tuple(i for i in experiment.fired if i.fault.name in WAITING)


def call_exchanges(experiment: Experiment) -> tuple[Exchange, ...]:
    return tuple(e for e in experiment.exchanges if e.phase == "call")


def from_broken(experiment: Experiment) -> tuple[Exchange, ...]:
    """The exchanges of the call phase from the broken one on; all of them where no step is known.

    Then the one sent again while the outage lasted, if there is one.
    """
    sent = call_exchanges(experiment)
    places = [index for index, e in enumerate(sent) if e.step == experiment.broken_step]
    during = (experiment.during,) if experiment.during else ()
    return (*(sent[places[0] :] if places else sent), *during)


def as_expected(exchange: Exchange, baseline: Baseline) -> bool:
    """Whether the caller was told what the baseline tells it: success, or the baseline's own status."""
    usual = baseline.step(exchange.step)
    if usual is not None and exchange.answer.status == usual.exchange.answer.status:
        return True
    return exchange.answer.succeeded and (usual is None or usual.exchange.answer.succeeded)


def call_succeeded(experiment: Experiment, baseline: Baseline) -> bool:
    """Whether the broken exchange was answered as in the baseline."""
    return experiment.broken is not None and as_expected(experiment.broken, baseline)


def known_steps(experiment: Experiment, baseline: Baseline) -> bool:
    """False where the test sent a request the baseline never saw: its rows cannot be foretold."""
    return all(baseline.step(e.step) is not None for e in call_exchanges(experiment))


def worlds(experiment: Experiment, baseline: Baseline, *, retried: bool = False) -> tuple[Observation, ...]:
    """The states that all-or-nothing steps can leave: every answered step done, every failed one
    either done or not. Nothing-done comes first. With ``retried`` the broken step counts as done."""
    reached = {e.step for e in call_exchanges(experiment)}
    done = {e.step for e in call_exchanges(experiment) if as_expected(e, baseline)}
    if retried and experiment.broken is not None:
        done.add(experiment.broken.step)
    failed = [s.name for s in baseline.steps if s.name in reached - done]
    return tuple(_joined(baseline, done | extra) for extra in _subsets(failed))


def expected(experiment: Experiment, baseline: Baseline) -> Observation:
    """What should stand once the broken step is done, once."""
    return worlds(experiment, baseline, retried=True)[0]


def before_broken(experiment: Experiment, baseline: Baseline) -> Observation:
    """What should stand where the broken step left nothing."""
    broken = experiment.broken.step if experiment.broken else None
    done = {e.step for e in call_exchanges(experiment) if as_expected(e, baseline)}
    return _joined(baseline, done - {broken or ""})


def undone_worlds(experiment: Experiment, baseline: Baseline) -> tuple[Observation, ...]:
    """As ``worlds``, the broken step not done in any of them."""
    reached = {e.step for e in call_exchanges(experiment)}
    done = {e.step for e in call_exchanges(experiment) if as_expected(e, baseline)}
    broken = {experiment.broken.step} if experiment.broken else set()
    failed = [s.name for s in baseline.steps if s.name in reached - done - broken]
    return tuple(_joined(baseline, (done - broken) | extra) for extra in _subsets(failed))


def _subsets(names: list[str]) -> Iterator[set[str]]:
    sizes = range(len(names) + 1) if len(names) <= _MANY_FAILED else (0, len(names))
    for size in sizes:
        yield from (set(some) for some in combinations(names, size))


def _joined(baseline: Baseline, names: set[str]) -> Observation:
    steps = [s.observed for s in baseline.steps if s.name in names]
    return Observation(
        tuple(c for one in steps for c in one.changes), tuple(e for one in steps for e in one.effects)
    )


def whole(observation: Observation, experiment: Experiment, baseline: Baseline) -> bool:
    """Whether exactly the baseline's rows and effects stand, the broken step done once."""
    actual = rows(observation.changes, baseline)
    standing = effects(observation.effects, baseline)
    return any(
        actual == rows(world.changes, baseline) and standing == effects(world.effects, baseline)
        for world in worlds(experiment, baseline, retried=True)
    )


def lacking(observation: Observation, experiment: Experiment, baseline: Baseline) -> Rows:
    """The rows that the broken step, done, would have left and that are not there."""
    actual = rows(observation.changes, baseline)
    options = (rows(world.changes, baseline) - actual for world in worlds(experiment, baseline, retried=True))
    return min(options, key=lambda missing: missing.total())


def carries_key(exchange: Exchange | None, baseline: Baseline) -> bool:
    """Whether a request carries the workflow's idempotency key where its marker says it does."""
    where, _, name = (baseline.idempotency_key or "").partition(":")
    if exchange is None or not name:
        return False
    if where == "header":
        return bool(exchange.request.header(name))
    try:
        body = exchange.request.json()
    except ValueError:
        return False
    return isinstance(body, dict) and bool(body.get(name))


def retry_counts(experiment: Experiment, baseline: Baseline) -> bool:
    """Whether sending the request again was fair: after no or a failed answer always, else with a key."""
    if experiment.retry is None or experiment.after_retry is None:
        return False
    return not call_succeeded(experiment, baseline) or carries_key(experiment.retry, baseline)


def pending(experiment: Experiment) -> bool:
    """Whether work of the broken call may still go on: no answer came, and a crossing is held."""
    no_answer = experiment.broken is not None and experiment.broken.answer.failure == "timeout"
    return no_answer and any(c.outcome == "held" and c.phase is Phase.CALL for c in experiment.trace)


def own_phases(experiment: Experiment) -> tuple[Phase, ...]:
    """The phases in which what the service sends is its own doing: what a worker sends after heal is, unless
    an event was delivered again then, which is ours."""
    return (Phase.CALL,) if experiment.redelivered is not None else (Phase.CALL, Phase.RECOVERY)


def http_calls(trace: tuple[Crossing, ...], *phases: Phase) -> dict[tuple[str, str, str], list[Crossing]]:
    """The calls to external services, by step, seam and operation, in order of arrival.

    Those of the call phase, unless others are named: what a worker sends after heal is ``RECOVERY``.
    """
    found: dict[tuple[str, str, str], list[Crossing]] = {}
    for c in trace:
        if c.phase in (phases or (Phase.CALL,)) and c.protocol == "http" and c.kind is Kind.CALL:
            found.setdefault((c.id.step, c.id.seam, c.id.operation), []).append(c)
    return found
