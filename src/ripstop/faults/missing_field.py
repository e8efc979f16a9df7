"""The fault `missing_field`: a 200 that lacks a field."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from ripstop.faults.params import spec_of
from ripstop.faults.replies import fields_of, telling_fields, without_field
from ripstop.faults.where import is_call
from ripstop.model.fault import Commands, Facts, FaultSpec, Forward, SendClient
from ripstop.model.http import Reply
from ripstop.model.trace import Crossing


@dataclass(frozen=True, slots=True)
class MissingField:
    """A success that lacks a field.

    **What happens.** The effect happens. The answer is well-formed JSON, and one top-level field of it
    is not there.

    **Parameters.** `field`: the field's name; left out, the one a caller most likely needs (an id
    first, then a status).

    **Why it matters.** Providers leave fields out in states nobody tried: a charge that is still
    `processing` has no receipt. Code that indexes raises; code that asks gently stores None.

    **Tears.**

    ```python
    order.charge_id = reply.json().get("id")     # None goes into the database
    ```

    **Instead.** Check an answer's shape where it enters the service, and treat a wrong one as an unknown
    outcome, not as a success.

    ```python
    charge = Charge.model_validate(reply.json())  # raises before anything is stored
    ```
    """

    name: ClassVar[str] = "missing_field"
    protocols: ClassVar[frozenset[str]] = frozenset({"http"})
    waits: ClassVar[bool] = False
    ambiguous: ClassVar[bool] = True

    field: str | None = None

    @property
    def spec(self) -> FaultSpec:
        return spec_of(self)

    @classmethod
    def offers(cls, crossing: Crossing, facts: Facts) -> Iterable[MissingField]:
        if is_call(crossing):
            fields = telling_fields(facts.reply)
            yield from (cls(field) for field in fields) if fields else (cls(),)

    def at_step(self) -> Commands:
        return ()

    def on_request(self, crossing: Crossing) -> Commands:
        return (Forward(),)

    def on_reply(self, crossing: Crossing, reply: Any) -> Commands:
        known = fields_of(reply) if isinstance(reply, Reply) else {}
        field = self.field or next(iter(telling_fields(reply)), None) if known else None
        if field is None or field not in known:
            return (Forward(),)
        return (SendClient(without_field(reply, field)),)


def missing_field(field: str | None = None) -> FaultSpec:
    """The effect happens; a success comes with one field left out."""
    return MissingField(field).spec
