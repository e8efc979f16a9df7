"""The fault `no_credentials`: the request does not say who asks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from ripstop.faults.inbound import sent, without_headers
from ripstop.faults.params import learned, spec_of
from ripstop.model.fault import Commands, Facts, FaultSpec, Forward
from ripstop.model.http import Request
from ripstop.model.trace import Crossing


@dataclass(frozen=True, slots=True)
class NoCredentials:
    """The request comes without what says who asks.

    **What happens.** The caller sends the recorded request without its credentials: the headers that the
    workflow names (`credentials="header:Authorization"`), else those that usually carry them
    (`Authorization`, `X-Api-Key`, `Cookie` and their kin). Afterwards it sends the good request, which must
    still work.

    **Parameters.** `headers`: their names, with commas between; `declared`: True where the workflow named
    them itself. Where it did not, only a request that writes under an `Authorization` or key header can
    tear.

    **Why it matters.** A route that was added in a hurry, outside the router with the guard, works for
    everyone. No test notices: they all log in first.

    **Tears.**

    ```python
    @app.post("/orders/{order_id}/refund")        # no Depends(current_user)
    def refund(order_id: int): ...
    ```

    **Instead.** Guard the router, and open single routes by name.

    ```python
    router = APIRouter(dependencies=[Depends(current_user)])
    ```
    """

    name: ClassVar[str] = "no_credentials"
    protocols: ClassVar[frozenset[str]] = frozenset({"client"})
    waits: ClassVar[bool] = False
    ambiguous: ClassVar[bool] = False

    headers: str
    declared: bool | None = None
    request: Request | None = learned()  # noqa: RUF009

    @property
    def spec(self) -> FaultSpec:
        return spec_of(self)

    @classmethod
    def offers(cls, crossing: Crossing, facts: Facts) -> Iterable[NoCredentials]:
        names = ",".join(name.lower() for name, _ in facts.credentials)
        if names:
            yield cls(names, True if facts.declared else None)

    def informed(self, facts: Facts) -> NoCredentials:
        return replace(self, request=facts.request)

    def at_step(self) -> Commands:
        return ()

    def on_request(self, crossing: Crossing) -> Commands:
        return sent(without_headers(self.request, self.headers.split(",")) if self.request else None)

    def on_reply(self, crossing: Crossing, reply: Any) -> Commands:
        return (Forward(),)


def no_credentials(headers: str, *, declared: bool | None = None) -> FaultSpec:
    """The request comes without these headers (names with commas between)."""
    return NoCredentials(headers, declared).spec
