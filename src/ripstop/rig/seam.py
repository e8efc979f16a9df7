"""What the rig asks of every seam, whatever its protocol. Coroutines run in the wire thread."""

from __future__ import annotations

from typing import Protocol

from ripstop.model.fault import Commands


class Seam(Protocol):
    """A boundary of the service with its own listening port."""

    @property
    def name(self) -> str: ...

    @property
    def protocol(self) -> str: ...

    @property
    def port(self) -> int: ...

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def at_step(self, commands: Commands) -> None:
        """Obey what acts before a step's request: CutIdle, Refuse, Blackhole."""
        ...

    async def heal(self) -> None:
        """Undo every fault: abort what is held, listen again. Held bytes are never forwarded."""
        ...

    def busy(self) -> tuple[str, ...]:
        """What is going on, as texts: crossings under way or held, open transactions. Any thread."""
        ...

    def idle_sessions(self) -> int: ...

    def attempts(self) -> int:
        """Attempts to connect since a fault last closed the port; 0 says that nobody tried."""
        ...
