"""Why a test failed: what its report tells, and the cause found for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Cause(StrEnum):
    """Whose fault a failure is. ``undecided`` where the evidence speaks for two."""

    PRODUCT = "product-bug"
    TEST = "test-bug"
    FLAKE = "flake"
    ENVIRONMENT = "environment"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Frame:
    """A line of a traceback. ``file`` as the report has it."""

    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Failure:
    """A test that failed, as a report tells it.

    ``during`` is ``call``, ``setup``, ``teardown`` or ``collection``; ``error`` the class of what was raised,
    ``message`` its first line, ``text`` all that was said; ``frames`` outermost first.
    """

    test: str
    during: str
    error: str
    message: str
    text: str
    frames: tuple[Frame, ...] = ()
    file: str = ""
    duration_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """One test in one run: ``passed``, ``failed`` or ``skipped``; a failure where it failed."""

    test: str
    state: str
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """One run's outcomes by test. ``how`` says what was changed: empty for an ordinary run."""

    how: str
    outcomes: Mapping[str, Outcome]


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A failure's likely root cause. ``name`` is the rule's slug, ``fix`` one line of advice."""

    failure: Failure
    cause: Cause
    name: str
    evidence: tuple[str, ...]
    fix: str
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Triage:
    """Every failure of some runs with its diagnosis; ``passed`` and ``skipped`` of the first run."""

    diagnoses: tuple[Diagnosis, ...] = ()
    passed: int = 0
    skipped: int = 0
    runs: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())
