"""The fault `slow`: answered, but late."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from ripstop.faults.keyed import asks
from ripstop.faults.params import require, spec_of
from ripstop.faults.where import is_call, is_mail, works
from ripstop.model.fault import Commands, Delay, Facts, FaultSpec, Forward, SendClient
from ripstop.model.http import Reply
from ripstop.model.trace import Crossing

_OFFERED_MS = 300


@dataclass(frozen=True, slots=True)
class Slow:
    """Answered, but slowly: late as a whole, or byte by byte.

    **What happens.** With `delay_ms` the answer comes whole, that much later. With `dribble_ms` (http
    only) its body comes one byte at a time, that far apart.

    **Parameters.** `delay_ms`: milliseconds before the answer. `dribble_ms`: milliseconds between two
    bytes of the body. Offered on its own is a delay well within the budget: a service should bear it.
    Dribbling is for tests written by hand.

    **Why it matters.** Slowness uncovers work that counts on being quick: a pool too small for one slow
    statement, a lock held across an external call. And a read time-out that starts anew with each byte
    never fires while a body dribbles: a time-out is not a deadline.

    **Tears.**

    ```python
    requests.get(url, timeout=2)             # two seconds between bytes; the whole may take an hour
    ```

    **Instead.** Put a deadline round the whole exchange.

    ```python
    async with asyncio.timeout(2):
        reply = await client.get(url)
    ```
    """

    name: ClassVar[str] = "slow"
    protocols: ClassVar[frozenset[str]] = frozenset({"http", "postgres", "redis", "smtp"})
    waits: ClassVar[bool] = False
    ambiguous: ClassVar[bool] = False

    delay_ms: int | None = None
    dribble_ms: int | None = None

    def __post_init__(self) -> None:
        given = [ms for ms in (self.delay_ms, self.dribble_ms) if ms is not None]
        require(bool(given) and min(given) > 0, self.name, "delay_ms or dribble_ms: needed, and above 0")

    @property
    def spec(self) -> FaultSpec:
        return spec_of(self)

    @classmethod
    def offers(cls, crossing: Crossing, facts: Facts) -> Iterable[Slow]:
        if is_call(crossing) or is_mail(crossing) or works(crossing) or asks(crossing):
            yield cls(delay_ms=min(_OFFERED_MS, max(1, facts.budget_ms // 4)))

    def at_step(self) -> Commands:
        return ()

    def on_request(self, crossing: Crossing) -> Commands:
        if crossing.protocol == "http" or self.delay_ms is None:
            return (Forward(),)
        return (Delay(self.delay_ms), Forward())

    def on_reply(self, crossing: Crossing, reply: Any) -> Commands:
        if crossing.protocol != "http":
            return (Forward(),)
        wait: Commands = (Delay(self.delay_ms),) if self.delay_ms else ()
        if self.dribble_ms and isinstance(reply, Reply):
            return (*wait, SendClient(reply, dribble_ms=self.dribble_ms))
        return (*wait, Forward())


def slow(*, delay_ms: int | None = None, dribble_ms: int | None = None) -> FaultSpec:
    """Answered ``delay_ms`` milliseconds late, or with ``dribble_ms`` milliseconds between two bytes."""
    return Slow(delay_ms, dribble_ms).spec
