"""The fault `empty`: a 200 without a body."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from ripstop.faults.params import spec_of
from ripstop.faults.replies import with_body
from ripstop.faults.where import is_call
from ripstop.model.fault import Commands, Facts, FaultSpec, Forward, SendClient
from ripstop.model.http import Reply
from ripstop.model.trace import Crossing


@dataclass(frozen=True, slots=True)
class Empty:
    """A success without a body.

    **What happens.** The effect happens. The answer keeps its status, and its body has no byte.

    **Why it matters.** A load balancer that answers for a provider it lost often does so with an empty
    200. Code that reads the body when there is one goes on without the id it needed.

    **Tears.**

    ```python
    data = reply.json() if reply.content else {}
    order.charge_id = data.get("id")         # None: a paid order that can never be refunded
    ```

    **Instead.** Demand what you need from every success, and treat its absence as an unknown outcome.
    """

    name: ClassVar[str] = "empty"
    protocols: ClassVar[frozenset[str]] = frozenset({"http"})
    waits: ClassVar[bool] = False
    ambiguous: ClassVar[bool] = True

    @property
    def spec(self) -> FaultSpec:
        return spec_of(self)

    @classmethod
    def offers(cls, crossing: Crossing, facts: Facts) -> Iterable[Empty]:
        if is_call(crossing):
            yield cls()

    def at_step(self) -> Commands:
        return ()

    def on_request(self, crossing: Crossing) -> Commands:
        return (Forward(),)

    def on_reply(self, crossing: Crossing, reply: Any) -> Commands:
        if not isinstance(reply, Reply) or not 200 <= reply.status < 300:
            return (Forward(),)
        return (SendClient(with_body(reply, b"")),)


def empty() -> FaultSpec:
    """The effect happens; a success comes without a body."""
    return Empty().spec
