"""The fault `unknown_id`: an id of the request belongs to nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from ripstop.faults.demands import absent, stranger
from ripstop.faults.inbound import fields, is_form, path_ids, path_value, sent, with_path, with_value
from ripstop.faults.params import learned, spec_of
from ripstop.model.fault import Commands, Facts, FaultSpec, Forward
from ripstop.model.http import Request
from ripstop.model.trace import Crossing


@dataclass(frozen=True, slots=True)
class UnknownId:
    """An id in the request belongs to nothing.

    **What happens.** The caller sends the recorded request with one id replaced by one that nobody has: a
    segment of the path, or a field whose column has a foreign key. Afterwards it sends the good request,
    which must still work.

    **Parameters.** `field`: `path:2` for the second segment of the path, else the field's place in the
    body, a JSON pointer (RFC 6901); `value`: the id that is sent; `breaks`: the foreign key.

    **Why it matters.** Links go stale and ids are guessed. Code that takes the row for granted raises where
    it is None; code that only updates changes no row and says it went well.

    **Tears.**

    ```python
    payments.capture(order_id)
    db.execute("UPDATE orders SET status = 'paid' WHERE id = %s", order_id)   # no row; 200 all the same
    ```

    **Instead.** Look the row up first, and answer 404 (or 422 for a field) where it is not there.

    ```python
    if result.rowcount == 0:
        raise HTTPException(404, "no such order")
    ```
    """

    name: ClassVar[str] = "unknown_id"
    protocols: ClassVar[frozenset[str]] = frozenset({"client"})
    waits: ClassVar[bool] = False
    ambiguous: ClassVar[bool] = False

    field: str
    value: str | int
    breaks: str | None = None
    request: Request | None = learned()  # noqa: RUF009

    @property
    def spec(self) -> FaultSpec:
        return spec_of(self)

    @classmethod
    def offers(cls, crossing: Crossing, facts: Facts) -> Iterable[UnknownId]:
        if facts.request is None:
            return
        for place in path_ids(facts.request):
            yield cls(place, stranger(path_value(facts.request, place) or ""))
        for one in fields(facts.request):
            rule = facts.columns.get(one.place)
            value = absent(rule, one.value) if rule and rule.references and one.plain else None
            if rule and value is not None:
                yield cls(one.place, value, f"{rule.table}.{rule.column} in {rule.references}")

    def informed(self, facts: Facts) -> UnknownId:
        return replace(self, request=facts.request)

    def at_step(self) -> Commands:
        return ()

    def on_request(self, crossing: Crossing) -> Commands:
        if self.request is None:
            return sent(None)
        if self.field.startswith("path:"):
            return sent(with_path(self.request, self.field, str(self.value)))
        value = str(self.value) if is_form(self.request) else self.value
        return sent(with_value(self.request, self.field, value))

    def on_reply(self, crossing: Crossing, reply: Any) -> Commands:
        return (Forward(),)


def unknown_id(field: str, value: str | int, *, breaks: str | None = None) -> FaultSpec:
    """The id at ``path:N`` or at this JSON pointer is replaced by one that belongs to nothing."""
    return UnknownId(field, value, breaks).spec
