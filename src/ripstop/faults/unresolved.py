"""The fault `unresolved`: the name does not resolve."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from ripstop.faults.params import spec_of
from ripstop.model.fault import Commands, Facts, FaultSpec, Forward
from ripstop.model.trace import Crossing


@dataclass(frozen=True, slots=True)
class Unresolved:
    """The provider's name does not resolve: `getaddrinfo` fails.

    **What happens.** A resolver answers NXDOMAIN or not at all, before any socket exists. Ripstop can
    bring this about only for host names it intercepts, by its own resolver in the service's process.

    **Not offered in this release.** A service is pointed at its doubles by address, and an address has
    no name to fail. `connection_refused` is the nearest fault: most HTTP clients raise the same class of
    error for both (`requests.ConnectionError`, `httpx.ConnectError`).

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
        return ()

    def at_step(self) -> Commands:
        return ()

    def on_request(self, crossing: Crossing) -> Commands:
        return (Forward(),)

    def on_reply(self, crossing: Crossing, reply: Any) -> Commands:
        return (Forward(),)


def unresolved() -> FaultSpec:
    """The name does not resolve. Offered nowhere in this release."""
    return Unresolved().spec
