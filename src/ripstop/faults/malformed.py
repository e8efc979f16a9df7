"""The fault `malformed`: a 200 whose body cannot be read."""

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

_PAGE = b"<html><head><title>One moment</title></head><body><h1>We will be right back</h1></body></html>"


@dataclass(frozen=True, slots=True)
class Malformed:
    """A success whose body cannot be read, although it arrived whole.

    **What happens.** The effect happens. The answer keeps its status and type, and its body is a
    gateway's HTML page instead of what was asked for.

    **Why it matters.** The status was looked at, the body is not what it says: the parser raises
    (`json.JSONDecodeError`, a `ValueError`), outside every `except` for transport errors. What was asked
    for has been done.

    **Tears.**

    ```python
    reply.raise_for_status()                 # 200: passes
    charge_id = reply.json()["id"]           # JSONDecodeError: a bare 500 after a charge
    ```

    **Instead.** Treat an answer you cannot read as an unknown outcome: try again with the same key or
    look the effect up; never report that nothing happened.
    """

    name: ClassVar[str] = "malformed"
    protocols: ClassVar[frozenset[str]] = frozenset({"http"})
    waits: ClassVar[bool] = False
    ambiguous: ClassVar[bool] = True

    @property
    def spec(self) -> FaultSpec:
        return spec_of(self)

    @classmethod
    def offers(cls, crossing: Crossing, facts: Facts) -> Iterable[Malformed]:
        if is_call(crossing):
            yield cls()

    def at_step(self) -> Commands:
        return ()

    def on_request(self, crossing: Crossing) -> Commands:
        return (Forward(),)

    def on_reply(self, crossing: Crossing, reply: Any) -> Commands:
        if not isinstance(reply, Reply) or not 200 <= reply.status < 300:
            return (Forward(),)
        return (SendClient(with_body(reply, _PAGE)),)


def malformed() -> FaultSpec:
    """The effect happens; a 200 comes whose body cannot be read."""
    return Malformed().spec
