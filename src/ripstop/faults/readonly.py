"""The fault `readonly`: the server has become a replica."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from ripstop.faults.keyed import asks, command_of, is_queued, refuse
from ripstop.faults.params import spec_of
from ripstop.model.fault import Commands, Facts, FaultSpec, Forward
from ripstop.model.trace import Crossing
from ripstop.wire.redis.commands import WRITES

_TEXT = "READONLY You can't write against a read only replica."


@dataclass(frozen=True, slots=True)
class Readonly:
    """The Redis server has become a replica: it still answers reads, and refuses writes.

    **What happens.** A write is answered `READONLY You can't write against a read only replica.` and does
    not happen. Within MULTI the command is not queued and the EXEC answers `EXECABORT`, as a server does.

    **Why it matters.** It is what a failover looks like from an old connection: the primary was demoted,
    and the pool still holds connections to it. Reads go on working, so health checks stay green while
    every write fails, until somebody connects anew.

    **Tears.**

    ```python
    cache.set(key, value)                    # redis.ReadOnlyError: a bare 500 for a cache that is optional
    ```

    **Instead.** Drop the connection and try once more, for the new primary is behind the same name; and
    let what is only a cache fail quietly.

    ```python
    redis.Redis(retry=Retry(ExponentialBackoff(), 3), retry_on_error=[redis.ReadOnlyError])
    ```
    """

    name: ClassVar[str] = "readonly"
    protocols: ClassVar[frozenset[str]] = frozenset({"redis"})
    waits: ClassVar[bool] = False
    ambiguous: ClassVar[bool] = False

    @property
    def spec(self) -> FaultSpec:
        return spec_of(self)

    @classmethod
    def offers(cls, crossing: Crossing, facts: Facts) -> Iterable[Readonly]:
        if (asks(crossing) or is_queued(crossing)) and command_of(crossing) in WRITES:
            yield cls()

    def at_step(self) -> Commands:
        return ()

    def on_request(self, crossing: Crossing) -> Commands:
        return refuse(crossing, _TEXT)

    def on_reply(self, crossing: Crossing, reply: Any) -> Commands:
        return (Forward(),)


def readonly() -> FaultSpec:
    """The server has become a replica: the write is refused."""
    return Readonly().spec
