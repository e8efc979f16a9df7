"""The fault `race`: another request is let past in the middle of this one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from ripstop.faults.params import require, spec_of
from ripstop.model.fault import Commands, Facts, FaultSpec, Forward, Yield
from ripstop.model.trace import Crossing

_ORDERS = (None, "after", "before", "instead")


@dataclass(frozen=True, slots=True)
class Race:
    """Two requests at once, their crossings in an order that is chosen and not left to chance.

    **What happens.** The request runs up to this crossing and is held there. Another one is sent and runs
    until it is over, or until it has to wait for what the first holds: a row lock, an advisory lock, a lock
    in Redis. Then the first goes on to its end, and the other after it. `by` says who the other is:
    `another` caller who wants the same thing (under an idempotency key of its own), the `same` request
    delivered twice at once, or a workflow that the marker names (`races_with="cancel an order"`). With
    `order` they are not interleaved: the other runs `after` or `before` this one, or `instead` of it, for
    that is what a race is judged by. With `beside` the roles are changed: the other workflow's request is
    held at this crossing of its own, and the named step's runs past it.

    **Why it matters.** Two customers want the last item, one impatient customer clicks twice. What was read
    a statement ago may be no longer true, and no test that sends one request at a time can tell.

    **Tears.**

    ```python
    if db.scalar("SELECT left_over FROM stock WHERE sku = %s", sku) < 1:    # both read 1 ...
        raise SoldOut
    db.execute("UPDATE stock SET left_over = left_over - 1 WHERE sku = %s", sku)    # ... both sell it
    ```

    **Instead.** Let one statement check and act, or lock what is checked.

    ```python
    sold = db.execute("UPDATE stock SET left_over = left_over - 1 WHERE sku = %s AND left_over > 0", sku)
    if sold.rowcount == 0:
        raise SoldOut
    ```
    """

    name: ClassVar[str] = "race"
    protocols: ClassVar[frozenset[str]] = frozenset({"http", "postgres", "redis", "smtp"})
    waits: ClassVar[bool] = False
    ambiguous: ClassVar[bool] = False

    by: str = "another"
    order: str | None = None
    beside: str | None = None

    def __post_init__(self) -> None:
        require(
            self.order in _ORDERS, self.name, f"order: wants after, before or instead, got {self.order!r}"
        )
        require(bool(self.by), self.name, "by: wants another, same or the name of a workflow")

    @property
    def spec(self) -> FaultSpec:
        return spec_of(self)

    @classmethod
    def offers(cls, crossing: Crossing, facts: Facts) -> Iterable[Race]:
        if crossing.protocol in cls.protocols:
            yield from (cls(rival) for rival in facts.rivals)

    def at_step(self) -> Commands:
        return ()

    def on_request(self, crossing: Crossing) -> Commands:
        return (Yield(), Forward())

    def on_reply(self, crossing: Crossing, reply: Any) -> Commands:
        return (Forward(),)


def race(by: str = "another", order: str | None = None, beside: str | None = None) -> FaultSpec:
    """Another request is let past at a crossing: ``another`` caller's, the ``same`` one or a workflow's."""
    return Race(by, order, beside).spec
