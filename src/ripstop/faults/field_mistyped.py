"""The fault `field_mistyped`: a field of the request has another type."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from ripstop.faults.demands import mistyped, unfit
from ripstop.faults.inbound import fields, is_form, sent, with_value
from ripstop.faults.params import learned, spec_of
from ripstop.model.fault import Commands, Facts, FaultSpec, Forward
from ripstop.model.http import Request
from ripstop.model.trace import Crossing


@dataclass(frozen=True, slots=True)
class FieldMistyped:
    """One field of the request has another type than it should.

    **What happens.** The caller sends the recorded request with a text that is no number in place of a
    number, no boolean in place of a boolean, no date or UUID where the column takes one, an object in place
    of a text, a text in place of a list or an object. Afterwards it sends the good request, which must
    still work.

    **Parameters.** `field`: the field's place in the body, a JSON pointer (RFC 6901); `breaks`: what the
    live schema demands of the column that took the field's value in the baseline, left out where it demands
    nothing of the kind.

    **Why it matters.** In languages without types at run time the value travels on until something cannot
    bear it, and by then money may have moved. Or it is bent into shape and stored: `NaN`, `0`, `[object
    Object]`.

    **Tears.**

    ```javascript
    await charge(order.amount)                    // "not a number" reaches the provider
    await db.insert({ amount: Number(order.amount) || 0 })
    ```

    **Instead.** Check types where the request enters.

    ```javascript
    const order = z.object({ amount: z.number().int() }).parse(request.body)
    ```
    """

    name: ClassVar[str] = "field_mistyped"
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
    def offers(cls, crossing: Crossing, facts: Facts) -> Iterable[FieldMistyped]:
        for one in fields(facts.request):
            rule = facts.columns.get(one.place)
            broken = mistyped(rule)
            if one.value is None or (facts.request and is_form(facts.request) and not broken):
                continue
            yield cls(one.place, broken if one.plain else None)

    def informed(self, facts: Facts) -> FieldMistyped:
        return replace(self, request=facts.request)

    def at_step(self) -> Commands:
        return ()

    def on_request(self, crossing: Crossing) -> Commands:
        there = next((one for one in fields(self.request) if one.place == self.field), None)
        if self.request is None or there is None:
            return sent(None)
        return sent(with_value(self.request, self.field, unfit(there.value, self.breaks)))

    def on_reply(self, crossing: Crossing, reply: Any) -> Commands:
        return (Forward(),)


def field_mistyped(field: str, *, breaks: str | None = None) -> FaultSpec:
    """The value at this JSON pointer has another type."""
    return FieldMistyped(field, breaks).spec
