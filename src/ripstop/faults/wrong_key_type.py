"""The fault `wrong_key_type`: the key holds a value of another type."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from ripstop.faults.keyed import asks, command_of, keys
from ripstop.faults.params import spec_of
from ripstop.model.fault import Commands, Facts, FaultSpec, Forward, RunServer
from ripstop.model.trace import Crossing
from ripstop.wire.redis.commands import TYPES
from ripstop.wire.redis.requests import encode

_TYPED = frozenset().union(*TYPES.values())


@dataclass(frozen=True, slots=True)
class WrongKeyType:
    """The key holds a value of another type than the command wants: `WRONGTYPE`, from the real server.

    **What happens.** Just before the command is passed on, its first key is really replaced on the real
    server: a hash where a string is wanted, a string where anything else is. The server's own answer
    follows: `WRONGTYPE Operation against a key holding the wrong kind of value`. The key stays so, and
    trying again meets the same. (`wrong_type` is another fault: a provider's JSON with a field of another
    type.)

    **Why it matters.** Two versions of a service share one Redis while one of them is being deployed, or
    two features choose the same key. `SET` overwrites any type without a word; the error comes out at
    the other one's next read, and it never goes away by itself.

    **Tears.**

    ```python
    visits = store.incr(f"visits:{user}")    # redis.ResponseError on every request of this user, for ever
    ```

    **Instead.** Give each layout a key of its own, with a version in it, and treat what cannot be read
    as not there.

    ```python
    KEY = "visits:v2:{user}"
    ```
    """

    name: ClassVar[str] = "wrong_key_type"
    protocols: ClassVar[frozenset[str]] = frozenset({"redis"})
    waits: ClassVar[bool] = False
    ambiguous: ClassVar[bool] = False

    @property
    def spec(self) -> FaultSpec:
        return spec_of(self)

    @classmethod
    def offers(cls, crossing: Crossing, facts: Facts) -> Iterable[WrongKeyType]:
        if asks(crossing) and command_of(crossing) in _TYPED and keys(crossing):
            yield cls()

    def at_step(self) -> Commands:
        return ()

    def on_request(self, crossing: Crossing) -> Commands:
        key = keys(crossing)[:1]
        if not key or crossing.in_transaction:
            return (Forward(),)
        wants_text = command_of(crossing) in TYPES["string"]
        other = encode("HSET", *key, "field", "value") if wants_text else encode("SET", *key, "value")
        return (RunServer(encode("DEL", *key) + other), Forward())

    def on_reply(self, crossing: Crossing, reply: Any) -> Commands:
        return (Forward(),)


def wrong_key_type() -> FaultSpec:
    """The key is really given a value of another type just before the command."""
    return WrongKeyType().spec
