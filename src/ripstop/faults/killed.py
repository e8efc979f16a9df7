"""The fault `killed`: the service's process is gone between two crossings."""

from __future__ import annotations

import signal
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from ripstop.faults.params import require, spec_of
from ripstop.faults.where import is_effect, is_exchange
from ripstop.model.fault import Commands, CutBoth, CutClient, Facts, FaultSpec, Forward, Signal
from ripstop.model.trace import Crossing

_WHEN = ("before", "after")


@dataclass(frozen=True, slots=True)
class Killed:
    """The process that made the crossing is killed, and started again as a supervisor would.

    **What happens.** SIGKILL, to the process and to all it started. With `when` set to `before` the request
    has left the service and is not passed on; with `after` the other side has done it and answered, and
    nobody is left to read the answer. Open transactions end as the server ends them. The experiment
    then starts the service again, and the caller sends the request again, byte for byte.

    **Why it matters.** Memory limits, deployments and hardware do this every day, and no `except` or
    `finally` runs. Whatever was only in memory is gone; what was done stands.

    **Tears.**

    ```python
    charge = provider.charge(total)              # the money has moved
    order = await orders.insert(charge.id)       # the process is killed before this line
    ```

    **Instead.** Write down the intention before the effect, under a key the caller keeps, and let the same
    request find it again.

    ```python
    attempt = await attempts.begin(key)                          # committed first
    charge = provider.charge(total, idempotency_key=attempt.key) # the same charge on every try
    await orders.insert_once(key, charge.id)
    ```
    """

    name: ClassVar[str] = "killed"
    protocols: ClassVar[frozenset[str]] = frozenset({"http", "postgres", "redis", "smtp"})
    waits: ClassVar[bool] = False
    ambiguous: ClassVar[bool] = True

    when: str = "before"

    def __post_init__(self) -> None:
        require(self.when in _WHEN, self.name, f"when: wants before or after, got {self.when!r}")

    @property
    def spec(self) -> FaultSpec:
        return spec_of(self)

    @classmethod
    def offers(cls, crossing: Crossing, facts: Facts) -> Iterable[Killed]:
        if is_exchange(crossing):
            yield cls("before")
        if is_effect(crossing):
            yield cls("after")

    def at_step(self) -> Commands:
        return ()

    def on_request(self, crossing: Crossing) -> Commands:
        return (Signal(signal.SIGKILL), CutBoth()) if self.when == "before" else (Forward(),)

    def on_reply(self, crossing: Crossing, reply: Any) -> Commands:
        return (Signal(signal.SIGKILL), CutClient())


def killed(when: str = "before") -> FaultSpec:
    """SIGKILL at a crossing, ``before`` it is passed on or ``after`` it was answered; then a restart."""
    return Killed(when).spec
