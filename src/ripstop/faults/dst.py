"""The fault `dst`: the clocks are changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from ripstop.faults.params import require, spec_of
from ripstop.model.fault import Commands, Facts, FaultSpec, Forward, MoveClock
from ripstop.model.trace import Crossing

CHANGES = ("forward", "back")


@dataclass(frozen=True, slots=True)
class Dst:
    """The clocks are changed.

    **What happens.** The run takes place where the configured zone changes between winter and summer time:
    half an hour before an hour that is left out, or half way through an hour that comes a second time. All
    processes and servers show that time from the run's set-up on.

    **Parameters.** `change`: `forward` before the hour that is left out, `back` in the one that is repeated.

    **Why it matters.** Twice a year a local time does not exist, or there are two of it. Code that keeps
    local times raises, counts an hour twice, or does the night's work never or twice.

    **Tears.**

    ```python
    pytz.timezone("Europe/Berlin").localize(datetime.now(), is_dst=None)     # AmbiguousTimeError
    ```

    **Instead.** Keep moments in UTC, and turn them into local times only to show them.

    ```python
    datetime.now(UTC).astimezone(ZoneInfo("Europe/Berlin"))
    ```
    """

    name: ClassVar[str] = "dst"
    protocols: ClassVar[frozenset[str]] = frozenset({"clock"})
    waits: ClassVar[bool] = False
    ambiguous: ClassVar[bool] = False

    change: str

    def __post_init__(self) -> None:
        require(self.change in CHANGES, self.name, f"change: one of {', '.join(CHANGES)}")

    @property
    def spec(self) -> FaultSpec:
        return spec_of(self)

    @classmethod
    def offers(cls, crossing: Crossing, facts: Facts) -> Iterable[Dst]:
        if facts.first and facts.zone:
            yield from (cls(change) for change in CHANGES)

    def at_step(self) -> Commands:
        return (MoveClock(f"dst_{self.change}"),)

    def on_request(self, crossing: Crossing) -> Commands:
        return (Forward(),)

    def on_reply(self, crossing: Crossing, reply: Any) -> Commands:
        return (Forward(),)


def dst(change: str) -> FaultSpec:
    """The run takes place where the clocks of the configured zone are changed."""
    return Dst(change).spec
