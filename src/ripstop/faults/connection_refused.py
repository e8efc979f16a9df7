"""The fault `connection_refused`: nobody listens."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from ripstop.faults.params import spec_of
from ripstop.faults.where import is_call, is_connect
from ripstop.model.fault import Commands, CutIdle, Facts, FaultSpec, Forward, Refuse
from ripstop.model.trace import Crossing


@dataclass(frozen=True, slots=True)
class ConnectionRefused:
    """Nobody listens: every attempt to connect is refused at once.

    **What happens.** Before the step's request is sent, idle pooled connections of the seam are cut and
    the listening socket is closed, so that the kernel answers each SYN with a reset (`ECONNREFUSED`).
    It stays closed until the experiment heals. The effect is not applied.

    **Why it matters.** It is the first minute of every restart, failover and bad deployment. Nothing
    was sent, so trying again is always safe; what is tested is whether anybody thought of it.

    **Tears.**

    ```python
    row = await pool.fetchrow("SELECT * FROM stock WHERE sku = $1", sku)   # raises: a bare 500
    ```

    **Instead.** Map a lost database or provider to an answer of your own, with a body that says whether
    to try again, and let the pool connect anew on the next request.

    ```python
    except (OSError, asyncpg.PostgresConnectionError):
        return JSONResponse({"error": "database_unavailable", "retryable": True}, 503)
    ```
    """

    name: ClassVar[str] = "connection_refused"
    protocols: ClassVar[frozenset[str]] = frozenset({"http", "postgres", "redis", "smtp"})
    waits: ClassVar[bool] = False
    ambiguous: ClassVar[bool] = False

    @property
    def spec(self) -> FaultSpec:
        return spec_of(self)

    @classmethod
    def offers(cls, crossing: Crossing, facts: Facts) -> Iterable[ConnectionRefused]:
        if is_connect(crossing) or is_call(crossing):
            yield cls()

    def at_step(self) -> Commands:
        return (CutIdle(), Refuse())

    def on_request(self, crossing: Crossing) -> Commands:
        return (Forward(),)

    def on_reply(self, crossing: Crossing, reply: Any) -> Commands:
        return (Forward(),)


def connection_refused() -> FaultSpec:
    """Nobody listens, from the step on until healed."""
    return ConnectionRefused().spec
