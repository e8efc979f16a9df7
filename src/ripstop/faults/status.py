"""The fault `status`: the provider answers with an error."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from ripstop.faults.params import learned, require, spec_of
from ripstop.faults.replies import provider_error
from ripstop.faults.where import is_call, is_mail, is_mail_connect
from ripstop.model.fault import Commands, Facts, FaultSpec, Forward, RunServer, SayClient, SendClient
from ripstop.model.http import Reply
from ripstop.model.trace import Crossing
from ripstop.wire.smtp.server import say

_TOO_MANY = 429
_OFFERED = (500, 503, 502, _TOO_MANY, 401, 404)
_CLOSING = 421
_OFFERED_BY_COMMAND = {"MAIL": (_CLOSING,), "RCPT": (550, 451), "DATA": (451, 554, _CLOSING)}
_FORGET = b"RSET\r\n"


@dataclass(frozen=True, slots=True)
class Status:
    """The provider answers with an error status; the effect did not happen.

    **What happens.** The request is not carried out. *http*: the answer has the status `code` and the
    body the double declares for it (a plain JSON error where it declares none); 429 carries
    `Retry-After`. *smtp*: the mail server's reply to the greeting, the sender, one recipient or the
    message is `code`, with the text RFC 5321 gives it. 421 ends the connection (3.8). At RCPT this
    recipient alone is refused and the others stand; at DATA the message has come whole and is dropped.

    **Parameters.** `code`: the status, 400 to 599. `retry_after_s`: seconds in a `Retry-After` header
    (RFC 9110, 10.2.3); http only.

    **Why it matters.** Each status asks for something else. 500, 502 and 503 may be tried again with a
    key and a pause; 429 after the pause it names; 401 and 404 not at all: they are your configuration's
    fault, and no fault of your caller. A mail server's 4xx (greylisting, a full disk) asks for the same
    message later; its 5xx says that this message, or this recipient, will never be taken.

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
    protocols: ClassVar[frozenset[str]] = frozenset({"http", "smtp"})
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
        for code in _mail_codes(crossing):
            yield cls(code)

    def informed(self, facts: Facts) -> Status:
        return replace(self, shapes=facts.error_shapes)

    def at_step(self) -> Commands:
        return ()

    def on_request(self, crossing: Crossing) -> Commands:
        if crossing.protocol == "smtp":
            refusal = SayClient(say(self.code), close=self.code == _CLOSING)
            return (RunServer(_FORGET), refusal) if is_mail(crossing) else (refusal,)
        reply = provider_error(self.code, self.shapes)
        if self.retry_after_s is not None:
            kept = tuple((n, v) for n, v in reply.headers if n.lower() != "retry-after")
            reply = replace(reply, headers=(*kept, ("retry-after", str(self.retry_after_s))))
        return (SendClient(reply),)

    def on_reply(self, crossing: Crossing, reply: Any) -> Commands:
        return (Forward(),)


def _mail_codes(crossing: Crossing) -> tuple[int, ...]:
    """What a mail server answers at a crossing when it cannot, or will not, take a mail."""
    if is_mail_connect(crossing):
        return (_CLOSING,)
    return _OFFERED_BY_COMMAND.get(crossing.id.operation, ()) if crossing.protocol == "smtp" else ()


def status(code: int, *, retry_after_s: int | None = None) -> FaultSpec:
    """The provider answers with an error status; ``retry_after_s`` seconds in a Retry-After header."""
    return Status(code, retry_after_s).spec
