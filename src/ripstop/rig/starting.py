"""A rig on its way: what can be done before the service serves is done meanwhile, by whoever waits for it.

Nothing here runs in a thread of its own: the set-up command and the service are processes, and while they
start, the one that started them has its hands free.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ripstop.config import Config
from ripstop.rig.parts import Launch, assemble
from ripstop.rig.rig import Rig


@dataclass(slots=True)
class Starting:
    """Made by ``begin``, ended by ``close``, whether or not ``ready`` was ever asked."""

    config: Config
    launch: Launch
    _rig: Rig | None = None

    @classmethod
    def begin(cls, config: Config, *, meanwhile: Callable[[], object] = lambda: None) -> Starting:
        """Start all there is and spawn the service. Raises StartError or UsageError.

        ``meanwhile`` is called while the first set-up command runs, where there is one.
        """
        return cls(config, assemble(config, meanwhile=meanwhile))

    def ready(self) -> Rig:
        """The rig, once the service serves. Raises StartError."""
        if self._rig is None:
            self._rig = Rig(self.config, self.launch.parts, self.launch.ready())
        return self._rig

    def close(self) -> None:
        """Stop everything. A second call changes nothing."""
        if self._rig is not None:
            self._rig.close()
        self.launch.parts.closing.close()
