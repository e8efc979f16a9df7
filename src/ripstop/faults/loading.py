"""The fault `loading`: the server is reading its data in and answers nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from ripstop.faults.keyed import asks, command_of, is_queued, refuse
from ripstop.faults.params import spec_of
from ripstop.model.fault import Commands, Facts, FaultSpec, Forward
from ripstop.model.trace import Crossing, Kind

_TEXT = "LOADING Redis is loading the dataset in memory"
_ANSWERED_ALL_THE_SAME = ("PUBLISH", "SPUBLISH")


@dataclass(frozen=True, slots=True)
class Loading:
    """The Redis server has started and is still loading its data: it takes connections and nothing else.

    **What happens.** A read or write is answered `LOADING Redis is loading the dataset in memory` and does
    not happen. Within MULTI it is not queued and the EXEC answers `EXECABORT`. Connecting, HELLO, AUTH and
    SELECT work, as they do on such a server.

    **Why it matters.** After a restart or a failover a server with much data does this for minutes.
    Connections succeed, so "is it up?" says yes. In redis-py the error is a `ConnectionError`: code that
    tries again at once, in a loop, makes a storm of it.

    **Tears.**

    ```python
    session = store.get(f"session:{token}")  # redis.BusyLoadingError: everybody is logged out, or a 500
    ```

    **Instead.** Answer that the service is not ready yet, with a bounded number of tries and a pause
    between them.

    ```python
    redis.Redis(retry=Retry(ExponentialBackoff(cap=1), 3))
    ```
    """

    name: ClassVar[str] = "loading"
    protocols: ClassVar[frozenset[str]] = frozenset({"redis"})
    waits: ClassVar[bool] = False
    ambiguous: ClassVar[bool] = False

    @property
    def spec(self) -> FaultSpec:
        return spec_of(self)

    @classmethod
    def offers(cls, crossing: Crossing, facts: Facts) -> Iterable[Loading]:
        alone = asks(crossing) and crossing.kind is not Kind.COMMIT
        if (alone or is_queued(crossing)) and command_of(crossing) not in _ANSWERED_ALL_THE_SAME:
            yield cls()

    def at_step(self) -> Commands:
        return ()

    def on_request(self, crossing: Crossing) -> Commands:
        return refuse(crossing, _TEXT)

    def on_reply(self, crossing: Crossing, reply: Any) -> Commands:
        return (Forward(),)


def loading() -> FaultSpec:
    """The server is still loading its data: the command is refused."""
    return Loading().spec
