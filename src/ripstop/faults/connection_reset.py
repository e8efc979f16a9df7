"""The fault `connection_reset`: a reset, and the effect did not happen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from ripstop.faults.keyed import asks
from ripstop.faults.params import spec_of
from ripstop.faults.where import is_call
from ripstop.model.fault import Commands, CutClient, Facts, FaultSpec, Forward
from ripstop.model.trace import Crossing


@dataclass(frozen=True, slots=True)
class ConnectionReset:
    """The connection is reset after the request was sent; the effect did **not** happen.

    **What happens.** The request is read whole and thrown away, then the connection to the service is
    reset (`ECONNRESET`). The provider never saw it. *redis*: the same, at its own place in a pipeline:
    what came before it was carried out and answered. At EXEC the whole transaction did not happen.

    **Why it matters.** To the caller this looks exactly like `reply_lost`, where the effect did happen.
    A service cannot tell the two apart and must not try: only an idempotency key makes trying again safe.

    **Tears.**

    ```python
    except httpx.ReadError:
        order.status = "paid"      # surely it arrived
    ```

    **Instead.** Record the intent first, try again with the same idempotency key, and settle what
    stayed open later by asking the provider.
    """

    name: ClassVar[str] = "connection_reset"
    protocols: ClassVar[frozenset[str]] = frozenset({"http", "redis"})
    waits: ClassVar[bool] = False
    ambiguous: ClassVar[bool] = False

    @property
    def spec(self) -> FaultSpec:
        return spec_of(self)

    @classmethod
    def offers(cls, crossing: Crossing, facts: Facts) -> Iterable[ConnectionReset]:
        if is_call(crossing) or asks(crossing):
            yield cls()

    def at_step(self) -> Commands:
        return ()

    def on_request(self, crossing: Crossing) -> Commands:
        return (CutClient(),)

    def on_reply(self, crossing: Crossing, reply: Any) -> Commands:
        return (Forward(),)


def connection_reset() -> FaultSpec:
    """A reset after the request was sent; the effect did not happen."""
    return ConnectionReset().spec
