"""The fault `before_expiry`: the caller comes just before something expires."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from ripstop.faults.params import spec_of
from ripstop.model.fault import Commands, Facts, FaultSpec, Forward, MoveClock
from ripstop.model.trace import Crossing


@dataclass(frozen=True, slots=True)
class BeforeExpiry:
    """The caller comes just before something expires.

    **What happens.** Before a step the clock of the service, its other processes and its servers is moved to
    one second before what an earlier step gave out expires. All must still be as without the wait.

    **Parameters.** `of`: where the run said when, the step and a place in its answer (`/expires_at`, a token,
    `cookie NAME`) or a column (`db tokens.expires_at`); `early_s`: how many seconds before.

    **Why it matters.** Two clocks are asked, the program's and the database's; a zone is left out of one of
    them, or a token is renewed only after it was needed. Nobody waits a day in a test to see it.

    **Tears.**

    ```python
    expires = datetime.fromisoformat(row["expires_at"]).replace(tzinfo=None)   # written in UTC
    if expires < datetime.now():                                               # read in local time
    ```

    **Instead.** Keep moments with their zone, and let one clock decide.

    ```python
    "SELECT ... WHERE token = %s AND expires_at > now()"
    ```
    """

    name: ClassVar[str] = "before_expiry"
    protocols: ClassVar[frozenset[str]] = frozenset({"clock"})
    waits: ClassVar[bool] = False
    ambiguous: ClassVar[bool] = False

    of: str
    early_s: int = 1

    @property
    def spec(self) -> FaultSpec:
        return spec_of(self)

    @classmethod
    def offers(cls, crossing: Crossing, facts: Facts) -> Iterable[BeforeExpiry]:
        for place in facts.expiries:
            yield cls(place)

    def at_step(self) -> Commands:
        return (MoveClock("expiry", -self.early_s, self.of),)

    def on_request(self, crossing: Crossing) -> Commands:
        return (Forward(),)

    def on_reply(self, crossing: Crossing, reply: Any) -> Commands:
        return (Forward(),)


def before_expiry(of: str, *, early_s: int = 1) -> FaultSpec:
    """The clock shows ``early_s`` seconds before what was given out at this place expires."""
    return BeforeExpiry(of, early_s).spec
