"""The fault `hang`: accepted and never answered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from ripstop.faults.keyed import asks
from ripstop.faults.params import spec_of
from ripstop.faults.where import is_call, is_commit, is_mail, is_mail_connect, works
from ripstop.model.fault import Commands, Facts, FaultSpec, Forward, Hold, SendBackend
from ripstop.model.trace import Crossing

_LIMIT_S = 3_600
_AS_COMMIT = "SET LOCAL statement_timeout = 0"
"""The server switches this guard off before it commits (postgres.c, finish_xact_command)."""


@dataclass(frozen=True, slots=True)
class Hang:
    """Accepted, and never answered.

    **What happens.** *http*: the request is read and kept; the effect is not applied; no byte comes back.
    *postgres*: the real backend waits in the statement's place (`pg_sleep`), so that the service's own
    `statement_timeout` and cancel requests work as they do against a server that is slow for its own
    reasons. At COMMIT only the cancel does: PostgreSQL switches `statement_timeout` off before it commits,
    so a COMMIT that waits (for a deferred trigger, a synchronous standby) waits on. A cancel there
    leaves the session idle and the transaction gone. `stall` is the sibling on a dead network, where no
    guard of the server can help. *smtp*: the connection is taken and no greeting comes, or the message
    is read to its final dot and not acknowledged; it is not delivered. *redis*: the command is kept, as
    by a server that is busy with another (a long script, `KEYS *`); it is not carried out.

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
    protocols: ClassVar[frozenset[str]] = frozenset({"http", "postgres", "redis", "smtp"})
    waits: ClassVar[bool] = True
    ambiguous: ClassVar[bool] = False

    @property
    def spec(self) -> FaultSpec:
        return spec_of(self)

    @classmethod
    def offers(cls, crossing: Crossing, facts: Facts) -> Iterable[Hang]:
        mail = is_mail(crossing) or is_mail_connect(crossing)
        if mail or is_call(crossing) or works(crossing) or asks(crossing):
            yield cls()

    def at_step(self) -> Commands:
        return ()

    def on_request(self, crossing: Crossing) -> Commands:
        if crossing.protocol != "postgres":
            return (Hold(),)
        sleep = f"SELECT pg_sleep({_LIMIT_S})"
        if is_commit(crossing):
            return (SendBackend(sleep, before=_AS_COMMIT, after_error="ROLLBACK"),)
        return (SendBackend(sleep),)

    def on_reply(self, crossing: Crossing, reply: Any) -> Commands:
        return (Forward(),)


def hang() -> FaultSpec:
    """Accepted and never answered. The effect does not happen."""
    return Hang().spec
