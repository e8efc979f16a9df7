"""The fault `duplicate_delivery`: the same event twice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from ripstop.faults.params import spec_of
from ripstop.faults.where import is_call
from ripstop.model.fault import Commands, Facts, FaultSpec, Forward, Redeliver
from ripstop.model.trace import Crossing


@dataclass(frozen=True, slots=True)
class DuplicateDelivery:
    """The same webhook event is delivered twice.

    **What happens.** A provider that does not see your answer in time delivers the event again, with the
    same event id; every provider promises *at least* once, none exactly once.

    Offered at the calls of a seam whose `webhook` is configured; it has happened where the call led to an
    event at all.

    **Why it matters.** A handler that grants credit, ships or mails on an event does it twice.

    **Tears.**

    ```python
    def on_paid(event):
        account.credit += event["amount"]        # twice
    ```

    **Instead.** Keep the event's id under a unique index, in the transaction that does the work.

    ```python
    INSERT INTO handled_events (id) VALUES ($1) ON CONFLICT DO NOTHING   -- no row: handled before
    ```
    """

    name: ClassVar[str] = "duplicate_delivery"
    protocols: ClassVar[frozenset[str]] = frozenset({"http"})
    waits: ClassVar[bool] = False
    ambiguous: ClassVar[bool] = False

    @property
    def spec(self) -> FaultSpec:
        return spec_of(self)

    @classmethod
    def offers(cls, crossing: Crossing, facts: Facts) -> Iterable[DuplicateDelivery]:
        if is_call(crossing) and facts.webhooks:
            yield cls()

    def at_step(self) -> Commands:
        return ()

    def on_request(self, crossing: Crossing) -> Commands:
        return (Forward(),)

    def on_reply(self, crossing: Crossing, reply: Any) -> Commands:
        return (Redeliver(), Forward())


def duplicate_delivery() -> FaultSpec:
    """The same webhook event twice, for each event that the call leads to."""
    return DuplicateDelivery().spec
