"""The fault `repeated_request`: the same request arrives twice, one after the other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from ripstop.faults.params import spec_of
from ripstop.model.fault import Commands, Facts, FaultSpec, Forward, Repeat
from ripstop.model.trace import Crossing


@dataclass(frozen=True, slots=True)
class RepeatedRequest:
    """The caller sends the same request again, byte for byte, although it was answered.

    **What happens.** The request is answered as ever. Then it arrives once more, with the same
    idempotency key: a browser's reload, a proxy that retries, a queue that delivers at least once.

    **Why it matters.** A key promises that sending again is safe. A service that takes the key and
    does not keep it does everything twice.

    **Tears.**

    ```python
    def place_order(order):
        charge(order, key=order.idempotency_key)     # the provider keeps the key ...
        db.insert(order)                             # ... and the service does not
    ```

    **Instead.** Let the database keep the promise, and answer what stands there.

    ```sql
    ALTER TABLE orders ADD UNIQUE (idempotency_key);   -- INSERT ... ON CONFLICT DO NOTHING
    ```
    """

    name: ClassVar[str] = "repeated_request"
    protocols: ClassVar[frozenset[str]] = frozenset({"client"})
    waits: ClassVar[bool] = False
    ambiguous: ClassVar[bool] = False

    @property
    def spec(self) -> FaultSpec:
        return spec_of(self)

    @classmethod
    def offers(cls, crossing: Crossing, facts: Facts) -> Iterable[RepeatedRequest]:
        if crossing.protocol == "client" and facts.carries_key:
            yield cls()

    def at_step(self) -> Commands:
        return ()

    def on_request(self, crossing: Crossing) -> Commands:
        return (Forward(),)

    def on_reply(self, crossing: Crossing, reply: Any) -> Commands:
        return (Forward(), Repeat())


def repeated_request() -> FaultSpec:
    """The same request arrives again after it was answered."""
    return RepeatedRequest().spec
