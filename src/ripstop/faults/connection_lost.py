"""The fault `connection_lost`: the connection dies before the statement runs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from ripstop.faults.params import spec_of
from ripstop.faults.where import is_connect, is_housekeeping, is_mail
from ripstop.model.fault import Commands, CutBoth, Facts, FaultSpec, Forward
from ripstop.model.trace import Crossing


@dataclass(frozen=True, slots=True)
class ConnectionLost:
    """The connection dies at a statement; the statement, and its transaction, never happened.

    **What happens.** The statement arrives and is not passed on. Both connections are reset and the
    server's session is ended and waited for, so that the transaction is really rolled back and its locks
    are gone. At COMMIT this is a transaction that was **not** committed; its twin `reply_lost` is one that
    was, and to the service the two look the same. *smtp*: the message has come whole, final dot and all,
    and is not passed on; a server that loses its client there has accepted nothing (RFC 5321, 4.1.1.4).

    **Why it matters.** Failovers, restarts and proxies' idle limits end connections between any two
    statements. What was done outside the database before that point (a charge, a mail) stays done.

    **Tears.**

    ```python
    charge = provider.charge(amount)
    await connection.execute("INSERT INTO orders ...")    # lost: a charge, and no order
    ```

    **Instead.** Commit the intent before the effect, confirm it after; and answer a lost database as
    what it is, not as the caller's mistake.

    ```python
    await save(Order(key, status="pending"))              # committed first
    charge = provider.charge(amount, idempotency_key=key)
    await confirm(key, charge.id)
    ```
    """

    name: ClassVar[str] = "connection_lost"
    protocols: ClassVar[frozenset[str]] = frozenset({"postgres", "smtp"})
    waits: ClassVar[bool] = False
    ambiguous: ClassVar[bool] = False

    @property
    def spec(self) -> FaultSpec:
        return spec_of(self)

    @classmethod
    def offers(cls, crossing: Crossing, facts: Facts) -> Iterable[ConnectionLost]:
        if is_mail(crossing) or _offered(crossing):
            yield cls()

    def at_step(self) -> Commands:
        return ()

    def on_request(self, crossing: Crossing) -> Commands:
        return (CutBoth(),)

    def on_reply(self, crossing: Crossing, reply: Any) -> Commands:
        return (Forward(),)


def _offered(crossing: Crossing) -> bool:
    here = crossing.protocol == "postgres" and not is_connect(crossing)
    return here and not is_housekeeping(crossing)


def connection_lost() -> FaultSpec:
    """The connection dies before the statement runs; its transaction is gone."""
    return ConnectionLost().spec
