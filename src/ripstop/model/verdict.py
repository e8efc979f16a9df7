"""Verdicts and findings: what an oracle says of one record, and torn verdicts grouped by cause."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ripstop.model.experiment import SourceLine
from ripstop.model.fault import FaultSpec
from ripstop.model.plan import Plan
from ripstop.model.trace import CrossingId


class Status(StrEnum):
    """The three verdicts. Where several oracles speak, torn outranks unknown outranks held."""

    HELD = "held"
    TORN = "torn"
    UNKNOWN = "unknown"


class Severity(StrEnum):
    """How much a finding matters. ``advice`` does not count as a finding nor set the exit code."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    ADVICE = "advice"


@dataclass(frozen=True, slots=True)
class Rule:
    """An oracle's identity and its own page (Markdown: what, why it matters, example, instead)."""

    code: str
    slug: str
    title: str
    severity: Severity
    page: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one oracle says of one record. ``evidence`` holds JSON values only, secrets masked."""

    rule: Rule
    status: Status
    summary: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)
    severity: Severity | None = None

    @property
    def weight(self) -> Severity:
        return self.severity or self.rule.severity


@dataclass(frozen=True, slots=True)
class Finding:
    """Torn verdicts with one cause: the same oracle, step, seam and operation.

    ``faults`` are all that tear it, ``plan`` the one that is replayed, ``title`` one sentence.
    """

    rule: Rule
    severity: Severity
    crossing: CrossingId
    faults: tuple[FaultSpec, ...]
    title: str
    evidence: Mapping[str, Any]
    plan: Plan
    replay: str
    source: SourceLine | None = None


@dataclass(frozen=True, slots=True)
class NotExercised:
    """A fault that was offered, or might have been, and did not happen; ``reason`` is a slug.

    Slugs: ``not-fired``, ``not-reached``, ``out-of-time``, ``filtered``, ``reduced-loop``,
    ``reduced-same-outcome``, ``reduced-same-state``, ``reduced-same-wait``, ``not-offered``,
    ``unstable-baseline``.
    """

    crossing: CrossingId
    fault: FaultSpec
    reason: str
    detail: str = ""
