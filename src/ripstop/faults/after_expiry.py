"""The fault `after_expiry`: the caller comes after something has expired."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from ripstop.faults.params import spec_of
from ripstop.model.fault import Commands, Facts, FaultSpec, Forward, MoveClock
from ripstop.model.trace import Crossing


@dataclass(frozen=True, slots=True)
class AfterExpiry:
    """The caller comes after something has expired.

    **What happens.** Before a step the clock of the service, its other processes and its servers is moved to
    one second after what an earlier step gave out expires. Where the step works as ever, it is tried once
    more ten minutes after, which is more than any leeway for clocks that differ.

    **Parameters.** `of`: where the run said when, the step and a place in its answer (`/expires_at`, a token,
    `cookie NAME`) or a column (`db tokens.expires_at`); `late_s`: how many seconds after.

    **Why it matters.** An expiry that nobody looks at is none: whoever finds an old token, a link in a mail
    or a session in a backup is let in for ever. And code that does look is seldom run: the branch for what
    has expired is where the unhandled error is.

    **Tears.**

    ```python
    claims = jwt.decode(token, KEY, algorithms=["HS256"], options={"verify_exp": False})
    ```

    **Instead.** Let the library refuse what has expired, and answer 401 in your own words.

    ```python
    except jwt.ExpiredSignatureError as error:
        raise HTTPException(401, {"error": "expired"}) from error
    ```
    """

    name: ClassVar[str] = "after_expiry"
    protocols: ClassVar[frozenset[str]] = frozenset({"clock"})
    waits: ClassVar[bool] = False
    ambiguous: ClassVar[bool] = False

    of: str
    late_s: int = 1

    @property
    def spec(self) -> FaultSpec:
        return spec_of(self)

    @classmethod
    def offers(cls, crossing: Crossing, facts: Facts) -> Iterable[AfterExpiry]:
        for place in facts.expiries:
            yield cls(place)

    def at_step(self) -> Commands:
        return (MoveClock("expiry", self.late_s, self.of),)

    def on_request(self, crossing: Crossing) -> Commands:
        return (Forward(),)

    def on_reply(self, crossing: Crossing, reply: Any) -> Commands:
        return (Forward(),)


def after_expiry(of: str, *, late_s: int = 1) -> FaultSpec:
    """The clock shows ``late_s`` seconds after what was given out at this place has expired."""
    return AfterExpiry(of, late_s).spec
