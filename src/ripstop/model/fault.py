"""Faults and the commands they speak in: a fault is asked at each hook and answers with data.

A seam owns sockets and time; a fault owns neither. At each moment of a crossing the seam
asks the fault armed there what to do and obeys, in order, the commands it gets back.

The moments:

* ``at_step``     before the step's request is sent (pools are cut, ports closed)
* ``on_request``  the crossing has arrived whole and was not passed on
* ``on_reply``    the other side has answered whole; nothing was sent back yet
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol, Self

from ripstop.model.http import Headers, Reply, Request
from ripstop.model.state import ColumnRule, UniqueIndex
from ripstop.model.trace import Crossing

Param = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Forward:
    """Pass the request (or the reply) on, untouched."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Keep it and say nothing. Healing never forwards what was held: it aborts the crossing."""


@dataclass(frozen=True, slots=True)
class Delay:
    """Wait before the next command."""

    delay_ms: int


@dataclass(frozen=True, slots=True)
class CutClient:
    """Reset the connection to the service (an RST; no byte that was not sent yet arrives)."""


@dataclass(frozen=True, slots=True)
class CutBoth:
    """Reset both connections; what the other side was doing is aborted and waited for."""


@dataclass(frozen=True, slots=True)
class CutIdle:
    """End every idle connection of the seam, as a server does that restarts."""


@dataclass(frozen=True, slots=True)
class Refuse:
    """Stop listening until healed: new connections are refused by the kernel (ECONNREFUSED)."""


@dataclass(frozen=True, slots=True)
class Blackhole:
    """Let connection attempts vanish until healed: the kernel drops their SYNs."""


@dataclass(frozen=True, slots=True)
class Darken:
    """Let the seam's intercepted host names not resolve until healed."""


@dataclass(frozen=True, slots=True)
class SendBackend:
    """PostgreSQL: run ``sql`` on the session's real backend in the crossing's place.

    What succeeds is hidden from the client. ``error`` replaces fields of the ErrorResponse the
    backend gives (keys are the protocol's one-letter field types); None in it drops a field.
    ``before`` is run, and hidden, first; ``after_error`` is run once the error has been relayed
    and before ReadyForQuery is (to leave the session in the state a real failure leaves it).
    """

    sql: str
    error: Mapping[str, str | None] = field(default_factory=dict)
    before: str = ""
    after_error: str = ""


@dataclass(frozen=True, slots=True)
class Fatal:
    """PostgreSQL: refuse a session at start-up with this FATAL, then close (protocol 55.2.1)."""

    sqlstate: str
    message: str


@dataclass(frozen=True, slots=True)
class SendClient:
    """HTTP: answer with ``reply`` instead. ``truncate_at`` closes after so many body bytes;
    ``dribble_ms`` waits that long between single bytes."""

    reply: Reply
    truncate_at: int | None = None
    dribble_ms: int = 0


@dataclass(frozen=True, slots=True)
class Repeat:
    """Client: once the answer has come, send the same request again, byte for byte."""


@dataclass(frozen=True, slots=True)
class Redeliver:
    """HTTP: have each event that this call leads to delivered twice."""


@dataclass(frozen=True, slots=True)
class SayClient:
    """Redis, SMTP: answer with these bytes in the server's place; with ``close`` end in order (FIN)."""

    data: bytes
    close: bool = False


@dataclass(frozen=True, slots=True)
class RunServer:
    """Redis, SMTP: run this on the session's real server first, whole requests; replies are hidden."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Replace:
    """Client: send this request in place of the recorded one."""

    request: Request


@dataclass(frozen=True, slots=True)
class Depart:
    """Client: reset the connection once the service is at work, before it has answered."""


@dataclass(frozen=True, slots=True)
class Yield:
    """Keep it and let the other of two racing requests go on; then the next command.

    Where no race is run it means nothing. Healing aborts it as it does what is held.
    """


@dataclass(frozen=True, slots=True)
class Signal:
    """Process: send the service's process this signal now (``signal.SIGKILL`` for a crash)."""

    number: int


@dataclass(frozen=True, slots=True)
class MoveClock:
    """Clock: before the step, show ``by_s`` seconds after a moment.

    The moment ``to`` is ``now``, ``expiry`` (what this run said at the place ``of``), or one of those that
    the whole run takes place at, its set-up included: ``month_end``, ``leap_day``, ``dst_forward``,
    ``dst_back``.
    """

    to: str
    by_s: float = 0.0
    of: str = ""

    @property
    def whole_run(self) -> bool:
        return self.to not in ("now", "expiry")


Command = (
    Forward
    | Hold
    | Delay
    | CutClient
    | CutBoth
    | CutIdle
    | Refuse
    | Blackhole
    | Darken
    | SendBackend
    | Fatal
    | SendClient
    | Repeat
    | Redeliver
    | SayClient
    | RunServer
    | Replace
    | Depart
    | Yield
    | Signal
    | MoveClock
)
Commands = tuple[Command, ...]


@dataclass(frozen=True, slots=True, order=True)
class FaultSpec:
    """A fault as data: its stable name and its parameters, in order of name."""

    name: str
    params: tuple[tuple[str, Param], ...] = ()

    @classmethod
    def of(cls, name: str, **params: Param) -> Self:
        return cls(name, tuple(sorted(params.items())))

    def __str__(self) -> str:
        if not self.params:
            return self.name
        return f"{self.name}({', '.join(f'{key}={value}' for key, value in self.params)})"


@dataclass(frozen=True, slots=True)
class Facts:
    """What a seam knows that helps a fault to be real.

    ``unique_indexes`` come from the live schema; ``errors`` are the double's declared errors for
    the crossing's operation, by name; ``error_shape`` maps a status to the provider's own body.
    ``reply`` is what the other side answered in the baseline, where the seam keeps it (http);
    ``hosts`` are the names under which the service knows the other side, where they are intercepted;
    ``webhooks`` is True where the other side sends the service events.
    ``budget_ms`` is how long a caller waits before an answer counts as none; ``carries_key`` is
    True where an inbound request carries the idempotency key its workflow names.
    For inbound crossings ``request`` is the recorded request, ``columns`` maps a JSON pointer of its
    body to the column that took the field's value in the baseline, ``credentials`` are the headers that
    say who asks (with empty values where only their names are known) and ``other`` those of a second
    identity, empty where the workflow names none; ``declared`` is True where the workflow said itself
    where its credentials are. ``rules`` is what the live schema demands of every column, ``key`` where
    the idempotency key is (``header:X``, ``body:x``), ``leaves`` True where the request leaves rows or
    effects in the baseline. ``rivals`` are those that can race the crossing's step from here.
    For a clock ``expiries`` are the places of what expires later than the crossing's step begins, ``zone``
    is the configured time zone, and ``first`` True at the first step, before which no time has passed.
    """

    unique_indexes: tuple[UniqueIndex, ...] = ()
    errors: Mapping[str, Reply] = field(default_factory=dict)
    error_shapes: Mapping[int, Reply] = field(default_factory=dict)
    reply: Reply | None = None
    hosts: tuple[str, ...] = ()
    webhooks: bool = False
    budget_ms: int = 5_000
    carries_key: bool = False
    request: Request | None = None
    columns: Mapping[str, ColumnRule] = field(default_factory=dict)
    credentials: Headers = ()
    other: Headers = ()
    declared: bool = False
    rules: tuple[ColumnRule, ...] = ()
    key: str = ""
    leaves: bool = False
    rivals: tuple[str, ...] = ()
    expiries: tuple[str, ...] = ()
    zone: str = ""
    first: bool = False


class Fault(Protocol):
    """One way to break a crossing. Implementations are frozen dataclasses, one file each."""

    name: ClassVar[str]
    protocols: ClassVar[frozenset[str]]
    waits: ClassVar[bool]
    """True where the caller waits for as long as it chooses to: each run costs its budget."""
    ambiguous: ClassVar[bool]
    """True where the effect happened and the caller cannot know it."""

    @property
    def spec(self) -> FaultSpec: ...

    @classmethod
    def offers(cls, crossing: Crossing, facts: Facts) -> Iterable[Self]:
        """The forms in which this fault can really happen at a recorded crossing."""
        ...

    def at_step(self) -> Commands: ...

    def on_request(self, crossing: Crossing) -> Commands: ...

    def on_reply(self, crossing: Crossing, reply: Any) -> Commands: ...
