"""The fault `terminated`: the service is told to end while a request is in flight."""

from __future__ import annotations

import signal
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from ripstop.faults.params import spec_of
from ripstop.faults.where import is_effect
from ripstop.model.fault import Commands, Facts, FaultSpec, Forward, Signal
from ripstop.model.trace import Crossing


@dataclass(frozen=True, slots=True)
class Terminated:
    """The process that made the crossing is told to end (SIGTERM) in the middle of a request.

    **What happens.** SIGTERM arrives while a crossing is under way; the crossing itself goes on. A service
    that drains finishes the request and ends; one that does not drops it. It is then started again, and
    the caller sends the request again if it was not answered.

    **Why it matters.** Every deployment does it, with requests in flight.

    **Tears.**

    ```python
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))   # between the charge and the order
    ```

    **Instead.** Stop accepting, finish what is in flight, then end; and make the request safe to send again
    for the time when the supervisor does not wait.
    """

    name: ClassVar[str] = "terminated"
    protocols: ClassVar[frozenset[str]] = frozenset({"http", "postgres", "redis", "smtp"})
    waits: ClassVar[bool] = False
    ambiguous: ClassVar[bool] = True

    @property
    def spec(self) -> FaultSpec:
        return spec_of(self)

    @classmethod
    def offers(cls, crossing: Crossing, facts: Facts) -> Iterable[Terminated]:
        if is_effect(crossing):
            yield cls()

    def at_step(self) -> Commands:
        return ()

    def on_request(self, crossing: Crossing) -> Commands:
        return (Signal(signal.SIGTERM), Forward())

    def on_reply(self, crossing: Crossing, reply: Any) -> Commands:
        return (Forward(),)


def terminated() -> FaultSpec:
    """SIGTERM while a crossing is under way; then a restart."""
    return Terminated().spec
