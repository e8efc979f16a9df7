"""What faults want done before a step's request: pools cut, ports closed, names dark; and whether it was met.

A port that nobody tried broke nothing, however firmly it was closed: such a fault has happened only
once a pooled connection was cut for it or an attempt is seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ripstop.model.fault import Blackhole, Darken, Forward, Refuse
from ripstop.model.plan import Armed, Injection
from ripstop.model.trace import Crossing, Kind
from ripstop.rig.seam import Seam
from ripstop.seams.board import Board
from ripstop.service.outbound import Interception


@dataclass(slots=True)
class Outages:
    """The outages of one rig. ``hosts`` are each seam's intercepted names."""

    board: Board
    seams: Mapping[str, Seam]
    outbound: Interception | None
    hosts: Mapping[str, tuple[str, ...]]
    _closed: list[tuple[Injection, Seam | Interception]] = field(default_factory=list)
    _cut: set[Injection] = field(default_factory=set)

    async def begin(self, step: Sequence[Armed]) -> None:
        """Obey the faults of a step. Runs in the wire thread."""
        for armed in step:
            commands = armed.fault.at_step()
            seam = self.seams.get(armed.injection.crossing.seam)
            if not commands or seam is None:
                continue
            idle = seam.idle_sessions()
            await seam.at_step(tuple(command for command in commands if command != Darken()))
            if Darken() in commands and self.outbound:
                self.outbound.darken(self.hosts[seam.name])
                self._closed.append((armed.injection, self.outbound))
            elif any(isinstance(command, Refuse | Blackhole) for command in commands):
                self._closed.append((armed.injection, seam))
                if idle and Refuse() in commands:
                    self._cut.add(armed.injection)
            elif idle and not _acts_later(armed, seam):
                self.board.fire_injection(armed.injection)

    def confirm(self) -> None:
        """Have those ports and names count as broken that somebody tried. To be asked before healing."""
        for injection, closed in self._closed:
            if injection in self._cut or closed.attempts():
                self.board.fire_injection(injection)

    def met_by_a_pool(self, step: str) -> bool:
        """Whether a port refuses and pooled connections were cut: they may be all that met the outage."""
        return any(injection.concerns(step) for injection in self._cut)

    async def end(self) -> None:
        """Heal every seam, and let every name resolve again. Runs in the wire thread."""
        self._closed.clear()
        self._cut.clear()
        if self.outbound:
            self.outbound.lighten()
        for seam in self.seams.values():
            await seam.heal()


def _acts_later(armed: Armed, seam: Seam) -> bool:
    """Whether a fault that cut the pool means to break the connection that follows as well."""
    connecting = Crossing(armed.injection.crossing, seam.protocol, Kind.CONNECT)
    return armed.fault.on_request(connecting) != (Forward(),)
