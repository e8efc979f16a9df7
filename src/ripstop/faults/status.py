"""The fault `status`: the provider answers with an error."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from ripstop.faults.params import learned, require, spec_of
from ripstop.faults.replies import provider_error
from ripstop.faults.where import is_call
from ripstop.model.fault import Commands, Facts, FaultSpec, Forward, SendClient
from ripstop.model.http import Reply
from ripstop.model.trace import Crossing

_TOO_MANY = 429
_OFFERED = (500, 503, 502, _TOO_MANY, 401, 404)


@dataclass(frozen=True, slots=True)
class Status:
    """The provider answers with an error status; the effect did not happen.

    **What happens.** The request is not carried out. The answer has the status `code` and the body the
    double declares for it (a plain JSON error where it declares none); 429 carries `Retry-After`.

    **Parameters.** `code`: the HTTP status, 400 to 599. `retry_after_s`: seconds in a `Retry-After`
    header (RFC 9110, 10.2.3).

    **Why it matters.** Each status asks for something else. 500, 502 and 503 may be tried again with a
    key and a pause; 429 after the pause it names; 401 and 404 not at all: they are your configuration's
    fault, and no fault of your caller.

    **Tears.**

    ```python
    charge = client.post("/v1/charges", json=body).json()
    order.charge_id = charge["id"]           # KeyError: the body is an error's
    ```

    **Instead.** Look at the status before the body, and map what you cannot mend to an answer of your
    own.

    ```python
    if reply.status_code == 429 or reply.status_code >= 500:
        raise ProviderUnavailable(retry_after_s=reply.headers.get("retry-after"))
    reply.raise_for_status()
    ```
    """

    name: ClassVar[str] = "status"
    protocols: ClassVar[frozenset[str]] = frozenset({"http"})
    waits: ClassVar[bool] = False
    ambiguous: ClassVar[bool] = False

    code: int = 503
    retry_after_s: int | None = None
    shapes: Mapping[int, Reply] | None = learned()

    def __post_init__(self) -> None:
        require(400 <= self.code <= 599, self.name, f"code: an HTTP error is 400 to 599, not {self.code}")

    @property
    def spec(self) -> FaultSpec:
        return spec_of(self)

    @classmethod
    def offers(cls, crossing: Crossing, facts: Facts) -> Iterable[Status]:
        if is_call(crossing):
            for code in _OFFERED:
                yield cls(code, 1 if code == _TOO_MANY else None, shapes=facts.error_shapes)

    def informed(self, facts: Facts) -> Status:
        return replace(self, shapes=facts.error_shapes)

    def at_step(self) -> Commands:
        return ()

    def on_request(self, crossing: Crossing) -> Commands:
        reply = provider_error(self.code, self.shapes)
        if self.retry_after_s is not None:
            kept = tuple((n, v) for n, v in reply.headers if n.lower() != "retry-after")
            reply = replace(reply, headers=(*kept, ("retry-after", str(self.retry_after_s))))
        return (SendClient(reply),)

    def on_reply(self, crossing: Crossing, reply: Any) -> Commands:
        return (Forward(),)


def status(code: int, *, retry_after_s: int | None = None) -> FaultSpec:
    """The provider answers with an error status; ``retry_after_s`` seconds in a Retry-After header."""
    return Status(code, retry_after_s).spec
