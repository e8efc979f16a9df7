"""The fault `evicted`: the key is gone just before it is read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from ripstop.faults.keyed import asks, keys
from ripstop.faults.params import spec_of
from ripstop.model.fault import Commands, Facts, FaultSpec, Forward, RunServer
from ripstop.model.trace import Crossing, Kind
from ripstop.wire.redis.requests import encode


@dataclass(frozen=True, slots=True)
class Evicted:
    """The key a service counts on is gone: evicted, expired, or lost with a server that kept no data.

    **What happens.** Just before a read is passed on, its keys are really deleted on the real server. The
    answer is the server's own: nothing. The keys stay gone. Where there was no key, nothing happens, and
    the fault counts as not exercised.

    **Why it matters.** What is in Redis may vanish between any two commands: `maxmemory` evicts it, its
    time runs out, a failover loses the last second. Code that wrote a key a moment ago tends to be sure
    of it.

    **Tears.**

    ```python
    cart = json.loads(store.get(f"cart:{id}"))       # TypeError: None; or an order of an empty cart
    ```

    **Instead.** Take "not there" as an answer: rebuild it from the database, or say what was lost.

    ```python
    raw = store.get(f"cart:{id}")
    if raw is None:
        return JSONResponse({"error": "cart_expired"}, 409)
    ```
    """

    name: ClassVar[str] = "evicted"
    protocols: ClassVar[frozenset[str]] = frozenset({"redis"})
    waits: ClassVar[bool] = False
    ambiguous: ClassVar[bool] = False

    @property
    def spec(self) -> FaultSpec:
        return spec_of(self)

    @classmethod
    def offers(cls, crossing: Crossing, facts: Facts) -> Iterable[Evicted]:
        if asks(crossing) and crossing.kind is Kind.READ and keys(crossing):
            yield cls()

    def at_step(self) -> Commands:
        return ()

    def on_request(self, crossing: Crossing) -> Commands:
        gone = keys(crossing)
        if not gone or crossing.in_transaction:
            return (Forward(),)
        return (RunServer(encode("DEL", *gone)), Forward())

    def on_reply(self, crossing: Crossing, reply: Any) -> Commands:
        return (Forward(),)


def evicted() -> FaultSpec:
    """The keys are really deleted just before they are read."""
    return Evicted().spec
