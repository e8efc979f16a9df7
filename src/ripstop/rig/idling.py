"""What the processes beside the service do when nobody asks for anything: a worker that looks for jobs.

Watched once, before anything is learned; then it is no part of any run, nor does it count as unrest.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import pairwise

from ripstop.seams.board import Board

_STEP_S = 0.02
_ENOUGH = 4
"""Rounds after which nothing new is expected."""
_LEAST_S = 0.3
_SILENT_S = 1.2
"""How long to listen to processes that make no sound."""
_MOST_S = 3.0


@dataclass(frozen=True, slots=True)
class Idling:
    """What is done (owner, seam, operation), and the longest time between two rounds."""

    done: frozenset[tuple[str, str, str]] = frozenset()
    every_ms: float = 0.0


def watch(board: Board, *, most_s: float = _MOST_S) -> Idling:
    """Listen for a while, three seconds at most; from then on the board lets such crossings pass.

    Nothing may be asked of the service meanwhile.
    """
    seen = board.watched = {}
    began = time.monotonic()
    while (passed_s := time.monotonic() - began) < most_s and not _clear(seen, passed_s):
        time.sleep(_STEP_S)
    board.watched = None
    gaps = [later - sooner for times in seen.values() for sooner, later in pairwise(times)]
    board.idle = frozenset(seen)
    return Idling(board.idle, max(gaps, default=0.0))


def _clear(seen: dict[tuple[str, str, str], list[float]], passed_s: float) -> bool:
    if not seen:
        return passed_s >= _SILENT_S
    return passed_s >= _LEAST_S and all(len(times) >= _ENOUGH for times in tuple(seen.values()))
