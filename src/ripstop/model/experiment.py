"""The record of one run of a workflow, and the baseline that every record is judged against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ripstop.model.http import Answer, Exchange, Headers
from ripstop.model.plan import Injection, Plan
from ripstop.model.state import Change, Effect, Observation
from ripstop.model.trace import Trace


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A place in the service's own code: ``path`` relative to the project, and the frame's text."""

    path: str
    line: int
    text: str = ""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


@dataclass(frozen=True, slots=True)
class CallOutcome:
    """How the workflow's own test function ended. ``error`` is its last line, empty when it passed."""

    passed: bool
    error: str = ""


@dataclass(frozen=True, slots=True)
class Moved:
    """How far a run's clock was moved, in seconds from what it showed, and to when (ISO 8601, UTC)."""

    ahead_s: float
    to: str


@dataclass(frozen=True, slots=True)
class Race:
    """What the second of two racing requests came to, beside the first's own exchange.

    ``by`` says who it is: ``another`` caller, the ``same`` request delivered twice, or the name of a
    workflow. ``order`` is empty where the two were interleaved, else ``after``, ``before`` or ``instead``
    of the first. ``first`` and ``rival`` are what both were answered, ``observed`` is what stood once both
    rested, cumulative. ``began`` tells whether the rival was at work while the first was held, ``waited``
    for what it had to wait then, ``note`` why there was no race. ``serial`` are the races in those three
    orders, by which an interleaved one is judged.
    """

    by: str
    order: str = ""
    first: Exchange | None = None
    rival: Exchange | None = None
    observed: Observation = field(default_factory=Observation)
    began: bool = False
    waited: str = ""
    note: str = ""
    serial: tuple[Race, ...] = ()


@dataclass(frozen=True, slots=True)
class Experiment:
    """Everything one run under one plan left to judge by, in the order it was observed.

    ``exchanges`` are the caller's requests in the call phase. ``broken_step`` is the step whose
    request was in flight when the first fault fired. ``after_call`` is read at quiescence with
    the fault still on, ``after_retry`` after heal and the retry; both are cumulative.
    ``probe`` is an unrelated request sent while a seam hung, ``probe_kept`` says that it was answered only
    once the broken request was. ``during`` is the broken request sent again
    while a port still refused, for at first only a pooled connection had met the outage. ``recovery``
    is a later fresh run without faults: True green, False red, None not needed; ``recovery_error`` is
    what was wrong at first, also where a later one was green. ``open_transactions``
    names what the service left open after heal. ``dirty`` says why the record cannot be judged, empty
    if it can. ``died`` says who of the service ended by itself, ``restarts`` counts how often it was
    started again in this run. ``redelivered`` is what stood when the other side had sent the service
    again, after heal and before the retry, what it had not taken (webhooks); None where there was nothing.
    ``moved`` is how far the clock was. ``credential`` is where it was told when what the broken request
    shows expires, if the clock was moved for that; ``spoilt`` is the same request with a wrong credential
    in its place.
    ``race`` is there where two requests were raced. ``by_step`` is what each step did alone, read in
    learning runs only. ``log`` holds the service's
    lines of this experiment, at most a few hundred.
    """

    plan: Plan
    exchanges: tuple[Exchange, ...] = ()
    call: CallOutcome = field(default_factory=lambda: CallOutcome(passed=True))
    trace: Trace = ()
    fired: tuple[Injection, ...] = ()
    broken_step: str | None = None
    by_step: Mapping[str, Observation] = field(default_factory=dict)
    after_call: Observation = field(default_factory=Observation)
    retry: Exchange | None = None
    after_retry: Observation | None = None
    probe: Answer | None = None
    during: Exchange | None = None
    recovery: bool | None = None
    recovery_error: str = ""
    open_transactions: tuple[str, ...] = ()
    died: str = ""
    restarts: int = 0
    redelivered: Observation | None = None
    moved: Moved | None = None
    credential: str = ""
    spoilt: Exchange | None = None
    dirty: str = ""
    log: tuple[str, ...] = ()
    source: SourceLine | None = None
    duration_ms: float = 0.0
    race: Race | None = None
    probe_kept: bool = False

    @property
    def broken(self) -> Exchange | None:
        """The exchange during which the fault fired (the last one sent, where no step is known)."""
        named = [e for e in self.exchanges if e.step == self.broken_step]
        return named[0] if named else (self.exchanges[-1] if self.exchanges else None)


@dataclass(frozen=True, slots=True)
class StepBaseline:
    """What one step does when nothing is broken. ``observed`` is this step's own, not cumulative.

    ``volatile_body`` are JSON pointers of answer fields that differed between two runs.
    """

    name: str
    exchange: Exchange
    observed: Observation
    volatile_body: frozenset[str] = frozenset()
    works_after_answer: bool = False


@dataclass(frozen=True, slots=True)
class Baseline:
    """Two green runs that agree, and what was learned by comparing them.

    ``volatile_columns`` are (table, column) pairs and ``volatile_data`` (effect kind, field) pairs
    whose values differed between the two. ``idempotency_key`` says where the workflow's requests
    carry theirs (``header:NAME`` or ``body:FIELD``), None where they carry none. ``journal`` are
    tables that may keep rows when a request fails. ``retry_cap`` bounds attempts per operation.
    ``other`` is the second identity that the workflow names: headers, or a fixture that gives them.
    ``races`` False keeps it out of races; ``races_with`` are other workflows to race it with.
    """

    nodeid: str
    workflow: str
    trace: Trace
    steps: tuple[StepBaseline, ...]
    volatile_columns: frozenset[tuple[str, str]] = frozenset()
    volatile_data: frozenset[tuple[str, str]] = frozenset()
    idempotency_key: str | None = None
    journal: frozenset[str] = frozenset()
    budget_ms: int = 5_000
    retry_cap: int = 4
    duration_ms: float = 0.0
    other: Headers | str = ()
    races: bool = True
    races_with: tuple[str, ...] = ()

    def until(self, step: str | None) -> Observation:
        """The cumulative observation up to and including a step; of the whole run for None."""
        changes: list[Change] = []
        effects: list[Effect] = []
        for one in self.steps:
            changes += one.observed.changes
            effects += one.observed.effects
            if one.name == step:
                break
        return Observation(tuple(changes), tuple(effects))

    def before(self, step: str) -> Observation:
        """The cumulative observation up to a step, itself left out."""
        names = [one.name for one in self.steps]
        place = names.index(step) if step in names else 0
        return self.until(names[place - 1]) if place else Observation()

    def step(self, name: str | None) -> StepBaseline | None:
        return next((one for one in self.steps if one.name == name), None)
