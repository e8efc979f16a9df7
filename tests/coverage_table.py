"""The table of `docs/fault-coverage.md`: where each fault of the catalogue is seen to happen, and to be real.

``python -m tests.coverage_table RECORD`` writes it from what ``fired`` recorded; `make coverage-table` does
both. Its words come from the faults' own pages, its tests from the record: nothing is written by hand.
"""

from __future__ import annotations

import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ripstop.faults import catalogue

from .fired import pairs

Pair = tuple[str, str]
DOCUMENT = Path(__file__).parents[1] / "docs" / "fault-coverage.md"
HEAD = """\
# Where every fault is seen to happen

Written by `make coverage-table`; a test fails when a fault, a seam or a test of it is missing here.

Each row is one fault at one seam. *Happens in* names tests in which it happened over a real socket, to a
real client or service. *Beside the genuine* names tests that hold it beside the same failure provoked for
real: the client's exceptions and their words, the next command, the pool. Where there is nothing to hold it
beside, the row says what it is by itself.

| fault | seam | what really happens | happens in | beside the genuine |
|---|---|---|---|---|
"""
MOST = 2
ENOUGH = 140
SIGNAL = "itself: the signal is sent by the kernel to the process that made the crossing"
SENT = "itself: the request that arrives is read off the socket"
LATER = "itself: the server's own answer, later"
RUN = "itself: done by the real server"
SHOWN = "itself: the program and its database tell the time they are shown"
TOGETHER = "itself: two requests to a real service, one let past in the middle of the other"
BODY = "itself: a real success whose body says something else"
ITSELF: Mapping[Pair, str] = {
    **{pair: SIGNAL for pair in pairs() if pair[0] in ("killed", "terminated", "paused")},
    **{pair: SENT for pair in pairs() if pair[1] == "client"},
    **{pair: SHOWN for pair in pairs() if pair[1] == "clock"},
    **{pair: LATER for pair in pairs() if pair[0] == "slow"},
    **{pair: TOGETHER for pair in pairs() if pair[0] == "race"},
    ("evicted", "redis"): RUN,
    ("missing_field", "http"): BODY,
    ("wrong_type", "http"): BODY,
    ("duplicate_delivery", "http"): "itself: the same bytes, posted to the service twice",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One pair and the tests that show it; names of tests as pytest takes them, without parameters."""

    fault: str
    seam: str
    shown: tuple[str, ...]
    genuine: tuple[str, ...]


def is_genuine(test: str) -> bool:
    """Whether a test's file is one of those that provoke failures for real."""
    path = test.partition("::")[0]
    return path.startswith("tests/genuine/") or path.endswith("_genuine.py")


def rows(record: Iterable[str]) -> list[Row]:
    """From lines of JSON to rows, a few tests each, those of as many files as there are."""
    found: defaultdict[Pair, set[str]] = defaultdict(set)
    for line in map(json.loads, record):
        found[line["fault"], line["protocol"]].add(line["test"].partition("[")[0])
    return [
        Row(
            *pair,
            tuple(_few(t for t in found[pair] if not is_genuine(t))),
            tuple(_few(t for t in found[pair] if is_genuine(t))),
        )
        for pair in pairs()
    ]


def _few(tests: Iterable[str]) -> list[str]:
    files: dict[str, str] = {}
    for test in sorted(tests):
        files.setdefault(test.partition("::")[0], test)
    return sorted(files.values())[:MOST]


def render(table: Iterable[Row]) -> str:
    return HEAD + "".join(_line(row) for row in table)


def _line(row: Row) -> str:
    shown = "<br>".join(f"`{test}`" for test in row.shown or row.genuine)
    real = "<br>".join(f"`{test}`" for test in row.genuine) or ITSELF.get((row.fault, row.seam), "")
    return f"| `{row.fault}` | {row.seam} | {what_happens(row.fault, row.seam)} | {shown} | {real} |\n"


def what_happens(fault: str, seam: str) -> str:
    """The first words of a page that tell what happens: those for all seams, then the seam's own."""
    told = re.search(r"\*\*What happens\.\*\*(.*?)(?=\n\n|\Z)", catalogue.page(fault), re.DOTALL)
    assert told, fault
    shared, *parts = re.split(r"\*(http|postgres|redis|smtp)\*: ", " ".join(told.group(1).split()))
    own = dict(zip(parts[::2], parts[1::2], strict=True)).get(seam, "")
    words = [_opening(shared)] if shared else []
    words += [f"At {seam}: {_opening(own)}"] if own else []
    return " ".join(words).replace("|", "\\|")


def _opening(text: str) -> str:
    """Whole sentences, as many as tell something."""
    told = ""
    for sentence in re.split(r"(?<=[.;])\s+(?=[A-Z*`])", text.strip()):
        if len(told) >= ENOUGH:
            break
        told = f"{told} {sentence}".strip()
    return told


def parse(document: str) -> Iterator[Row]:
    """The rows of a written table."""
    for line in document.removeprefix(HEAD).splitlines():
        fault, seam, _, shown, genuine = (cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1])
        tests = tuple(re.findall(r"`(tests/[^`]+)`", shown)), tuple(re.findall(r"`(tests/[^`]+)`", genuine))
        yield Row(fault.strip("`"), seam, *tests)


if __name__ == "__main__":
    DOCUMENT.write_text(render(rows(Path(sys.argv[1]).read_text().splitlines())))
