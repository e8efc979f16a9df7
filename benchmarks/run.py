"""``make bench``: every ratio measured side by side in this run, a line each.

``bench NAME VALUE TARGET ok|short``: a target is an upper bound, or, written negative by its
measure, a lower one. Exit status 0 always: it measures, it does not judge.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable

import experiment
import proxy
import undo

Measure = Callable[[], Iterable[tuple[str, float, float]]]
_MEASURES: tuple[Measure, ...] = (experiment.measure, undo.measure, proxy.measure)


def main() -> None:
    for measure in _MEASURES:
        for name, value, target in measure():
            good = value >= -target if target < 0 else value <= target
            sys.stdout.write(f"bench {name} {value:.3g} {abs(target):.3g} {'ok' if good else 'short'}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
