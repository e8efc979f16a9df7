"""Leaving out experiments whose outcome is already known. Every one left out is listed with its reason.

What counts as known is what was observed, never where in a loop or in which code something stands:

* a repetition between the first and the last is broken in one way of each kind (a cut, a refusal,
  a violated key, a lost reply, ...); where all of it came out as at another repetition that is
  broken in every way, the rest is taken from there;
* at one crossing, database errors that a service has no reason to tell apart are tried until
  three different ones held with the same outcome. The two that services do tell apart, 40001
  (try again) and 57014 (timed out), are always tried;
* a process that is killed leaves what stood at that moment: between two crossings that change the
  world it is killed once, and told to end once in a step that it then finishes as ever;
* once a dead network at a seam is known not to be bounded (advice), or a slow one to be borne,
  the step's other crossings there wait the same way, if whatever else broke both came out the same;
* a service that let nobody else in twice while a step's request was held is not raced there again;
  where holding the first and the second turn of a loop came out the same and held, only the last is
  held besides.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from ripstop.explore import races
from ripstop.explore.planning import Candidate
from ripstop.model.experiment import Baseline, Experiment
from ripstop.model.fault import FaultSpec
from ripstop.model.trace import CrossingId, Phase
from ripstop.model.verdict import Severity, Status, Verdict

_ALIKE = frozenset({"40P01", "55P03", "25006", "53100"})
_SAME_WAIT = frozenset({"stall", "slow"})
_ENOUGH = 3
_ALONE = 2
_TURNS = 2

Signature = tuple[object, ...]
Place = tuple[str, str, str]


@dataclass(slots=True)
class Reducer:
    """Remembers outcomes and says which candidates they make needless. ``active`` False skips none."""

    active: bool = True
    _held: dict[object, list[Signature]] = field(default_factory=lambda: defaultdict(list))
    _turns: dict[Place, dict[int, dict[FaultSpec, Signature]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(dict))
    )
    """By operation and turn: what came of each probe."""
    _ends: set[CrossingId] = field(default_factory=set)
    _opened: set[CrossingId] = field(default_factory=set)
    """Turns that every fault is tried at: the first and last, and those between that differed."""
    _came: dict[CrossingId, dict[FaultSpec, Signature]] = field(default_factory=lambda: defaultdict(dict))
    _waited: dict[Place, list[CrossingId]] = field(default_factory=lambda: defaultdict(list))
    _struck: set[object] = field(default_factory=set)
    _alone: Counter[str] = field(default_factory=Counter)
    """How often a step's request was held and nobody else was let in."""
    _races: dict[object, dict[int, Signature]] = field(default_factory=lambda: defaultdict(dict))
    """By operation and rival, for each turn: what came of holding it there."""

    def reason(self, candidate: Candidate) -> str:
        """Why a candidate need not run, as a slug; empty where it must."""
        if not self.active or len(candidate.plan.injections) > 1:
            return ""
        if candidate.fault.name == races.NAME:
            return self._raced_before(candidate)
        if candidate.strikes and _moment(candidate) in self._struck:
            return "reduced-same-state"
        if candidate.looped and not candidate.probe and self._like_another_turn(candidate.crossing.id):
            return "reduced-loop"
        if _alike(candidate) and self._same_so_far(candidate):
            return "reduced-same-outcome"
        if _bears_waiting(candidate) and self._waits_as_another(candidate):
            return "reduced-same-wait"
        return ""

    def leans(self, candidate: Candidate, before: Iterable[Candidate]) -> bool:
        """Whether what comes of one of those before it could make a candidate needless."""
        if not self.active or len(candidate.plan.injections) > 1:
            return False
        mine = _leaning(candidate)
        return bool(mine) and any(mine & _leaned_on(other) for other in before)

    def _raced_before(self, candidate: Candidate) -> str:
        """Why a race tells nothing new: nobody is let in, or two turns of a loop came out as one."""
        crossing = candidate.crossing.id
        if self._alone[crossing.step] >= _ALONE:
            return "reduced-same-outcome"
        turns = self._races[_place(crossing), candidate.fault.spec]
        first, second = turns.get(1), turns.get(2)
        alike = first is not None and first == second and first[0] is Status.HELD
        return "reduced-loop" if candidate.looped and crossing.nth > _TURNS and alike else ""

    def learn_alone(self, candidate: Candidate, run: Experiment) -> None:
        """Take in that a race could not be run, for the service was busy with the request that was held."""
        if run.race is not None and run.race.rival is not None:
            self._alone[candidate.crossing.id.step] += 1

    def learn(
        self,
        candidate: Candidate,
        run: Experiment,
        baseline: Baseline,
        status: Status,
        verdicts: tuple[Verdict, ...],
    ) -> None:
        """Take in what came of a candidate."""
        crossing, fault = candidate.crossing.id, candidate.fault
        if run.race is not None:
            came = (status, _answers(run), run.race.waited, run.race.rival and run.race.rival.answer.status)
            self._races[_place(crossing), fault.spec][crossing.nth] = came
            return
        judged = (status, tuple(sorted((v.rule.code, v.weight) for v in verdicts)))
        if _is_error(candidate):
            outcome = signature(run, baseline) if status is Status.HELD else (object(),)
            self._held[crossing].append(outcome)
        if candidate.probe:
            self._turns[_place(crossing)][crossing.nth][fault.spec] = (judged, *_shape(run, baseline))
        if candidate.probe != candidate.looped:
            (self._ends if candidate.probe else self._opened).add(crossing)
        if candidate.strikes and (fault.name == "killed" or _finished(candidate, run, baseline)):
            self._struck.add(_moment(candidate))
        elif fault.name not in _SAME_WAIT and len(candidate.plan.injections) == 1:
            self._came[crossing][fault.spec] = (judged, _answers(run), _retry(run))
        advised = any(v.status is Status.TORN and v.weight is Severity.ADVICE for v in verdicts)
        if (fault.name == "stall" and advised) or (fault.name == "slow" and status is Status.HELD):
            self._waited[_wait_place(candidate)].append(crossing)

    def _same_so_far(self, candidate: Candidate) -> bool:
        outcomes = self._held[candidate.crossing.id]
        return len(outcomes) >= _ENOUGH and len(set(outcomes)) == 1

    def _like_another_turn(self, crossing: CrossingId) -> bool:
        """Whether a turn that is broken in every way took each probe as this one did.

        A middle turn leans on earlier middle turns only: no two can lean on each other.
        """
        turns = self._turns[_place(crossing)]
        mine = turns.get(crossing.nth)
        alike = [CrossingId(*_place(crossing), nth) for nth, other in turns.items() if other == mine]
        return any(one in self._ends or (one in self._opened and one < crossing) for one in alike)

    def _waits_as_another(self, candidate: Candidate) -> bool:
        mine = self._came[candidate.crossing.id]
        for other in self._waited[_wait_place(candidate)]:
            both = mine.keys() & self._came[other].keys()
            if both and all(mine[fault] == self._came[other][fault] for fault in both):
                return True
        return False


def signature(run: Experiment, baseline: Baseline) -> Signature:
    """What an outside observer could tell two outcomes apart by, volatile values aside."""
    fresh = tuple(sorted(_fresh(run, baseline)))
    return (_answers(run), fresh, _retry(run), tuple(tuple(sorted(state)) for state in _states(run)))


def _shape(run: Experiment, baseline: Baseline) -> Signature:
    """As ``signature``, but for how often: a later turn leaves more done behind it."""
    fresh = frozenset(_place(crossing) for crossing in _fresh(run, baseline))
    return (_answers(run), fresh, _retry(run), tuple(frozenset(state) for state in _states(run)))


def _fresh(run: Experiment, baseline: Baseline) -> list[CrossingId]:
    """The crossings that the baseline does not have."""
    before = {c.id for c in baseline.trace}
    return [c.id for c in run.trace if c.phase is Phase.CALL and c.id not in before]


def _states(run: Experiment) -> list[list[tuple[str, str]]]:
    """Kind and place of each row change, seam and kind of each effect, after the call and after the retry."""
    return [
        [
            *((c.kind, f"{c.seam}.{c.table}") for c in state.changes),
            *((e.seam, e.kind) for e in state.effects),
        ]
        for state in (run.after_call, run.after_retry)
        if state is not None
    ]


def _answers(run: Experiment) -> Signature:
    return tuple((e.step, e.answer.status, e.answer.failure) for e in run.exchanges)


def _retry(run: Experiment) -> Signature | None:
    return (run.retry.answer.status, run.retry.answer.failure) if run.retry else None


def _leaning(candidate: Candidate) -> set[object]:
    """What has to be known before a candidate is known to be needed."""
    found: set[object] = set()
    if candidate.strikes:
        found.add(("moment", _moment(candidate)))
    if candidate.looped and not candidate.probe:
        found.add(("place", _place(candidate.crossing.id)))
    if _alike(candidate):
        found.add(("errors", candidate.crossing.id))
    if _bears_waiting(candidate):
        found.add(("wait", _wait_place(candidate)))
    return found


def _leaned_on(candidate: Candidate) -> set[object]:
    """What running a candidate may tell of others."""
    found: set[object] = {("place", _place(candidate.crossing.id))}
    if candidate.strikes:
        found.add(("moment", _moment(candidate)))
    if _is_error(candidate):
        found.add(("errors", candidate.crossing.id))
    if _bears_waiting(candidate):
        found.add(("wait", _wait_place(candidate)))
    return found


def _is_error(candidate: Candidate) -> bool:
    return candidate.fault.name in ("sqlstate", "connection_lost")


def _alike(candidate: Candidate) -> bool:
    code = dict(candidate.fault.spec.params).get("code")
    return candidate.fault.name == "sqlstate" and code in _ALIKE


def _place(crossing: CrossingId) -> Place:
    return (crossing.step, crossing.seam, crossing.operation)


def _moment(candidate: Candidate) -> object:
    """Strikes that leave the same behind: who was killed and what stood then; the step it was to finish."""
    step, params = candidate.crossing.id.step, dict(candidate.fault.spec.params)
    who = candidate.crossing.process
    if candidate.fault.name == "killed":
        return (step, who, candidate.stood + (params["when"] == "after"))
    return (step, who, candidate.fault.name)


def _finished(candidate: Candidate, run: Experiment, baseline: Baseline) -> bool:
    """Whether a process that was told to end answered the request first, as it always does."""
    usual = baseline.step(candidate.crossing.id.step)
    done = run.broken and usual and run.broken.answer.status == usual.exchange.answer.status
    return candidate.fault.name == "terminated" and bool(done)


def _bears_waiting(candidate: Candidate) -> bool:
    return candidate.fault.name in _SAME_WAIT and candidate.crossing.protocol != "http"


def _wait_place(candidate: Candidate) -> Place:
    return (candidate.crossing.id.step, candidate.crossing.id.seam, candidate.fault.name)
