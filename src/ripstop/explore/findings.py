"""Torn verdicts gathered into findings: one for each cause, with every fault that brings it out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from ripstop.model.experiment import Experiment
from ripstop.model.plan import Plan, replay_id
from ripstop.model.trace import CLIENT, CrossingId
from ripstop.model.verdict import Finding, Severity, Status, Verdict

_REPEATS = frozenset({"repeated_request", "client_gone"})
Key = tuple[str, str, str, str]
_RANK = {severity: rank for rank, severity in enumerate(Severity)}


@dataclass(slots=True)
class Findings:
    """The findings of one workflow, by cause. Advice is grouped by seam: it names a habit, not a place."""

    nodeid: str
    _by_cause: dict[Key, Finding] = field(default_factory=dict)

    def known(self, plan: Plan, verdict: Verdict) -> bool:
        """Whether this cause was confirmed before."""
        return self._cause(_place(plan, verdict), verdict) in self._by_cause

    def add(self, run: Experiment, verdict: Verdict) -> Finding:
        """Take in a confirmed torn verdict; the finding as it stands now."""
        place = _place(run.plan, verdict)
        key = self._cause(place, verdict)
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
        found = _without_echoes(self._by_cause.values())
        return tuple(sorted(found, key=lambda f: (_RANK[f.severity], f.rule.code, f.crossing)))

    def _cause(self, place: CrossingId, verdict: Verdict) -> Key:
        """The finding a verdict belongs to: what a crash brings out may be known from a plain failure."""
        seen_as = f"{verdict.evidence.get('as')}{'*' if verdict.weight is Severity.ADVICE else ''}"
        # Asked from other threads as well, while this one adds.
        known = (key for key in tuple(self._by_cause) if key[:2] == (seen_as, place.step))
        return next(known, self._key(place, verdict))

    def _key(self, place: CrossingId, verdict: Verdict) -> Key:
        operation = "" if verdict.weight is Severity.ADVICE else place.operation
        if cause := verdict.evidence.get("cause"):
            return (verdict.rule.code, str(verdict.evidence.get("step", place.step)), "", str(cause))
        if field := verdict.evidence.get("field"):
            operation = f"{place.operation} {field}"
        return (f"{verdict.rule.code}{'*' if not operation else ''}", place.step, place.seam, operation)


def _without_echoes(findings: Iterable[Finding]) -> list[Finding]:
    """Fold a repeated request's finding into one of the same rule and step that a fault brought out.

    One missing unique key shows both ways; the story worth telling is the one in which an
    honest client had a reason to repeat.
    """
    found = list(findings)
    for echo in [f for f in found if {i.fault.name for i in f.plan.injections} & _REPEATS]:
        same = [
            f for f in found if (f.rule, f.crossing.step) == (echo.rule, echo.crossing.step) and f is not echo
        ]
        if same:
            first = min(same, key=lambda f: f.crossing)
            found[found.index(first)] = replace(first, faults=(*first.faults, *echo.faults))
            found.remove(echo)
    return found


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
    return CrossingId(step, str(named.get("seam", CLIENT)), str(named.get("operation", step)))
