"""The parts of the zoo's README that are measured: written between markers, everything else left alone."""

from __future__ import annotations

import os
import platform
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from benchmarks.zoo import table
from benchmarks.zoo.judging import score
from benchmarks.zoo.pairs import Pair
from benchmarks.zoo.results import Result, peer_scores

README = Path(__file__).with_name("README.md")


def write(results: Sequence[Result], day: date, path: Path = README) -> None:
    """Put a run's results, and the first runs of its pairs, into the README."""
    path.write_text(replaced(path.read_text(), "results", results_text(results, day)))
    write_first_runs([result.judged.pair for result in results], path)


def write_first_runs(pairs: Sequence[Pair], path: Path = README) -> None:
    path.write_text(replaced(path.read_text(), "first runs", first_runs(pairs)))


def replaced(text: str, name: str, inside: str) -> str:
    """The text with another inside of the place ``name``. Raises ValueError where it has no such place."""
    start, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
    before, opened, rest = text.partition(start)
    _, closed, after = rest.partition(end)
    if not opened or not closed:
        raise ValueError(f"no place for {name}: it lies between {start.strip()} and {end}")
    return f"{before}{start}\n{inside}\n{end}{after}"


def results_text(results: Sequence[Result], day: date) -> str:
    """Date and machine, the table, and the sums."""
    peers = list(results[0].peers) if results else []
    machine = f"{os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}"
    return "\n".join(
        [
            f"{day.isoformat()}, {machine}.",
            "",
            *table.markdown(table.headings(peers), map(table.cells, results)),
            "",
            *(f"- {peer}" for peer in peer_scores(results)),
            f"- {score([result.judged for result in results])}",
            "",
        ]
    )


def first_runs(pairs: Sequence[Pair]) -> str:
    """The honest first outcome of every pair, blind ones first."""
    ordered = sorted(pairs, key=lambda pair: (not pair.blind, pair.name))
    rows = ((pair.name, "yes" if pair.blind else "no", " ".join(pair.first_run.split())) for pair in ordered)
    return "\n".join([*table.markdown(("pair", "blind", "first run"), rows), "", *_sums(pairs), ""])


def _sums(pairs: Sequence[Pair]) -> Iterator[str]:
    for blind, what in ((True, "blind"), (False, "not blind")):
        told = Counter(outcome(pair) for pair in pairs if pair.blind is blind)
        yield f"- {what}: {', '.join(f'{times} {word}' for word, times in sorted(told.items())) or 'none'}"


def outcome(pair: Pair) -> str:
    """How the first run begins, ``found`` or ``missed``, and whether it tells of a false alarm."""
    told = pair.first_run.lower()
    word = next((word for word in ("found", "missed") if told.startswith(word)), "")
    alarm = "a false alarm" if "false alarm" in told else ""
    return " with ".join(filter(None, (word, alarm))) or "not told"
