"""The fault `field_duplicate`: a unique value of the request is taken already."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from ripstop.faults.inbound import fields, sent, with_fresh_key
from ripstop.faults.params import learned, spec_of
from ripstop.model.fault import Commands, Facts, FaultSpec, Forward
from ripstop.model.http import Request
from ripstop.model.trace import Crossing


@dataclass(frozen=True, slots=True)
class FieldDuplicate:
    """A value that must be unique is sent a second time.

    **What happens.** The request is answered as ever. Then another one comes with the same value, as
    somebody else would send it: where the workflow names an idempotency key, under a key of its own.

    **Parameters.** `field`: the field's place in the body, a JSON pointer (RFC 6901); `breaks`: the column
    with the unique index.

    **Why it matters.** The second one is refused by the index, at the very end. What was done before it
    stays: a charge, a mail, a reserved item. And a violated index is no bare 500: the caller can mend it.

    **Tears.**

    ```python
    charge(account.card)
    db.insert(email=account.email)                # unique: raises, after the charge
    ```

    **Instead.** Insert first, in the transaction that does the rest, and answer 409.

    ```python
    except UniqueViolation:
        raise HTTPException(409, "this address is registered already")
    ```
    """

    name: ClassVar[str] = "field_duplicate"
    protocols: ClassVar[frozenset[str]] = frozenset({"client"})
    waits: ClassVar[bool] = False
    ambiguous: ClassVar[bool] = False

    field: str
    breaks: str | None = None
    request: Request | None = learned()  # noqa: RUF009
    key: str | None = learned()

    @property
    def spec(self) -> FaultSpec:
        return spec_of(self)

    @classmethod
    def offers(cls, crossing: Crossing, facts: Facts) -> Iterable[FieldDuplicate]:
        for one in fields(facts.request):
            rule = facts.columns.get(one.place)
            if rule and rule.unique and one.plain and facts.key != f"body:{one.name}":
                yield cls(one.place, f"{rule.table}.{rule.column} UNIQUE")

    def informed(self, facts: Facts) -> FieldDuplicate:
        return replace(self, request=facts.request, key=facts.key)

    def at_step(self) -> Commands:
        return ()

    def on_request(self, crossing: Crossing) -> Commands:
        return (Forward(),)

    def on_reply(self, crossing: Crossing, reply: Any) -> Commands:
        if self.request is None:
            return (Forward(),)
        return (Forward(), *sent(with_fresh_key(self.request, self.key or "")))


def field_duplicate(field: str, *, breaks: str | None = None) -> FaultSpec:
    """The value at this JSON pointer comes a second time, in a request of its own."""
    return FieldDuplicate(field, breaks).spec
