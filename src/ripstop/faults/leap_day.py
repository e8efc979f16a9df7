"""The fault `leap_day`: it is the 29th of February."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from ripstop.faults.params import spec_of
from ripstop.model.fault import Commands, Facts, FaultSpec, Forward, MoveClock
from ripstop.model.trace import Crossing


@dataclass(frozen=True, slots=True)
class LeapDay:
    """It is the 29th of February.

    **What happens.** The run takes place at noon of the next leap day, in the configured zone, else in UTC.
    All processes and servers show that day from the run's set-up on.

    **Why it matters.** "The same day next year" does not exist. Contracts, certificates and subscriptions of
    a year are made by adding one to the year, and on this day that raises.

    **Tears.**

    ```python
    ends = today.replace(year=today.year + 1)                # ValueError on the 29th of February
    ```

    **Instead.** Let the database or a library add years.

    ```python
    "SELECT now() + interval '1 year'"
    ```
    """

    name: ClassVar[str] = "leap_day"
    protocols: ClassVar[frozenset[str]] = frozenset({"clock"})
    waits: ClassVar[bool] = False
    ambiguous: ClassVar[bool] = False

    @property
    def spec(self) -> FaultSpec:
        return spec_of(self)

    @classmethod
    def offers(cls, crossing: Crossing, facts: Facts) -> Iterable[LeapDay]:
        if facts.first:
            yield cls()

    def at_step(self) -> Commands:
        return (MoveClock("leap_day"),)

    def on_request(self, crossing: Crossing) -> Commands:
        return (Forward(),)

    def on_reply(self, crossing: Crossing, reply: Any) -> Commands:
        return (Forward(),)


def leap_day() -> FaultSpec:
    """The run takes place on a 29th of February."""
    return LeapDay().spec
