"""The fault `field_empty`: a field of the request is empty."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from ripstop.faults.inbound import fields, sent, with_value
from ripstop.faults.params import learned, spec_of
from ripstop.model.fault import Commands, Facts, FaultSpec, Forward
from ripstop.model.http import Request
from ripstop.model.trace import Crossing


@dataclass(frozen=True, slots=True)
class FieldEmpty:
    """One field of the request is an empty text, list or object.

    **What happens.** The caller sends the recorded request with one field emptied. Afterwards it sends the
    good request, which must still work.

    **Parameters.** `field`: the field's place in the body, a JSON pointer (RFC 6901).

    **Why it matters.** Forms send empty texts for everything left blank. An empty list of items makes an
    order of nothing, or a division by zero.

    **Tears.**

    ```python
    average = total / len(order["items"])         # ZeroDivisionError: a bare 500
    ```

    **Instead.** Say how much there must be of what must be there.

    ```python
    items: list[Item] = Field(min_length=1)
    ```

    Whether an empty value is right is for the service to say; that it is accepted tears nothing.
    """

    name: ClassVar[str] = "field_empty"
    protocols: ClassVar[frozenset[str]] = frozenset({"client"})
    waits: ClassVar[bool] = False
    ambiguous: ClassVar[bool] = False

    field: str
    request: Request | None = learned()  # noqa: RUF009

    @property
    def spec(self) -> FaultSpec:
        return spec_of(self)

    @classmethod
    def offers(cls, crossing: Crossing, facts: Facts) -> Iterable[FieldEmpty]:
        for one in fields(facts.request):
            if isinstance(one.value, str | list | dict) and one.value:
                yield cls(one.place)

    def informed(self, facts: Facts) -> FieldEmpty:
        return replace(self, request=facts.request)

    def at_step(self) -> Commands:
        return ()

    def on_request(self, crossing: Crossing) -> Commands:
        there = next((one for one in fields(self.request) if one.place == self.field), None)
        if self.request is None or there is None or not isinstance(there.value, str | list | dict):
            return sent(None)
        return sent(with_value(self.request, self.field, type(there.value)()))

    def on_reply(self, crossing: Crossing, reply: Any) -> Commands:
        return (Forward(),)


def field_empty(field: str) -> FaultSpec:
    """The text, list or object at this JSON pointer is empty."""
    return FieldEmpty(field).spec
