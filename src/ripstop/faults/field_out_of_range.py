"""The fault `field_out_of_range`: a field of the request is out of range."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from ripstop.faults.demands import beyond, negative
from ripstop.faults.inbound import fields, is_form, sent, with_value
from ripstop.faults.params import learned, spec_of
from ripstop.model.fault import Commands, Facts, FaultSpec, Forward
from ripstop.model.http import Request
from ripstop.model.trace import Crossing


@dataclass(frozen=True, slots=True)
class FieldOutOfRange:
    """One value of the request is outside what may be.

    **What happens.** The caller sends the recorded request with one value outside its column's CHECK
    (`quantity > 0`, a list of states, an enum) or outside its integer type. Afterwards it sends the good
    request, which must still work. A number that by its name counts something (`quantity`, `amountCents`)
    is sent below zero too, although no CHECK forbids it: that it is accepted is then advice, no finding.

    **Parameters.** `field`: the field's place in the body, a JSON pointer (RFC 6901); `value`: what is
    sent; `breaks`: the column and its demand, left out where the schema demands nothing.

    **Why it matters.** The database is the last to look, and looks after the card was charged. Where it
    does not look at all, an order of minus three fills the stock.

    **Tears.**

    ```python
    charge(order.amount_cents)                    # 2147483648 is charged ...
    db.insert(amount_cents=order.amount_cents)    # ... and does not fit an integer
    ```

    **Instead.** Give the field the column's range, and the column a CHECK.

    ```python
    amount_cents: int = Field(gt=0, le=100_000_00)
    ```
    """

    name: ClassVar[str] = "field_out_of_range"
    protocols: ClassVar[frozenset[str]] = frozenset({"client"})
    waits: ClassVar[bool] = False
    ambiguous: ClassVar[bool] = False

    field: str
    value: int | float | str
    breaks: str | None = None
    request: Request | None = learned()  # noqa: RUF009

    @property
    def spec(self) -> FaultSpec:
        return spec_of(self)

    @classmethod
    def offers(cls, crossing: Crossing, facts: Facts) -> Iterable[FieldOutOfRange]:
        for one in fields(facts.request):
            if not one.plain or one.value is None or isinstance(one.value, bool):
                continue
            rule = facts.columns.get(one.place)
            found = dict(beyond(rule)) if rule else {}
            below = negative(one.name, one.value)
            if below is not None and not any(isinstance(v, int | float) and v < 0 for v in found):
                yield cls(one.place, below)
            yield from (cls(one.place, value, broken) for value, broken in found.items())

    def informed(self, facts: Facts) -> FieldOutOfRange:
        return replace(self, request=facts.request)

    def at_step(self) -> Commands:
        return ()

    def on_request(self, crossing: Crossing) -> Commands:
        value = str(self.value) if self.request and is_form(self.request) else self.value
        return sent(with_value(self.request, self.field, value) if self.request else None)

    def on_reply(self, crossing: Crossing, reply: Any) -> Commands:
        return (Forward(),)


def field_out_of_range(field: str, value: int | float | str, *, breaks: str | None = None) -> FaultSpec:
    """The value at this JSON pointer is replaced by one outside its range."""
    return FieldOutOfRange(field, value, breaks).spec
