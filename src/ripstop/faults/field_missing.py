"""The fault `field_missing`: a field of the request is left out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from ripstop.faults.demands import required
from ripstop.faults.inbound import fields, sent, without
from ripstop.faults.params import learned, spec_of
from ripstop.model.fault import Commands, Facts, FaultSpec, Forward
from ripstop.model.http import Request
from ripstop.model.trace import Crossing


@dataclass(frozen=True, slots=True)
class FieldMissing:
    """The request comes without one of its fields.

    **What happens.** The caller sends the recorded request with one field left out. Afterwards it sends the
    whole request, which must still work.

    **Parameters.** `field`: the field's place in the body, a JSON pointer (RFC 6901); `breaks`: what the
    live schema demands of the column that took the field's value in the baseline, left out where it demands
    nothing of the kind.

    **Why it matters.** Other clients, older versions of your own and hand-made requests leave fields out.
    What is read without looking raises, often after the first half of the work is done.

    **Tears.**

    ```python
    charge(order["card"])                         # money moves
    db.insert(sku=order["sku"])                   # KeyError: a bare 500
    ```

    **Instead.** Look at the whole request before the first thing is done with any of it.

    ```python
    class NewOrder(BaseModel):                    # FastAPI answers 422 by itself
        sku: str
        card: str
    ```
    """

    name: ClassVar[str] = "field_missing"
    protocols: ClassVar[frozenset[str]] = frozenset({"client"})
    waits: ClassVar[bool] = False
    ambiguous: ClassVar[bool] = False

    field: str
    breaks: str | None = None
    request: Request | None = learned()  # noqa: RUF009

    @property
    def spec(self) -> FaultSpec:
        return spec_of(self)

    @classmethod
    def offers(cls, crossing: Crossing, facts: Facts) -> Iterable[FieldMissing]:
        for one in fields(facts.request):
            yield cls(one.place, required(facts.columns.get(one.place)))

    def informed(self, facts: Facts) -> FieldMissing:
        return replace(self, request=facts.request)

    def at_step(self) -> Commands:
        return ()

    def on_request(self, crossing: Crossing) -> Commands:
        return sent(without(self.request, self.field) if self.request else None)

    def on_reply(self, crossing: Crossing, reply: Any) -> Commands:
        return (Forward(),)


def field_missing(field: str, *, breaks: str | None = None) -> FaultSpec:
    """The request lacks the field at this JSON pointer (``"/items/0/sku"``)."""
    return FieldMissing(field, breaks).spec
