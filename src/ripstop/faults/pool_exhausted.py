"""The fault `pool_exhausted`: the server takes no more sessions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from ripstop.faults.params import spec_of
from ripstop.faults.where import is_connect
from ripstop.model.fault import Commands, CutIdle, Facts, Fatal, FaultSpec, Forward
from ripstop.model.trace import Crossing


@dataclass(frozen=True, slots=True)
class PoolExhausted:
    """The server takes no more sessions: `53300`, sorry, too many clients already.

    **What happens.** Idle pooled connections are cut, and each new one is refused during start-up with
    FATAL `53300` (too_many_connections), as PostgreSQL does at `max_connections`. It is never an error
    within a session.

    **Why it matters.** It comes when a service scales out or leaks connections: just when there is most
    to do. It is no `ConnectionRefusedError`: the socket opens, and the driver raises an error of its own.

    **Tears.**

    ```python
    except ConnectionRefusedError:           # TooManyConnectionsError passes by
        return unavailable()
    ```

    **Instead.** Bound pools so that all instances together stay below the server's limit, and treat a
    session that cannot be had like a database that cannot be reached.

    ```python
    except (OSError, asyncpg.TooManyConnectionsError):
        return unavailable(retry_after_s=1)
    ```
    """

    name: ClassVar[str] = "pool_exhausted"
    protocols: ClassVar[frozenset[str]] = frozenset({"postgres"})
    waits: ClassVar[bool] = False
    ambiguous: ClassVar[bool] = False

    @property
    def spec(self) -> FaultSpec:
        return spec_of(self)

    @classmethod
    def offers(cls, crossing: Crossing, facts: Facts) -> Iterable[PoolExhausted]:
        if crossing.protocol == "postgres" and is_connect(crossing):
            yield cls()

    def at_step(self) -> Commands:
        return (CutIdle(),)

    def on_request(self, crossing: Crossing) -> Commands:
        if is_connect(crossing):
            return (Fatal("53300", "sorry, too many clients already"),)
        return (Forward(),)

    def on_reply(self, crossing: Crossing, reply: Any) -> Commands:
        return (Forward(),)


def pool_exhausted() -> FaultSpec:
    """Each new session is refused with FATAL 53300."""
    return PoolExhausted().spec
