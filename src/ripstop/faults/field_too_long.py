"""The fault `field_too_long`: a field of the request is too long."""

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
class FieldTooLong:
    """One text of the request is longer than its column.

    **What happens.** The caller sends the recorded request with one text made a character longer than the
    column that took it in the baseline can hold. Afterwards it sends the good request, which must still
    work. Not offered for columns without a limit.

    **Parameters.** `field`: the field's place in the body, a JSON pointer (RFC 6901); `length`: how many
    characters it is sent with; `breaks`: the column and its limit.

    **Why it matters.** The database refuses it (22001), at a moment when other things have been done, and
    that refusal is rarely told as what it is.

    **Tears.**

    ```python
    try:
        mail.send(welcome, user.email)
        db.insert(name=user.name)                 # varchar(40)
    except DatabaseError:
        raise HTTPException(503, "try again")     # it will never work, and the mail is out
    ```

    **Instead.** Give the field the column's limit.

    ```python
    name: str = Field(max_length=40)
    ```
    """

    name: ClassVar[str] = "field_too_long"
    protocols: ClassVar[frozenset[str]] = frozenset({"client"})
    waits: ClassVar[bool] = False
    ambiguous: ClassVar[bool] = False

    field: str
    length: int
    breaks: str | None = None
    request: Request | None = learned()  # noqa: RUF009

    @property
    def spec(self) -> FaultSpec:
        return spec_of(self)

    @classmethod
    def offers(cls, crossing: Crossing, facts: Facts) -> Iterable[FieldTooLong]:
        for one in fields(facts.request):
            rule = facts.columns.get(one.place)
            most = rule.length if rule else None
            if rule and most and isinstance(one.value, str):
                yield cls(one.place, most + 1, f"{rule.table}.{rule.column} {most} characters")

    def informed(self, facts: Facts) -> FieldTooLong:
        return replace(self, request=facts.request)

    def at_step(self) -> Commands:
        return ()

    def on_request(self, crossing: Crossing) -> Commands:
        there = next((one for one in fields(self.request) if one.place == self.field), None)
        if self.request is None or there is None:
            return sent(None)
        return sent(with_value(self.request, self.field, str(there.value).rjust(self.length, "x")))

    def on_reply(self, crossing: Crossing, reply: Any) -> Commands:
        return (Forward(),)


def field_too_long(field: str, length: int, *, breaks: str | None = None) -> FaultSpec:
    """The text at this JSON pointer is filled up to so many characters."""
    return FieldTooLong(field, length, breaks).spec
