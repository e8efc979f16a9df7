"""What the engine tells its readers while it explores. The engine knows none of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from ripstop.model.experiment import Baseline, Experiment
from ripstop.model.fault import FaultSpec
from ripstop.model.plan import Plan
from ripstop.model.trace import CrossingId
from ripstop.model.verdict import Finding, NotExercised, Status, Verdict


@dataclass(frozen=True, slots=True)
class ServiceReady:
    """The whole set-up stands; ``seconds`` since the command began."""

    seconds: float
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BaselineTaken:
    """A workflow ran green twice and repeated; ``planned`` experiments come first."""

    baseline: Baseline
    planned: int


@dataclass(frozen=True, slots=True)
class Judged:
    """One experiment is over. ``confirming`` marks the second run of a torn one."""

    workflow: str
    experiment: Experiment
    status: Status
    verdicts: tuple[Verdict, ...]
    done: int
    planned: int
    confirming: bool = False


@dataclass(frozen=True, slots=True)
class FindingConfirmed:
    """A finding repeated; told at once, told again when later faults join it."""

    workflow: str
    finding: Finding


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a workflow's matrix: what came of one fault at one crossing.

    ``mark`` is ``held``, ``torn``, ``unknown`` or ``not exercised``; ``note`` explains it.
    """

    crossing: CrossingId
    fault: FaultSpec
    mark: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """One experiment that held: material for a pin."""

    plan: Plan
    experiment: Experiment


@dataclass(frozen=True, slots=True)
class WorkflowDone:
    """All there is to say of one workflow. ``findings`` includes advice (severity ``advice``).

    ``restarts`` counts how often the service, or a process of it, was started again.
    """

    baseline: Baseline
    findings: tuple[Finding, ...]
    cells: tuple[Cell, ...]
    not_exercised: tuple[NotExercised, ...]
    held: tuple[Held, ...]
    experiments: int
    seconds: float
    skipped: int = 0
    verdicts: dict[str, int] = field(default_factory=dict)
    restarts: int = 0


@dataclass(frozen=True, slots=True)
class WorkflowRefused:
    """A workflow that cannot be explored: red, or not repeating. Not a finding; exit code 4."""

    nodeid: str
    workflow: str
    reason: str
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ExploreDone:
    """The end. ``complete`` is False where time ran out or the run was interrupted."""

    exit_code: int
    complete: bool
    stop_reason: str
    seconds: float
    notes: tuple[str, ...] = ()


Event = (
    ServiceReady | BaselineTaken | Judged | FindingConfirmed | WorkflowDone | WorkflowRefused | ExploreDone
)
