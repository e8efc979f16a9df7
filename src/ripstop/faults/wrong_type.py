"""The fault `wrong_type`: a 200 with a field of another type."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from ripstop.faults.params import spec_of
from ripstop.faults.replies import fields_of, telling_fields, with_field
from ripstop.faults.where import is_call
from ripstop.model.fault import Commands, Facts, FaultSpec, Forward, SendClient
from ripstop.model.http import Reply
from ripstop.model.trace import Crossing


@dataclass(frozen=True, slots=True)
class WrongType:
    """A success with a field of another type than it has.

    **What happens.** The effect happens. The answer is well-formed JSON, and one top-level field of it
    carries a value of another type: a number instead of a string, a string instead of a number or a
    truth value, an object instead of a list or of nothing.

    **Parameters.** `field`: the field's name; left out, the one a caller most likely needs (an id
    first, then a status).

    **Why it matters.** A provider's new version turns `1000` into `"1000"`. Python adds and compares what
    it gets, and the error comes out far from its cause, often in the database.

    **Tears.**

    ```python
    if charge["amount"] >= minimum:              # TypeError after the charge: '>=' between str and int
        ...
    ```

    **Instead.** Check an answer's shape where it enters the service, before anything is stored.

    ```python
    charge = Charge.model_validate(reply.json())
    ```
    """

    name: ClassVar[str] = "wrong_type"
    protocols: ClassVar[frozenset[str]] = frozenset({"http"})
    waits: ClassVar[bool] = False
    ambiguous: ClassVar[bool] = True

    field: str | None = None

    @property
    def spec(self) -> FaultSpec:
        return spec_of(self)

    @classmethod
    def offers(cls, crossing: Crossing, facts: Facts) -> Iterable[WrongType]:
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
        return (SendClient(with_field(reply, field, _other_type(known[field]))),)


def _other_type(value: Any) -> Any:
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    return 0 if isinstance(value, str) else [value] if isinstance(value, dict) else {}


def wrong_type(field: str | None = None) -> FaultSpec:
    """The effect happens; a success comes with one field given another type."""
    return WrongType(field).spec
