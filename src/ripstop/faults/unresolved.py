"""The fault `unresolved`: the name does not resolve."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from ripstop.faults.params import spec_of
from ripstop.faults.where import is_call
from ripstop.model.fault import Commands, CutIdle, Darken, Facts, FaultSpec, Forward
from ripstop.model.trace import Crossing


@dataclass(frozen=True, slots=True)
class Unresolved:
    """The provider's name does not resolve: `getaddrinfo` fails.

    **What happens.** Idle pooled connections are cut, and from the step on the name is unknown
    (`EAI_NONAME`), before any socket exists. Offered for intercepted hosts only: where a service is
    pointed at its double by address there is no name to fail, and `connection_refused` is the nearest.

    **Why it matters.** DNS fails more often than the hosts behind it, and its errors (`socket.gaierror`)
    are a subclass of `OSError` that narrow `except` clauses miss.

    **Tears.**

    ```python
    except ConnectionError:        # socket.gaierror is an OSError, and no ConnectionError
        return unavailable()
    ```

    **Instead.** Catch your client's own base class of transport errors.

    ```python
    except httpx.TransportError:
        return unavailable()
    ```
    """

    name: ClassVar[str] = "unresolved"
    protocols: ClassVar[frozenset[str]] = frozenset({"http"})
    waits: ClassVar[bool] = False
    ambiguous: ClassVar[bool] = False

    @property
    def spec(self) -> FaultSpec:
        return spec_of(self)

    @classmethod
    def offers(cls, crossing: Crossing, facts: Facts) -> Iterable[Unresolved]:
        if is_call(crossing) and facts.hosts:
            yield cls()

    def at_step(self) -> Commands:
        return (CutIdle(), Darken())

    def on_request(self, crossing: Crossing) -> Commands:
        return (Forward(),)

    def on_reply(self, crossing: Crossing, reply: Any) -> Commands:
        return (Forward(),)


def unresolved() -> FaultSpec:
    """The name does not resolve, from the step on until healed."""
    return Unresolved().spec
