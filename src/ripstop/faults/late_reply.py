"""The fault `late_reply`: the effect at once, the answer too late."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from ripstop.faults.params import require, spec_of
from ripstop.faults.where import is_call
from ripstop.model.fault import Commands, Delay, Facts, FaultSpec, Forward
from ripstop.model.trace import Crossing


@dataclass(frozen=True, slots=True)
class LateReply:
    """The effect happens at once and the answer comes after the caller has given up.

    **What happens.** The request is passed on and carried out; its answer is kept for `delay_ms`
    milliseconds, longer than the caller's budget, and sent then.

    **Parameters.** `delay_ms`: milliseconds from the provider's answer to its delivery.

    **Why it matters.** The caller's time-out fires and says nothing about the effect. Whoever tries
    again without a key charges twice; whoever reports failure has charged for nothing.

    **Tears.**

    ```python
    except httpx.TimeoutException:
        provider.charge(amount)              # a second charge: the first one went through
    ```

    **Instead.** Try again with the *same* idempotency key, or look the first attempt up before making
    a second one.

    ```python
    provider.charge(amount, idempotency_key=key)
    ```
    """

    name: ClassVar[str] = "late_reply"
    protocols: ClassVar[frozenset[str]] = frozenset({"http"})
    waits: ClassVar[bool] = True
    ambiguous: ClassVar[bool] = True

    delay_ms: int = 6_000

    def __post_init__(self) -> None:
        require(self.delay_ms > 0, self.name, "delay_ms: must be above 0")

    @property
    def spec(self) -> FaultSpec:
        return spec_of(self)

    @classmethod
    def offers(cls, crossing: Crossing, facts: Facts) -> Iterable[LateReply]:
        if is_call(crossing):
            yield cls(delay_ms=facts.budget_ms + facts.budget_ms // 5)

    def at_step(self) -> Commands:
        return ()

    def on_request(self, crossing: Crossing) -> Commands:
        return (Forward(),)

    def on_reply(self, crossing: Crossing, reply: Any) -> Commands:
        return (Delay(self.delay_ms), Forward())


def late_reply(delay_ms: int = 6_000) -> FaultSpec:
    """The effect happens at once, the answer comes ``delay_ms`` milliseconds later."""
    return LateReply(delay_ms).spec
