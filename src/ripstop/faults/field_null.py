"""The fault `field_null`: a field of the request is null."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from ripstop.faults.demands import required
from ripstop.faults.inbound import fields, is_form, sent, with_value
from ripstop.faults.params import learned, spec_of
from ripstop.model.fault import Commands, Facts, FaultSpec, Forward
from ripstop.model.http import Request
from ripstop.model.trace import Crossing


@dataclass(frozen=True, slots=True)
class FieldNull:
    """One field of the request is `null`.

    **What happens.** The caller sends the recorded request with one field's value replaced by `null`.
    Afterwards it sends the good request, which must still work.

    **Parameters.** `field`: the field's place in the body, a JSON pointer (RFC 6901); `breaks`: what the
    live schema demands of the column that took the field's value in the baseline, left out where it demands
    nothing of the kind.

    **Why it matters.** `null` passes checks that look only whether a field is there, and then meets code
    that counts, compares or concatenates.

    **Tears.**

    ```python
    if "amount" in order:
        total += order["amount"]                  # TypeError: a bare 500
    ```

    **Instead.** Say which fields may be null, and refuse the others before anything is done.

    ```python
    amount: int                                   # not int | None
    ```
    """

    name: ClassVar[str] = "field_null"
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
    def offers(cls, crossing: Crossing, facts: Facts) -> Iterable[FieldNull]:
        if facts.request is None or is_form(facts.request):
            return
        for one in fields(facts.request):
            if one.value is not None:
                yield cls(one.place, required(facts.columns.get(one.place)))

    def informed(self, facts: Facts) -> FieldNull:
        return replace(self, request=facts.request)

    def at_step(self) -> Commands:
        return ()

    def on_request(self, crossing: Crossing) -> Commands:
        return sent(with_value(self.request, self.field, None) if self.request else None)

    def on_reply(self, crossing: Crossing, reply: Any) -> Commands:
        return (Forward(),)


def field_null(field: str, *, breaks: str | None = None) -> FaultSpec:
    """The field at this JSON pointer is null."""
    return FieldNull(field, breaks).spec
