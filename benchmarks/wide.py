"""What a wide workflow costs: one request of 60 crossings, explored in singles, and narrower ones beside it.

The service is that of ``tests/acceptance/sixty``, its loops shortened for 15, 30 and 45 crossings. Singles
are all faults but those whose experiment is a wait or a restart and no work (``_SET_APART``): these cost
what the budget and the service's own start say, however wide a workflow is, and races, which are two runs.
``wide_s`` is one ``ripstop explore --workers 2`` at 60 crossings from its start to its end, a worker for each
of two cores; ``wide_alone_s`` is the same by one.

Every experiment runs the whole request again, so that an experiment at 60 crossings can never cost less
than four at 15, and the wider workflow has more of them. Linear is what is ours: ``wide_linear`` is the
time of one experiment for each crossing, at 60 over that at 15, and would be 4 if what an experiment does
grew with the square; ``wide_experiments`` is the number of experiments for each crossing, the same way.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import commands
from commands import ROOT, copied

from ripstop.faults import catalogue

_SET_APART = {
    "client_gone", "hang", "killed", "late_reply", "paused", "race", "slow", "stall", "terminated",
    "unreachable", "unresolved",
}  # fmt: skip
_SIXTY = (8, 12, 36)
_LOOPS = {15: (2, 3, 8), 30: (4, 6, 18), 45: (6, 9, 26), 60: _SIXTY}
"""Notices, deliveries and lines; the rest are BEGIN, COMMIT and, after six deliveries, a savepoint."""
_ROUNDS = 2
_TARGET_S = 20.0
_TARGET = 1.3


@dataclass(frozen=True, slots=True)
class Width:
    """One exploration of a workflow that makes so many crossings."""

    crossings: int
    seconds: float
    start_s: float
    experiments: int

    @property
    def experiment_ms(self) -> float:
        return (self.seconds - self.start_s) / self.experiments * 1_000


def measure() -> Iterator[tuple[str, float, float]]:
    """(name, value, target): seconds at 60 crossings, and how they grow from 15 to 60."""
    narrow, wide = (explored(crossings) for crossings in (15, 60))
    yield "wide_s", explored(60, workers=2).seconds, _TARGET_S
    yield "wide_alone_s", wide.seconds, _TARGET_S
    growth = wide.crossings / narrow.crossings
    yield "wide_linear", wide.experiment_ms / narrow.experiment_ms / growth, _TARGET
    yield "wide_experiments", wide.experiments / narrow.experiments / growth, _TARGET


def explored(crossings: int, *, workers: int = 1) -> Width:
    """The best of two explorations of a workflow that makes so many crossings."""
    singles = [part for name in catalogue.names() if name not in _SET_APART for part in ("--fault", name)]
    with copied(ROOT / "tests" / "acceptance" / "sixty") as project:
        _narrow(project, _LOOPS[crossings])
        asked = ("workflow.py", "--workers", str(workers), *singles)
        best = min(commands.explored(project, *asked) for _ in range(_ROUNDS))
    found = Width(crossings, best.seconds, best.start_s, best.experiments)
    sys.stderr.write(f"wide: {found}, {found.experiment_ms:.1f} ms an experiment\n")
    return found


def _narrow(project: Path, loops: tuple[int, ...]) -> None:
    for file in (project / "batches" / "app.py", project / "workflow.py"):
        before = text = file.read_text()
        for whole, fewer in zip(_SIXTY, loops, strict=True):
            text = text.replace(f"range(1, {whole + 1})", f"range(1, {fewer + 1})")
            text = text.replace(f"== {whole}\n", f"== {fewer}\n")
        assert text != before or loops == _SIXTY, f"nothing to narrow in {file}"
        file.write_text(text)
