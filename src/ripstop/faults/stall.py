"""The fault `stall`: a dead network between service and database."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from ripstop.faults.params import spec_of
from ripstop.faults.where import works
from ripstop.model.fault import Commands, Facts, FaultSpec, Forward, Hold
from ripstop.model.trace import Crossing


@dataclass(frozen=True, slots=True)
class Stall:
    """The network to the database goes dead: no answer, no error, and no guard of the server helps.

    **What happens.** The statement is kept at the proxy and never reaches the server. Its
    `statement_timeout` does not run, and a cancel request finds nothing to cancel. Healing aborts what
    was kept; it is never carried out.

    **Why it matters.** A service that guards itself with `statement_timeout` alone holds under `hang`
    and waits forever here: TCP keeps a silent connection for hours. This is what a failed switch, a
    lost route or a frozen virtual machine looks like.

    **Tears.**

    ```python
    psycopg.connect(dsn, options="-c statement_timeout=2000")   # the server's clock; the server is gone
    ```

    **Instead.** Bound the wait at the client as well.

    ```python
    await asyncpg.create_pool(dsn, command_timeout=3.0)
    psycopg.connect(dsn, tcp_user_timeout=3000, keepalives_idle=5)
    ```
    """

    name: ClassVar[str] = "stall"
    protocols: ClassVar[frozenset[str]] = frozenset({"postgres"})
    waits: ClassVar[bool] = True
    ambiguous: ClassVar[bool] = False

    @property
    def spec(self) -> FaultSpec:
        return spec_of(self)

    @classmethod
    def offers(cls, crossing: Crossing, facts: Facts) -> Iterable[Stall]:
        if works(crossing):
            yield cls()

    def at_step(self) -> Commands:
        return ()

    def on_request(self, crossing: Crossing) -> Commands:
        return (Hold(),)

    def on_reply(self, crossing: Crossing, reply: Any) -> Commands:
        return (Forward(),)


def stall() -> FaultSpec:
    """The network to the database goes dead."""
    return Stall().spec
