"""The fault `paused`: the service's process stands still past its caller's patience."""

from __future__ import annotations

import signal
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from ripstop.faults.params import spec_of
from ripstop.faults.where import is_commit
from ripstop.model.fault import Commands, Facts, FaultSpec, Forward, Signal
from ripstop.model.trace import Crossing


@dataclass(frozen=True, slots=True)
class Paused:
    """The process stands still in the middle of a request, its caller gives up, and then it goes on.

    **What happens.** SIGSTOP, to the process and to all it started, as the crossing is passed on. The other
    side does its part and its answer waits in the socket. The caller gives up after a second. Then the
    process goes on (SIGCONT) as if nothing had been, and the caller sends the same request again.

    **Why it matters.** A virtual machine that is moved, a laptop lid, a long garbage collection: the clock
    jumps, leases and locks run out, and the process does not know it.

    **Tears.**

    ```python
    with lock("order-42", seconds=2):            # ran out while the process stood still
        await orders.insert(order)               # and so did somebody else
    ```

    **Instead.** Let the database refuse what comes late: a unique key, a version column, a fencing token.
    """

    name: ClassVar[str] = "paused"
    protocols: ClassVar[frozenset[str]] = frozenset({"http", "postgres", "redis", "smtp"})
    waits: ClassVar[bool] = False
    ambiguous: ClassVar[bool] = True

    @property
    def spec(self) -> FaultSpec:
        return spec_of(self)

    @classmethod
    def offers(cls, crossing: Crossing, facts: Facts) -> Iterable[Paused]:
        if is_commit(crossing):
            yield cls()

    def at_step(self) -> Commands:
        return ()

    def on_request(self, crossing: Crossing) -> Commands:
        return (Signal(signal.SIGSTOP), Forward())

    def on_reply(self, crossing: Crossing, reply: Any) -> Commands:
        return (Forward(),)


def paused() -> FaultSpec:
    """The process stands still from a crossing on until the caller has given up, then goes on."""
    return Paused().spec
