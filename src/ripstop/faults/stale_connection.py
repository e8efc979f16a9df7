"""The fault `stale_connection`: idle pooled connections are dead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from ripstop.faults.params import spec_of
from ripstop.faults.where import is_connect
from ripstop.model.fault import Commands, CutIdle, Facts, FaultSpec, Forward
from ripstop.model.trace import Crossing


@dataclass(frozen=True, slots=True)
class StaleConnection:
    """The pool's idle connections are dead, and nobody told the pool.

    **What happens.** Before the step's request is sent every idle connection of the seam is ended, as a
    server does that restarts. The server itself is well: a new connection works. *redis*: subscriptions
    and waits for a list's next element end as well.

    **Why it matters.** It happens every night a database is patched. The first requests after it get a
    dead connection from the pool, and fail although nothing is wrong any more.

    **Tears.**

    ```python
    engine = create_engine(url)              # hands out the dead connection: a 500 for each one in the pool
    ```

    **Instead.** Let the pool check before it hands out, or try the request's first statement once more:
    nothing has happened yet.

    ```python
    engine = create_engine(url, pool_pre_ping=True)
    ConnectionPool(url, check=ConnectionPool.check_connection)
    ```
    """

    name: ClassVar[str] = "stale_connection"
    protocols: ClassVar[frozenset[str]] = frozenset({"postgres", "redis", "smtp"})
    waits: ClassVar[bool] = False
    ambiguous: ClassVar[bool] = False

    @property
    def spec(self) -> FaultSpec:
        return spec_of(self)

    @classmethod
    def offers(cls, crossing: Crossing, facts: Facts) -> Iterable[StaleConnection]:
        if crossing.protocol in ("postgres", "redis") and is_connect(crossing):
            yield cls()

    def at_step(self) -> Commands:
        return (CutIdle(),)

    def on_request(self, crossing: Crossing) -> Commands:
        return (Forward(),)

    def on_reply(self, crossing: Crossing, reply: Any) -> Commands:
        return (Forward(),)


def stale_connection() -> FaultSpec:
    """The pool's idle connections are dead; a new one works."""
    return StaleConnection().spec
