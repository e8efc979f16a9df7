"""Work that a step leaves for later, such as a job a worker does: told by what it left in undisturbed runs.

Once every fault is off, whoever does such work may first have to be started again, or waits before it
tries again. What it leaves is waited for, not how it gets there.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from ripstop.model.state import Observation

Shape = Counter[tuple[str, str, str]]
"""Row changes by seam, table and kind, effects by seam and kind: how many."""

_STEP_S = 0.02


def shape(seen: Observation) -> Shape:
    """What an observation holds, whatever the values."""
    found = Counter((change.seam, change.table, change.kind) for change in seen.changes)
    found.update((effect.seam, "", effect.kind) for effect in seen.effects)
    return found


def wanted(left: Mapping[str, Shape], answered: Iterable[str]) -> Shape:
    """All that the answered steps leave; empty where none of them leaves work for later."""
    return sum((left[name] for name in set(answered) if name in left), Shape())


def wait_for(
    want: Shape, observe: Callable[[], Observation], revive: Callable[[], str], most_s: float
) -> tuple[bool, str]:
    """Wait until all of it is there: whether it is, and how processes ended that were revived meanwhile."""
    deaths: list[str] = []
    deadline = time.monotonic() + most_s
    while not (done := not want or want <= shape(observe())) and time.monotonic() < deadline:
        if how := revive():
            deaths.append(how)
        time.sleep(_STEP_S)
    return done, "; ".join(dict.fromkeys(deaths))
