"""``make zoo``: explore both sides of every pair, tell each as it ends, and come to one last line.

Exit code 0 only where every bug was found and no twin raised an alarm; 2 for a pair that cannot be read,
130 where it was interrupted.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

from benchmarks.zoo import table
from benchmarks.zoo.judging import Judgement, judge, score
from benchmarks.zoo.layout import lay_out
from benchmarks.zoo.pairs import SIDES, Pair, PairError, chosen
from benchmarks.zoo.running import Children, explore


def main(arguments: Sequence[str] | None = None) -> int:
    asked = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, _as_interrupt)
    try:
        pairs = chosen(asked.only)
    except PairError as error:
        sys.stderr.write(f"zoo: {error}\n")
        return 2
    children = Children()
    try:
        with tempfile.TemporaryDirectory(prefix="zoo-") as work:
            judged = list(_told(judge_all(pairs, Path(work), children, jobs=asked.jobs), pairs))
    except KeyboardInterrupt:
        sys.stderr.write("zoo: interrupted; everything it started was stopped\n")
        return 130
    total = score(judged)
    if asked.json:
        asked.json.write_text(json.dumps([as_json(one) for one in judged], indent=2) + "\n")
    _say(str(total))
    return 0 if total.perfect else 1


def judge_all(pairs: Sequence[Pair], work: Path, children: Children, *, jobs: int = 1) -> Iterator[Judgement]:
    """Pairs in order, each when both its sides are explored; at most ``jobs`` pairs at a time."""
    pool = ThreadPoolExecutor(jobs)
    try:
        yield from pool.map(partial(_both, work=work, children=children), pairs)
    finally:
        children.stop()
        pool.shutdown(cancel_futures=True)


def as_json(judged: Judgement) -> dict[str, Any]:
    """One pair's outcome with both its runs, for machines."""
    told = asdict(judged)
    told["pair"] = {**told["pair"], "folder": judged.pair.name}
    return told


def _both(pair: Pair, *, work: Path, children: Children) -> Judgement:
    bug, twin = (explore(lay_out(pair, side, work), children) for side in SIDES)
    return judge(pair, bug, twin)


def _told(judged: Iterator[Judgement], pairs: Sequence[Pair]) -> Iterator[Judgement]:
    to = table.widths(pairs)
    _say(table.line(table.HEADINGS, to))
    for one in judged:
        _say(table.line(table.cells(one), to))
        for text in table.troubles(one):
            _say(text)
        yield one


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="zoo", description="explore every pair of the zoo and judge ripstop by it"
    )
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="these pairs only")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="pairs side by side (default 1)")
    parser.add_argument("--json", type=Path, metavar="PATH", help="write all outcomes there as well")
    return parser


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _as_interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
