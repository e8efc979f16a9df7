"""The fault `month_end`: it is the 31st, and the next month has none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from ripstop.faults.params import spec_of
from ripstop.model.fault import Commands, Facts, FaultSpec, Forward, MoveClock
from ripstop.model.trace import Crossing


@dataclass(frozen=True, slots=True)
class MonthEnd:
    """It is the 31st, and the next month has none.

    **What happens.** The run takes place at noon of the next 31st that a shorter month follows, in the
    configured zone, else in UTC. All processes and servers show that day from the run's set-up on.

    **Why it matters.** "The same day next month" does not exist. Code that puts a date together from its
    parts raises, five times a year, for everybody who buys on that day.

    **Tears.**

    ```python
    renews = today.replace(month=today.month % 12 + 1)       # ValueError on the 31st
    ```

    **Instead.** Let the database or a library add months, which knows how long they are.

    ```python
    "SELECT now() + interval '1 month'"
    ```
    """

    name: ClassVar[str] = "month_end"
    protocols: ClassVar[frozenset[str]] = frozenset({"clock"})
    waits: ClassVar[bool] = False
    ambiguous: ClassVar[bool] = False

    @property
    def spec(self) -> FaultSpec:
        return spec_of(self)

    @classmethod
    def offers(cls, crossing: Crossing, facts: Facts) -> Iterable[MonthEnd]:
        if facts.first:
            yield cls()

    def at_step(self) -> Commands:
        return (MoveClock("month_end"),)

    def on_request(self, crossing: Crossing) -> Commands:
        return (Forward(),)

    def on_reply(self, crossing: Crossing, reply: Any) -> Commands:
        return (Forward(),)


def month_end() -> FaultSpec:
    """The run takes place on a 31st that a shorter month follows."""
    return MonthEnd().spec
