"""What a second worker saves: examples/orders explored whole, by one and by two, from start to end.

Each time is that of one ``ripstop explore`` as a person waits for it, with the usual budget of 5 s: its start
is in it, and that of the second worker, which begins beside the first, with a server and a service of its
own. Most of such a run is waiting (a service that hangs is given its whole budget), which two set-ups do at
once on however few cores; starting a service again, after it was killed, is work. The figure is the best of
runs in turn by one over the best by two.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from commands import ROOT, copied, explored

_ROUNDS = 2
_ALIKE = 3
"""Experiments more or less: what did not repeat is run again, here or there."""
_TARGET = 1.6


def measure() -> Iterator[tuple[str, float, float]]:
    """(name, value, target): one worker's time as a multiple of two workers'."""
    taken: dict[int, list[float]] = {1: [], 2: []}
    counts: dict[int, int] = {}
    with copied(ROOT / "examples" / "orders") as project:
        explored(project, "--fault", "status")
        for _ in range(_ROUNDS):
            for workers, times in taken.items():
                run = explored(project, "--workers", str(workers))
                times.append(run.seconds)
                counts[workers] = run.experiments
    assert abs(counts[1] - counts[2]) <= _ALIKE, f"not the same work: {counts} experiments"
    one, two = min(taken[1]), min(taken[2])
    sys.stderr.write(f"workers: one {one:.1f} s, two {two:.1f} s\n")
    yield "workers", one / two, -_TARGET
