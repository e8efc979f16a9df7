"""The fault `next_day`: the caller goes on a day later."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from ripstop.faults.params import spec_of
from ripstop.model.fault import Commands, Facts, FaultSpec, Forward, MoveClock
from ripstop.model.trace import Crossing

_DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class NextDay:
    """The caller goes on a day later.

    **What happens.** Before a step the clock of the service, its other processes and its servers is moved a
    day ahead. What has expired by then may be refused; it may not break.

    **Why it matters.** A basket is filled today and paid tomorrow. In between a nightly job has run, a cache
    is old, a reservation is gone, and the code meets rows it takes for granted where they are no more.

    **Tears.**

    ```python
    slot = held_slots[order.slot_id]         # dropped by the nightly clean-up: KeyError, a bare 500
    ```

    **Instead.** Ask whether it is still there, and say so where it is not.

    ```python
    if slot is None:
        raise HTTPException(409, {"error": "reservation_expired"})
    ```
    """

    name: ClassVar[str] = "next_day"
    protocols: ClassVar[frozenset[str]] = frozenset({"clock"})
    waits: ClassVar[bool] = False
    ambiguous: ClassVar[bool] = False

    @property
    def spec(self) -> FaultSpec:
        return spec_of(self)

    @classmethod
    def offers(cls, crossing: Crossing, facts: Facts) -> Iterable[NextDay]:
        if not facts.first:
            yield cls()

    def at_step(self) -> Commands:
        return (MoveClock("now", _DAY_S),)

    def on_request(self, crossing: Crossing) -> Commands:
        return (Forward(),)

    def on_reply(self, crossing: Crossing, reply: Any) -> Commands:
        return (Forward(),)


def next_day() -> FaultSpec:
    """The clock shows a day later."""
    return NextDay().spec
