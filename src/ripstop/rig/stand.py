"""What the rig asks of what stands at a seam: a proxy, the server or double behind it, what is read of it.

One class a protocol, in ``stands``; the rig treats all of them alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from ripstop.model.fault import Facts
from ripstop.model.state import Observation
from ripstop.rig.loop import WireThread
from ripstop.rig.seam import Seam
from ripstop.seams.board import Board
from ripstop.service.certificates import Authority
from ripstop.service.clock import Clock
from ripstop.service.postgres import PostgresServer

Address = Mapping[str, str]
"""The fields a configuration's templates may name: ``host``, ``port``, ``url`` and a protocol's own."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What every stand of a rig stands on: one thread for sockets, one board, one certificate authority.

    ``base_url`` is where the service is, once it runs. ``servers`` are the PostgreSQL servers by the
    seam that started them, for databases on the same one. ``clock`` is there where the time can be moved:
    what is started lives by it.
    """

    wire: WireThread
    board: Board
    authority: Authority
    base_url: Callable[[], str]
    servers: dict[str, PostgresServer] = field(default_factory=dict)
    clock: Clock | None = None

    @property
    def environment(self) -> dict[str, str]:
        """What a server is given besides its own settings."""
        return self.clock.environment({"LD_PRELOAD": ""}) if self.clock else {}


class Stand(Protocol):
    """One seam of the rig. Called from the thread that runs experiments, never from the wire's."""

    @property
    def seam(self) -> Seam: ...

    def direct(self) -> Address | None:
        """Where the real server is, past the proxy; None where there is none but the seam itself."""
        ...

    def proxied(self) -> Address:
        """Where the service finds it."""
        ...

    def open(self, activity: Callable[[], object]) -> None:
        """Begin to watch state: after the set-up command, before the service starts.

        ``activity`` gives a token that changes whenever the service may have changed something.
        """
        ...

    def close(self) -> None:
        """Stop what was started, the seam aside. A second call changes nothing."""
        ...

    def begin(self) -> None:
        """A new run: what the outside world remembers is forgotten."""
        ...

    def enter_call(self) -> None:
        """What is observed from here on is the test's own."""
        ...

    def observe(self) -> Observation:
        """What was committed and what happened since the call began."""
        ...

    def busy(self) -> tuple[str, ...]:
        """What is going on here, as texts. Any thread."""
        ...

    def redeliver(self) -> int:
        """Send the service again what it did not take; how much that was."""
        ...

    def mark(self, stand_down: Callable[[], None]) -> str:
        """What stands now stays. ``stand_down`` ends the service's connections; why it was, or empty."""
        ...

    def reset(self, stand_down: Callable[[], None]) -> str:
        """Back to the mark. Why the service's connections had to end, empty where they did not."""
        ...

    def end_cut_sessions(self) -> tuple[str, ...]:
        """See that the server is done with connections that were cut; what would not end."""
        ...

    def facts(self, operation: str) -> Facts:
        """What is known here that makes a fault real."""
        ...

    def problems(self) -> tuple[str, ...]:
        """Defects of what stands here, such as a double that raised."""
        ...

    def refused(self) -> tuple[str, ...]:
        """Calls that nothing here answers to."""
        ...


def together(observations: Iterable[Observation]) -> Observation:
    """Several seams' observations as one."""
    seen = tuple(observations)
    return Observation(
        tuple(change for one in seen for change in one.changes),
        tuple(effect for one in seen for effect in one.effects),
        tuple(key for one in seen for key in one.keys),
    )
