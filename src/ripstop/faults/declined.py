"""The fault `declined`: the provider says no."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from ripstop.faults.params import learned, require, spec_of
from ripstop.faults.where import is_call
from ripstop.model.fault import Commands, Facts, FaultSpec, Forward, SendClient
from ripstop.model.http import Reply
from ripstop.model.trace import Crossing

_OFFERED_LIMIT = 4


@dataclass(frozen=True, slots=True)
class Declined:
    """The provider says no: its own domain error, properly told.

    **What happens.** The request is understood and refused with one of the errors the double declares
    for this operation, such as 402 `card_declined`. The effect did not happen.

    **Parameters.** `error`: the error's name at the double; left out, its first.

    **Why it matters.** This is no outage: it is the one failure whose blame belongs to the caller, and
    trying again is wrong. It must reach the caller as what it is, leave no order behind, and a second
    try with a good card must succeed.

    **Tears.**

    ```python
    order = create_order(status="paid")      # before asking
    provider.charge(card)                    # CardDeclined: 500, and a paid order nobody paid
    ```

    **Instead.** Map it to an answer of your own, keep the attempt as a record, and leave the way open
    for another try.

    ```python
    except provider.CardDeclined as declined:
        return JSONResponse({"error": declined.code}, 402)
    ```
    """

    name: ClassVar[str] = "declined"
    protocols: ClassVar[frozenset[str]] = frozenset({"http"})
    waits: ClassVar[bool] = False
    ambiguous: ClassVar[bool] = False

    error: str | None = None
    replies: Mapping[str, Reply] | None = learned()

    @property
    def spec(self) -> FaultSpec:
        return spec_of(self)

    @classmethod
    def offers(cls, crossing: Crossing, facts: Facts) -> Iterable[Declined]:
        if is_call(crossing):
            for error in list(facts.errors)[:_OFFERED_LIMIT]:
                yield cls(error, replies=facts.errors)

    def informed(self, facts: Facts) -> Declined:
        """Raises UsageError (``fault-params``) where the double declares errors and this is none of them."""
        known = ", ".join(facts.errors)
        unknown = self.error is not None and facts.errors and self.error not in facts.errors
        require(
            not unknown, self.name, f"error: {self.error!r} is not declared by the double; known: {known}"
        )
        return replace(self, replies=facts.errors)

    def at_step(self) -> Commands:
        return ()

    def on_request(self, crossing: Crossing) -> Commands:
        replies = self.replies or {}
        error = self.error or next(iter(replies), "declined")
        return (SendClient(replies.get(error) or _plain(error)),)

    def on_reply(self, crossing: Crossing, reply: Any) -> Commands:
        return (Forward(),)


def _plain(error: str) -> Reply:
    return Reply.of(402, {"error": {"code": error, "message": error.replace("_", " ")}})


def declined(error: str | None = None) -> FaultSpec:
    """The provider refuses with its own domain error; left out, the first its double declares."""
    return Declined(error).spec
