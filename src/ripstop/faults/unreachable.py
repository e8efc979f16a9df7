"""The fault `unreachable`: packets vanish at connect."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from ripstop.faults.params import spec_of
from ripstop.faults.where import is_call, is_connect, is_mail_connect
from ripstop.model.fault import Blackhole, Commands, CutIdle, Facts, FaultSpec, Forward
from ripstop.model.trace import Crossing


@dataclass(frozen=True, slots=True)
class Unreachable:
    """Packets to the other side vanish: connecting neither succeeds nor fails.

    **What happens.** Before the step's request is sent, pooled connections are cut and the kernel drops
    every SYN, as a firewall, a dead host or a wrong route does. It lasts until the experiment heals. The
    effect is not applied.

    **Why it matters.** Left to itself Linux tries to connect for two minutes. A read time-out does not
    count yet: a client needs a *connect* time-out of its own.

    **Tears.**

    ```python
    requests.post(url, json=charge)                     # no time-out at all: the worker is gone for minutes
    ```

    **Instead.** Bound connecting apart from reading, below your own caller's patience.

    ```python
    httpx.Client(timeout=httpx.Timeout(3.0, connect=1.0))
    ```
    """

    name: ClassVar[str] = "unreachable"
    protocols: ClassVar[frozenset[str]] = frozenset({"http", "redis", "smtp"})
    waits: ClassVar[bool] = True
    ambiguous: ClassVar[bool] = False

    @property
    def spec(self) -> FaultSpec:
        return spec_of(self)

    @classmethod
    def offers(cls, crossing: Crossing, facts: Facts) -> Iterable[Unreachable]:
        if is_call(crossing) or is_mail_connect(crossing) or _is_redis_connect(crossing):
            yield cls()

    def at_step(self) -> Commands:
        return (CutIdle(), Blackhole())

    def on_request(self, crossing: Crossing) -> Commands:
        return (Forward(),)

    def on_reply(self, crossing: Crossing, reply: Any) -> Commands:
        return (Forward(),)


def _is_redis_connect(crossing: Crossing) -> bool:
    return crossing.protocol == "redis" and is_connect(crossing)


def unreachable() -> FaultSpec:
    """Packets vanish at connect, from the step on until healed."""
    return Unreachable().spec
