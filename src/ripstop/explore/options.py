"""What a person asks of one exploration."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """``seams`` and ``faults`` keep only those names (empty: all). ``max_time_s`` 0 is no bound.

    ``budget_ms`` is how long an answer may take; ``journal`` tables may keep rows when a
    request fails; ``retry_cap`` bounds attempts at one operation within a step. ``preemptions`` is how
    often racing requests are held, 1 or 2. ``clock`` is the seam by which time is moved, empty for none.
    """

    seams: frozenset[str] = frozenset()
    faults: frozenset[str] = frozenset()
    max_time_s: float = 0.0
    reduce: bool = True
    budget_ms: int = 5_000
    journal: frozenset[str] = frozenset()
    retry_cap: int = 4
    preemptions: int = 1
    clock: str = ""
