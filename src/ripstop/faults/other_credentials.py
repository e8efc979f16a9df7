"""The fault `other_credentials`: somebody else asks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from ripstop.faults.inbound import path_ids, sent, with_headers, without_headers
from ripstop.faults.params import learned, spec_of
from ripstop.model.fault import Commands, Facts, FaultSpec, Forward
from ripstop.model.http import Headers, Request
from ripstop.model.trace import Crossing


@dataclass(frozen=True, slots=True)
class OtherCredentials:
    """Somebody else asks for what is not theirs.

    **What happens.** The caller sends the recorded request with the credentials of a second identity, which
    the workflow names: `@pytest.mark.workflow("cancel an order", other={"Authorization": "Bearer ..."})`,
    or `other="eve"` for a fixture that returns such headers. Afterwards the first identity sends the
    request, which must still work. Offered where the path holds an id, and the step is not among the
    workflow's `public` ones: `other` is somebody who may neither see nor change what the workflow is about.

    **Why it matters.** Whoever is logged in can count ids up. A route that checks *that* somebody asks, and
    not *who*, shows and changes everybody's things.

    **Tears.**

    ```python
    def order(order_id: int, user: CurrentUser):
        return db.get(Order, order_id)            # anybody's
    ```

    **Instead.** Ask for the thing and its owner at once, and answer 404 where there is none.

    ```python
    db.scalar(select(Order).where(Order.id == order_id, Order.user_id == user.id))
    ```
    """

    name: ClassVar[str] = "other_credentials"
    protocols: ClassVar[frozenset[str]] = frozenset({"client"})
    waits: ClassVar[bool] = False
    ambiguous: ClassVar[bool] = False

    request: Request | None = learned()  # noqa: RUF009
    other: Headers | None = learned()  # noqa: RUF009
    credentials: Headers | None = learned()  # noqa: RUF009

    @property
    def spec(self) -> FaultSpec:
        return spec_of(self)

    @classmethod
    def offers(cls, crossing: Crossing, facts: Facts) -> Iterable[OtherCredentials]:
        if facts.other and path_ids(facts.request):
            yield cls()

    def informed(self, facts: Facts) -> OtherCredentials:
        return replace(self, request=facts.request, other=facts.other, credentials=facts.credentials)

    def at_step(self) -> Commands:
        return ()

    def on_request(self, crossing: Crossing) -> Commands:
        if self.request is None or not self.other:
            return sent(None)
        bare = without_headers(self.request, [name for name, _ in self.credentials or ()])
        return sent(with_headers(bare, self.other))

    def on_reply(self, crossing: Crossing, reply: Any) -> Commands:
        return (Forward(),)


def other_credentials() -> FaultSpec:
    """The request comes with the credentials of the workflow's second identity."""
    return OtherCredentials().spec
