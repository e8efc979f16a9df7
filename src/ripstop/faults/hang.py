"""The fault `hang`: accepted and never answered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from ripstop.faults.params import spec_of
from ripstop.faults.where import is_call, is_commit, works
from ripstop.model.fault import Commands, Facts, FaultSpec, Forward, Hold, SendBackend
from ripstop.model.trace import Crossing

_LIMIT_S = 3_600


@dataclass(frozen=True, slots=True)
class Hang:
    """Accepted, and never answered.

    **What happens.** *http*: the request is read and kept; the effect is not applied; no byte comes back.
    *postgres*: the real backend waits in the statement's place (`pg_sleep`), so that the service's own
    `statement_timeout`, `lock_timeout`-style guards and cancel requests work as they do against a
    server that is slow for its own reasons. At COMMIT a guard that strikes leaves the session idle and
    the transaction gone, as a real failure at COMMIT does. `stall` is its sibling on a dead network,
    where no guard of the server can help.

    Healing does not carry out what was held: it is aborted.

    **Why it matters.** A wait without a bound takes a worker, a pooled connection and the locks of its
    transaction with it. A handful of such requests stop a whole service.

    **Tears.**

    ```python
    requests.post(url, json=charge)                       # requests has no default time-out
    cursor.execute("UPDATE stock SET n = n - 1 ...")      # waits for a lock for as long as it takes
    ```

    **Instead.** Bound each wait below your own caller's patience, and give up in a way that is told.

    ```python
    httpx.post(url, json=charge, timeout=2.0)
    psycopg.connect(dsn, options="-c statement_timeout=2000")
    ```
    """

    name: ClassVar[str] = "hang"
    protocols: ClassVar[frozenset[str]] = frozenset({"http", "postgres"})
    waits: ClassVar[bool] = True
    ambiguous: ClassVar[bool] = False

    @property
    def spec(self) -> FaultSpec:
        return spec_of(self)

    @classmethod
    def offers(cls, crossing: Crossing, facts: Facts) -> Iterable[Hang]:
        if is_call(crossing) or works(crossing):
            yield cls()

    def at_step(self) -> Commands:
        return ()

    def on_request(self, crossing: Crossing) -> Commands:
        if crossing.protocol == "http":
            return (Hold(),)
        after_error = "ROLLBACK" if is_commit(crossing) else ""
        return (SendBackend(f"SELECT pg_sleep({_LIMIT_S})", after_error=after_error),)

    def on_reply(self, crossing: Crossing, reply: Any) -> Commands:
        return (Forward(),)


def hang() -> FaultSpec:
    """Accepted and never answered. The effect does not happen."""
    return Hang().spec
