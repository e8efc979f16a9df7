"""What a run told, gathered workflow by workflow: for reports that are written at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Self

from ripstop.model.events import (
    BaselineTaken,
    Event,
    ExploreDone,
    FindingConfirmed,
    Judged,
    WorkflowDone,
    WorkflowRefused,
)
from ripstop.model.experiment import Baseline
from ripstop.model.verdict import Finding, NotExercised, Severity


@dataclass(slots=True)
class Gathered:
    """One workflow so far; ``done`` says more than all the rest once it is there."""

    baseline: Baseline
    done: WorkflowDone | None = None
    experiments: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    confirmed: dict[tuple[str, str], Finding] = field(default_factory=dict)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Without advice."""
        return tuple(f for f in self._all if f.severity is not Severity.ADVICE)

    @property
    def advice(self) -> tuple[Finding, ...]:
        return tuple(f for f in self._all if f.severity is Severity.ADVICE)

    @property
    def not_exercised(self) -> tuple[NotExercised, ...]:
        return self.done.not_exercised if self.done else ()

    @property
    def restarts(self) -> int:
        """How often the service, or a process of it, was started again."""
        return self.done.restarts if self.done else 0

    @property
    def seconds(self) -> float:
        return self.done.seconds if self.done else 0.0

    @property
    def _all(self) -> tuple[Finding, ...]:
        return self.done.findings if self.done else tuple(self.confirmed.values())


@dataclass(slots=True)
class Collector:
    """Takes events as they come. Complete at every moment, so that an interrupted run has a report."""

    workflows: dict[str, Gathered] = field(default_factory=dict)
    refused: list[WorkflowRefused] = field(default_factory=list)
    end: ExploreDone | None = None

    @classmethod
    def of(cls, events: Iterable[Event]) -> Self:
        collector = cls()
        for event in events:
            collector.handle(event)
        return collector

    def handle(self, event: Event) -> None:
        match event:
            case BaselineTaken(baseline=baseline):
                self.workflows[baseline.workflow] = Gathered(baseline)
            case Judged() if gathered := self.workflows.get(event.workflow):
                gathered.experiments = max(event.done, gathered.experiments)
                gathered.verdicts[str(event.status)] += 1
            case FindingConfirmed() if gathered := self.workflows.get(event.workflow):
                finding = event.finding
                gathered.confirmed[finding.rule.code, str(finding.crossing)] = finding
            case WorkflowDone(baseline=baseline):
                gathered = self.workflows.setdefault(baseline.workflow, Gathered(baseline))
                gathered.done, gathered.experiments = event, event.experiments
                gathered.verdicts = Counter(event.verdicts)
            case WorkflowRefused():
                self.refused.append(event)
            case ExploreDone():
                self.end = event
            case _:
                pass
