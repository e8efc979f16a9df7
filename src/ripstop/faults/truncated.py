"""The fault `truncated`: the body breaks off."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from ripstop.faults.params import spec_of
from ripstop.faults.where import is_call
from ripstop.model.fault import Commands, CutClient, Facts, FaultSpec, Forward, SendClient
from ripstop.model.http import Reply
from ripstop.model.trace import Crossing


@dataclass(frozen=True, slots=True)
class Truncated:
    """The answer breaks off in the middle of its body.

    **What happens.** The effect happens. Status and headers arrive, `Content-Length` promises the whole
    body, half of it comes, and the connection closes (RFC 9112, 8: an incomplete message).

    **Why it matters.** Clients differ: httpx raises `RemoteProtocolError`, requests `ChunkedEncodingError`
    or hands over half a document. In each case the effect stands and its id is lost.

    **Tears.**

    ```python
    except requests.Timeout:                 # not a time-out: ChunkedEncodingError passes by
        return unavailable()
    ```

    **Instead.** Catch your client's base class of transport errors, and treat the outcome as unknown.
    """

    name: ClassVar[str] = "truncated"
    protocols: ClassVar[frozenset[str]] = frozenset({"http"})
    waits: ClassVar[bool] = False
    ambiguous: ClassVar[bool] = True

    @property
    def spec(self) -> FaultSpec:
        return spec_of(self)

    @classmethod
    def offers(cls, crossing: Crossing, facts: Facts) -> Iterable[Truncated]:
        if is_call(crossing):
            yield cls()

    def at_step(self) -> Commands:
        return ()

    def on_request(self, crossing: Crossing) -> Commands:
        return (Forward(),)

    def on_reply(self, crossing: Crossing, reply: Any) -> Commands:
        if not isinstance(reply, Reply) or not reply.body:
            return (CutClient(),)
        return (SendClient(reply, truncate_at=len(reply.body) // 2),)


def truncated() -> FaultSpec:
    """The effect happens; the answer breaks off in the middle of its body."""
    return Truncated().spec
