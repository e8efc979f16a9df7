"""The fault `reply_lost`: the effect happened, the reply did not arrive."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from ripstop.faults.params import spec_of
from ripstop.faults.where import is_call, is_commit, is_mail, is_write
from ripstop.model.fault import Commands, CutClient, Facts, FaultSpec, Forward
from ripstop.model.trace import Crossing, Kind


@dataclass(frozen=True, slots=True)
class ReplyLost:
    """The effect happened and the reply was lost: the seed of the double charge.

    **What happens.** The request (or the COMMIT or EXEC, or a write outside a transaction, or a whole
    message at a mail server) is passed on and carried out. Once the other side has answered whole, the
    connection to the service is reset without one byte of that answer. The charge is made; the row is
    really there; the mail is accepted; the service sees `ECONNRESET`, or `server closed the connection
    unexpectedly`.

    **Why it matters.** An error here says nothing about what happened. A service that treats it as
    "nothing happened" charges twice on the next try, or answers 500 for an order that exists.

    **Tears.**

    ```python
    charge = provider.charge(amount)         # lost reply: raises, although the card was charged
    db.execute("INSERT INTO orders ...")     # never reached; the customer's retry charges again
    ```

    **Instead.** Give every attempt at one intent the same key, at the provider and in your own table,
    so that trying again returns the first result.

    ```python
    charge = provider.charge(amount, idempotency_key=f"order-{order_id}")
    db.execute("INSERT INTO orders (key, ...) VALUES (...) ON CONFLICT (key) DO NOTHING")
    ```
    """

    name: ClassVar[str] = "reply_lost"
    protocols: ClassVar[frozenset[str]] = frozenset({"http", "postgres", "redis", "smtp"})
    waits: ClassVar[bool] = False
    ambiguous: ClassVar[bool] = True

    @property
    def spec(self) -> FaultSpec:
        return spec_of(self)

    @classmethod
    def offers(cls, crossing: Crossing, facts: Facts) -> Iterable[ReplyLost]:
        done = is_call(crossing) or is_mail(crossing) or is_commit(crossing)
        if done or _commits_itself(crossing) or _stands(crossing):
            yield cls()

    def at_step(self) -> Commands:
        return ()

    def on_request(self, crossing: Crossing) -> Commands:
        return (Forward(),)

    def on_reply(self, crossing: Crossing, reply: Any) -> Commands:
        return (CutClient(),)


def _stands(crossing: Crossing) -> bool:
    """An EXEC, or a write of its own, a pop that waited for its element included."""
    alone = crossing.kind is Kind.WRITE and not crossing.in_transaction
    return crossing.protocol == "redis" and (alone or crossing.kind is Kind.COMMIT)


def _commits_itself(crossing: Crossing) -> bool:
    return is_write(crossing) and not crossing.in_transaction


def reply_lost() -> FaultSpec:
    """The effect happened, then the connection is reset without a byte of reply."""
    return ReplyLost().spec
