"""``make bench``: every ratio measured side by side in this run, a line each.

``bench NAME VALUE TARGET ok|short``: a target is an upper bound, or, written negative by its
measure, a lower one. Exit status 0 always: it measures, it does not judge. Names of files given
(``python benchmarks/run.py startup wide``) are the only ones measured.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable

import experiment
import proxy
import startup
import undo
import wide
import workers

Measure = Callable[[], Iterable[tuple[str, float, float]]]
_MEASURES: dict[str, Measure] = {
    one.__name__: one.measure for one in (experiment, startup, workers, wide, undo, proxy)
}


def main() -> None:
    for chosen in sys.argv[1:] or _MEASURES:
        for name, value, target in _MEASURES[chosen]():
            good = value >= -target if target < 0 else value <= target
            sys.stdout.write(f"bench {name} {value:.3g} {abs(target):.3g} {'ok' if good else 'short'}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
