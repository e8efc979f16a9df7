"""Leaving out experiments whose outcome is already known. Every one left out is listed with its reason.

Three rules, each safe against losing a finding:

* a repetition in the middle of a loop is broken at its first and last turn only;
* at one crossing, database errors that a service may not tell apart are tried until three
  different ones held with the same outcome;
* once a dead network at a seam is known not to be bounded (advice), or a slow one to be borne,
  the seam's other crossings wait in the same driver the same way.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from ripstop.explore.planning import Candidate
from ripstop.model.experiment import Baseline, Experiment
from ripstop.model.trace import Phase
from ripstop.model.verdict import Severity, Status, Verdict

_ALIKE = frozenset({"40001", "40P01", "57014", "55P03", "25006", "53100"})
_SAME_WAIT = frozenset({"stall", "slow"})
_ENOUGH = 3

Signature = tuple[object, ...]


@dataclass(slots=True)
class Reducer:
    """Remembers outcomes and says which candidates they make needless. ``active`` False skips none."""

    active: bool = True
    _held: dict[object, list[Signature]] = field(default_factory=lambda: defaultdict(list))
    _waited: set[object] = field(default_factory=set)

    def reason(self, candidate: Candidate) -> str:
        """Why a candidate need not run, as a slug; empty where it must."""
        if not self.active or len(candidate.plan.injections) > 1:
            return ""
        if candidate.looped:
            return "reduced-loop"
        if _alike(candidate) and self._same_so_far(candidate):
            return "reduced-same-outcome"
        if (place := _wait_place(candidate)) and place in self._waited:
            return "reduced-same-wait"
        return ""

    def learn(
        self,
        candidate: Candidate,
        run: Experiment,
        baseline: Baseline,
        status: Status,
        verdicts: tuple[Verdict, ...],
    ) -> None:
        """Take in what came of a candidate."""
        if _is_error(candidate):
            outcome = signature(run, baseline) if status is Status.HELD else (object(),)
            self._held[candidate.crossing.id].append(outcome)
        advised = any(v.status is Status.TORN and v.weight is Severity.ADVICE for v in verdicts)
        if (candidate.fault.name == "stall" and advised) or (
            candidate.fault.name == "slow" and status is Status.HELD
        ):
            self._waited.add(_wait_place(candidate))

    def _same_so_far(self, candidate: Candidate) -> bool:
        outcomes = self._held[candidate.crossing.id]
        return len(outcomes) >= _ENOUGH and len(set(outcomes)) == 1


def signature(run: Experiment, baseline: Baseline) -> Signature:
    """What an outside observer could tell two outcomes apart by, volatile values aside."""
    answers = tuple((e.step, e.answer.status, e.answer.failure) for e in run.exchanges)
    before = {c.id for c in baseline.trace}
    fresh = tuple(sorted(c.id for c in run.trace if c.phase is Phase.CALL and c.id not in before))
    retry = (run.retry.answer.status, run.retry.answer.failure) if run.retry else None
    states = tuple(
        tuple(sorted((c.kind, c.table) for c in state.changes))
        + tuple(sorted((e.seam, e.kind) for e in state.effects))
        for state in (run.after_call, run.after_retry)
        if state is not None
    )
    return (answers, fresh, retry, states)


def _is_error(candidate: Candidate) -> bool:
    return candidate.fault.name in ("sqlstate", "connection_lost")


def _alike(candidate: Candidate) -> bool:
    code = dict(candidate.fault.spec.params).get("code")
    return candidate.fault.name == "sqlstate" and code in _ALIKE


def _wait_place(candidate: Candidate) -> object:
    crossing = candidate.crossing
    if candidate.fault.name not in _SAME_WAIT or crossing.protocol == "http":
        return None
    return (candidate.fault.name, crossing.id.step, crossing.id.seam)
