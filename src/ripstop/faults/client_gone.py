"""The fault `client_gone`: the caller hangs up before the answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from ripstop.faults.params import spec_of
from ripstop.model.fault import Commands, Depart, Facts, FaultSpec, Forward
from ripstop.model.trace import Crossing


@dataclass(frozen=True, slots=True)
class ClientGone:
    """The caller hangs up before the answer, and comes again.

    **What happens.** The request is read whole. Once the service is at work for it (its first crossing of a
    seam is seen), the caller resets the connection. Later it sends the same request again, byte for byte.

    **Why it matters.** Phones lose their network, people close tabs, proxies give up after 30 s. Some
    servers cancel the work then, half way; most go on and finish it for nobody. Either way the caller does
    not know, and comes again.

    **Tears.**

    ```python
    @app.post("/orders")
    async def place_order(order):                 # cancelled between the two where the server cancels
        await charge(order)
        await save(order)                         # or done, and done again by the second request
    ```

    **Instead.** Make the request safe to repeat: a key under a unique index, the intent written first. What
    must not be cut in half is shielded.

    ```python
    await asyncio.shield(charge_and_save(order))
    ```
    """

    name: ClassVar[str] = "client_gone"
    protocols: ClassVar[frozenset[str]] = frozenset({"client"})
    waits: ClassVar[bool] = False
    ambiguous: ClassVar[bool] = False

    @property
    def spec(self) -> FaultSpec:
        return spec_of(self)

    @classmethod
    def offers(cls, crossing: Crossing, facts: Facts) -> Iterable[ClientGone]:
        if facts.leaves:
            yield cls()

    def at_step(self) -> Commands:
        return ()

    def on_request(self, crossing: Crossing) -> Commands:
        return (Depart(),)

    def on_reply(self, crossing: Crossing, reply: Any) -> Commands:
        return (Forward(),)


def client_gone() -> FaultSpec:
    """The caller resets the connection while the service is at work, and sends the request again."""
    return ClientGone().spec
