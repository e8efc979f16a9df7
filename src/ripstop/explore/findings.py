"""Torn verdicts gathered into findings: one for each cause, with every fault that brings it out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from ripstop.model.experiment import Experiment
from ripstop.model.plan import Plan, replay_id
from ripstop.model.trace import CrossingId
from ripstop.model.verdict import Finding, Severity, Status, Verdict

Key = tuple[str, str, str, str]
_RANK = {severity: rank for rank, severity in enumerate(Severity)}


@dataclass(slots=True)
class Findings:
    """The findings of one workflow, by cause. Advice is grouped by seam: it names a habit, not a place."""

    nodeid: str
    _by_cause: dict[Key, Finding] = field(default_factory=dict)

    def known(self, plan: Plan, verdict: Verdict) -> bool:
        """Whether this cause was confirmed before."""
        return self._key(_place(plan, verdict), verdict) in self._by_cause

    def add(self, run: Experiment, verdict: Verdict) -> Finding:
        """Take in a confirmed torn verdict; the finding as it stands now."""
        place = _place(run.plan, verdict)
        key = self._key(place, verdict)
        faults = tuple(i.fault for i in run.plan.injections[-1:])
        old = self._by_cause.get(key)
        if old is None:
            finding = Finding(
                verdict.rule,
                verdict.weight,
                place,
                faults,
                verdict.summary,
                verdict.evidence,
                run.plan,
                replay_id(self.nodeid, run.plan),
                run.source,
            )
        else:
            merged = tuple(dict.fromkeys((*old.faults, *faults)))
            worst = min(old.severity, verdict.weight, key=_RANK.__getitem__)
            finding = replace(old, faults=merged, severity=worst, source=old.source or run.source)
        self._by_cause[key] = finding
        return finding

    def sorted(self) -> tuple[Finding, ...]:
        """All of them, worst first, then by code and place: the same order in every run."""
        return tuple(
            sorted(self._by_cause.values(), key=lambda f: (_RANK[f.severity], f.rule.code, f.crossing))
        )

    def _key(self, place: CrossingId, verdict: Verdict) -> Key:
        operation = "" if verdict.weight is Severity.ADVICE else place.operation
        return (f"{verdict.rule.code}{'*' if not operation else ''}", place.step, place.seam, operation)


def torn(verdicts: Iterable[Verdict]) -> tuple[Verdict, ...]:
    return tuple(v for v in verdicts if v.status is Status.TORN)


def overall(verdicts: Iterable[Verdict]) -> Status:
    """One status for an experiment: torn, else unknown, else held. Advice tears nothing."""
    verdicts = tuple(verdicts)
    if any(v.weight is not Severity.ADVICE for v in torn(verdicts)):
        return Status.TORN
    if any(v.status is Status.UNKNOWN for v in verdicts):
        return Status.UNKNOWN
    return Status.HELD


def _place(plan: Plan, verdict: Verdict) -> CrossingId:
    """The broken crossing; in a control, the place the evidence names."""
    if plan.injections:
        return replace(plan.injections[-1].crossing, nth=1)
    named = verdict.evidence
    step = str(named.get("step", ""))
    return CrossingId(step, str(named.get("seam", "client")), str(named.get("operation", step)))
