"""When a service has come to rest: nothing under way, no open transaction, and quiet for a while.

Judging earlier is the great source of false findings; waiting a fixed time is the other. What
a service does after its answer is learned from the baseline and waited for by name.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from ripstop.model.trace import CrossingId, Phase
from ripstop.seams.board import Board

_STEP_S = 0.0005
_OWN = (Phase.CALL, Phase.RECOVERY)
"""What a step makes itself: once all is healed, too."""


@dataclass(frozen=True, slots=True)
class Rest:
    """What to wait for. ``quiet_ms`` is how long every seam must have been silent, ``bound_ms``
    when to give up, ``expected`` crossings known to come, bounded by ``expected_ms``.
    With ``faulted`` a crossing that a fault holds does not count as work going on."""

    quiet_ms: float = 2.0
    bound_ms: float = 5_000.0
    expected: frozenset[CrossingId] = frozenset()
    expected_ms: float = 0.0
    faulted: bool = False


class Working(Protocol):
    """Whatever can tell what is going on in it."""

    def busy(self) -> tuple[str, ...]: ...


def settle(places: Iterable[Working], board: Board, rest: Rest) -> tuple[str, ...]:
    """Wait until the service rests; what is still going on at the bound, empty if it rests."""
    places = tuple(places)
    started = time.monotonic()
    while True:
        going_on = tuple(text for place in places for text in place.busy())
        waited_ms = (time.monotonic() - started) * 1_000
        if _at_rest(going_on, waited_ms, board, rest):
            return ()
        if waited_ms >= rest.bound_ms:
            return going_on or ("the seams did not fall silent",)
        time.sleep(_STEP_S)


def _at_rest(going_on: tuple[str, ...], waited_ms: float, board: Board, rest: Rest) -> bool:
    stuck = rest.faulted and bool(board.fired)
    if going_on and not stuck:
        return False
    quiet_ms = max(rest.quiet_ms, 25.0) if going_on else rest.quiet_ms
    if board.quiet_ms() < quiet_ms:
        return False
    missing = rest.expected - {c.id for c in board.trace if c.phase in _OWN} if rest.expected else ()
    return not missing or waited_ms >= rest.expected_ms
