"""The stand of a clock seam: nothing stands behind it and nothing connects to it; it shows the time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ripstop.config import Config, SeamConfig
from ripstop.model.fault import Commands, Facts
from ripstop.model.state import Observation
from ripstop.model.trace import CLOCK
from ripstop.rig.stand import Address, Ground
from ripstop.service.clock import Clock


@dataclass(frozen=True, slots=True)
class ClockSeam:
    """A boundary that nobody connects to: its faults move ``Clock`` before a step, which the rig does."""

    name: str
    protocol: str = CLOCK
    port: int = 0

    async def start(self) -> None:
        """There is nothing to listen for."""

    async def stop(self) -> None:
        """Nothing was started."""

    async def at_step(self, commands: Commands) -> None:
        """Moves are made by the rig, which knows what this run's steps were answered."""

    async def heal(self) -> None:
        """Time goes back only once the run is over."""

    def busy(self) -> tuple[str, ...]:
        return ()

    def idle_sessions(self) -> int:
        return 0

    def attempts(self) -> int:
        return 0


@dataclass(frozen=True, slots=True)
class ClockStand:
    """``clock`` is the one that the service and its servers live by."""

    clock: Clock
    seam: ClockSeam

    @classmethod
    def build(cls, seam: SeamConfig, _config: Config, ground: Ground) -> ClockStand:
        assert ground.clock is not None, "the clock starts before what lives by it"
        return cls(ground.clock, ClockSeam(seam.name))

    def direct(self) -> Address:
        return {}

    def proxied(self) -> Address:
        return {}

    def open(self, activity: Callable[[], object]) -> None:
        """Time needs no watching."""

    def close(self) -> None:
        """The clock ends after all that live by it."""

    def begin(self) -> None:
        """It was set back with the last test's state."""

    def enter_call(self) -> None:
        """What passed in the set-up has passed."""

    def observe(self) -> Observation:
        return Observation()

    def busy(self) -> tuple[str, ...]:
        return ()

    def redeliver(self) -> int:
        return 0

    def mark(self, stand_down: Callable[[], None]) -> str:
        return ""

    def reset(self, stand_down: Callable[[], None]) -> str:
        return ""

    def end_cut_sessions(self) -> tuple[str, ...]:
        return ()

    def facts(self, operation: str) -> Facts:
        return Facts()

    def problems(self) -> tuple[str, ...]:
        return ()

    def refused(self) -> tuple[str, ...]:
        return ()
