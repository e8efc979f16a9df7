"""Crossings and traces: what went over the seams during one run, and how each is identified."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

CONNECT = "CONNECT"
"""The operation of opening a connection. Kept out of comparisons between runs: pools decide when."""

CLIENT = "client"
"""The seam, and the protocol, of the requests the service is sent."""


CLOCK = "clock"
"""The protocol of what is broken by moving the time before a step."""

RIVAL = "rival: "
"""Before the step's name: the step of the second of two racing requests."""


class Kind(StrEnum):
    """What a crossing does to the other side; faults and oracles ask for this, never for text."""

    CONNECT = "connect"
    READ = "read"
    WRITE = "write"
    BEGIN = "begin"
    COMMIT = "commit"
    ROLLBACK = "rollback"
    OTHER = "other"
    CALL = "call"


class Phase(StrEnum):
    """Which part of an experiment a crossing fell into."""

    SETUP = "setup"
    CALL = "call"
    RIVAL = "rival"
    RETRY = "retry"
    RECOVERY = "recovery"


@dataclass(frozen=True, slots=True, order=True)
class CrossingId:
    """(step, seam, operation, nth): stable under concurrency and retries. ``nth`` counts from 1."""

    step: str
    seam: str
    operation: str
    nth: int = 1

    def __str__(self) -> str:
        times = f" (#{self.nth})" if self.nth > 1 else ""
        return f"{self.step} > {self.seam}: {self.operation}{times}"


@dataclass(frozen=True, slots=True)
class Crossing:
    """One exchange at a seam.

    ``at_ms`` and ``duration_ms`` are milliseconds since the run's start; ``outcome`` is
    ``ok``, ``error:SQLSTATE``, ``status:N``, ``cut``, ``held`` or ``refused``.
    ``open_writes`` names the uncommitted writes of the service at that moment (any session).
    ``fault`` is the text of the fault that broke this crossing, empty for none. ``process`` names the
    process that made it where that is one beside the service's own, such as a worker.
    """

    id: CrossingId
    protocol: str
    kind: Kind
    phase: Phase = Phase.CALL
    tables: tuple[str, ...] = ()
    text: str = ""
    session: int = 0
    in_transaction: bool = False
    open_writes: tuple[str, ...] = ()
    at_ms: float = 0.0
    duration_ms: float = 0.0
    outcome: str = "ok"
    after_answer: bool = False
    fault: str = ""
    process: str = ""


Trace = tuple[Crossing, ...]


def comparable(trace: Trace) -> tuple[CrossingId, ...]:
    """The identities of a run's own crossings in order, connecting and set-up left out."""
    return tuple(c.id for c in trace if c.phase is Phase.CALL and c.kind is not Kind.CONNECT)


_VOLATILE_SEGMENT = re.compile(
    r"^(\d+|[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}|[0-9a-fA-F]{12,}|(?=.*\d)[A-Za-z]{2,10}_[A-Za-z0-9]+|(?=.*\d)[A-Za-z0-9_-]{16,}|[^@]+(@|%40)[^@]+)$"
)


def operation_of(method: str, target: str) -> str:
    """An HTTP operation: the method and the path with its ids taken out, the query dropped.

    >>> operation_of("get", "/orders/42?full=1")
    'GET /orders/{id}'
    >>> operation_of("POST", "/password-recovery/ada%40example.com")
    'POST /password-recovery/{id}'
    """
    path = target.partition("?")[0]
    segments = ("{id}" if _VOLATILE_SEGMENT.match(s) else s for s in path.split("/"))
    return f"{method.upper()} {'/'.join(segments)}"
