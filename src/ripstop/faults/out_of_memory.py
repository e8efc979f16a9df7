"""The fault `out_of_memory`: the server's memory is full."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from ripstop.faults.keyed import asks, command_of, is_queued, refuse
from ripstop.faults.params import spec_of
from ripstop.model.fault import Commands, Facts, FaultSpec, Forward
from ripstop.model.trace import Crossing
from ripstop.wire.redis.commands import DENIED_WHEN_FULL

_TEXT = "OOM command not allowed when used memory > 'maxmemory'."


@dataclass(frozen=True, slots=True)
class OutOfMemory:
    """The Redis server has reached `maxmemory` and evicts nothing: what could grow is refused.

    **What happens.** A command that may take memory (`SET`, `HSET`, `LPUSH`, ... the flag `denyoom`) is
    answered `OOM command not allowed when used memory > 'maxmemory'.` and does not happen; reads and
    deletes go on. Within MULTI it is not queued and the EXEC answers `EXECABORT`.

    **Why it matters.** With `maxmemory-policy noeviction`, the default, a full server looks well: it
    answers, it reads. Sessions, carts, locks and jobs just cannot be written any more.

    **Tears.**

    ```python
    db.commit()                              # the order stands
    queue.rpush("mails", order_id)           # redis.OutOfMemoryError: a 500, and no mail ever
    ```

    **Instead.** Keep what must not be lost in the database (an outbox), and let a cache fail quietly.

    ```python
    with suppress(redis.RedisError):
        cache.set(key, value, ex=300)
    ```
    """

    name: ClassVar[str] = "out_of_memory"
    protocols: ClassVar[frozenset[str]] = frozenset({"redis"})
    waits: ClassVar[bool] = False
    ambiguous: ClassVar[bool] = False

    @property
    def spec(self) -> FaultSpec:
        return spec_of(self)

    @classmethod
    def offers(cls, crossing: Crossing, facts: Facts) -> Iterable[OutOfMemory]:
        if (asks(crossing) or is_queued(crossing)) and command_of(crossing) in DENIED_WHEN_FULL:
            yield cls()

    def at_step(self) -> Commands:
        return ()

    def on_request(self, crossing: Crossing) -> Commands:
        return refuse(crossing, _TEXT)

    def on_reply(self, crossing: Crossing, reply: Any) -> Commands:
        return (Forward(),)


def out_of_memory() -> FaultSpec:
    """The server's memory is full: a command that could grow it is refused."""
    return OutOfMemory().spec
