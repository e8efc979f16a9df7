"""What reading the code tells: routes, the seams each reaches, what is risky. Nothing here was run."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from ripstop.model.trace import Kind


class Sureness(StrEnum):
    """How sure a claim is.

    ``certain``: the running application or the syntax itself says so. ``likely``: followed through a
    name whose type was inferred. ``guess``: only the name suggests it.
    """

    CERTAIN = "certain"
    LIKELY = "likely"
    GUESS = "guess"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A line of the project: ``path`` relative to its root with forward slashes, ``line`` from 1."""

    path: str
    line: int
    symbol: str = ""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


@dataclass(frozen=True, slots=True)
class Route:
    """One way in. ``path`` is written with ``{name}`` for its variable parts, whatever the framework.

    ``handler`` is the qualified name of the function that answers; ``found_by`` is ``import`` or
    ``syntax``; ``guards`` are the qualified names of dependencies, decorators and middleware before it.
    ``body`` is the JSON Schema of the request's body, where the application tells it.
    """

    method: str
    path: str
    handler: str
    place: Place
    framework: str
    found_by: str = "syntax"
    sureness: Sureness = Sureness.CERTAIN
    guards: tuple[str, ...] = ()
    body: object = None

    @property
    def operation(self) -> str:
        return f"{self.method.upper()} {self.path}"


@dataclass(frozen=True, slots=True)
class Reach:
    """One crossing that a handler can make, read from its code.

    ``protocol`` is ``postgres``, ``http``, ``redis``, ``smtp``, ``queue`` or ``storage``, or the name of
    another kind of server; ``operation`` is written as a trace writes it. ``target`` is the table, the
    host, or ``$NAME`` where a setting holds the address. ``client`` is the library that does it, ``via``
    the calls from the handler to ``place``. ``timeout`` and ``key`` tell whether the call states a limit
    and an idempotency key: None where that does not apply or cannot be seen. ``caught`` are the
    exceptions caught around it, innermost first. ``effect``: it changes the outside world.
    """

    protocol: str
    operation: str
    kind: Kind
    place: Place
    target: str = ""
    client: str = ""
    sureness: Sureness = Sureness.CERTAIN
    via: tuple[Place, ...] = ()
    in_transaction: bool = False
    in_loop: bool = False
    effect: bool = False
    timeout: bool | None = None
    key: bool | None = None
    caught: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hazard:
    """One reason why a workflow is risky: a stable ``slug``, one sentence, the line, and its weight."""

    slug: str
    reason: str
    weight: int
    place: Place
    sureness: Sureness = Sureness.CERTAIN


@dataclass(frozen=True, slots=True)
class Exit:
    """A way out of a handler that is no success: ``kind`` is ``except``, ``answer`` or ``raise``.

    ``what`` names the exceptions caught, the status answered or the exception raised. ``entered_by`` are
    the tests or experiments that were seen to take it, None where nobody has looked.
    """

    kind: str
    what: str
    place: Place
    entered_by: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class FailureMode:
    """One fault at one crossing; ``tested_by`` are the tests in which it happened.

    ``explored`` is what the last exploration said of it (``held``, ``torn``, ``unknown``), empty for nothing.
    """

    protocol: str
    operation: str
    fault: str
    place: Place
    tested_by: tuple[str, ...] = ()
    explored: str = ""


@dataclass(frozen=True, slots=True)
class Stake:
    """What a person says a workflow is worth; every field may be missing.

    Money in the currency's units as written (``currency`` names it), ``frequency`` in runs a month.
    """

    risk: str = ""
    revenue: float | None = None
    cost_of_failure: float | None = None
    frequency: float | None = None
    currency: str = ""
    owner: str = ""
    said_at: Place | None = None


@dataclass(frozen=True, slots=True)
class Ranked:
    """One workflow found in the code: a route and all that hangs on it, with its risk.

    ``score`` orders the workflows, highest first; ``tests`` are the node ids of tests that call the
    route, ``error_tests`` those of them that take an error path.
    """

    route: Route
    reaches: tuple[Reach, ...] = ()
    hazards: tuple[Hazard, ...] = ()
    score: int = 0
    stake: Stake = Stake()
    exits: tuple[Exit, ...] = ()
    failure_modes: tuple[FailureMode, ...] = ()
    tests: tuple[str, ...] = ()
    error_tests: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A route that is not ranked, and why."""

    route: Route
    reason: str


@dataclass(frozen=True, slots=True)
class Unread:
    """A file that could not be read as code: the place, what is wrong with it."""

    place: Place
    why: str


@dataclass(frozen=True, slots=True)
class RiskCoverage:
    """How much of the ranked risk stands behind tests; counts, so that a reader can check the shares.

    ``risk_tested`` of ``risk_total`` is the score behind a passing test; of ``tests``, ``error_tests``
    take an error path. Generated tests are counted apart from those a person wrote.
    """

    risk_total: int = 0
    risk_tested: int = 0
    tests: int = 0
    error_tests: int = 0
    generated: int = 0
    generated_error_tests: int = 0


@dataclass(frozen=True, slots=True)
class Survey:
    """The whole of what was read. ``notes`` are sentences for the person, most important first."""

    workflows: tuple[Ranked, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    unread: tuple[Unread, ...] = ()
    coverage: RiskCoverage = RiskCoverage()
    files: int = 0
    seconds: float = 0.0
    notes: tuple[str, ...] = field(default=())
