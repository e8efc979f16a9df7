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
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial
from pathlib import Path
from types import FrameType

from benchmarks.zoo import readme, table
from benchmarks.zoo.judging import judge, score
from benchmarks.zoo.layout import lay_out
from benchmarks.zoo.pairs import SIDES, Pair, PairError, chosen
from benchmarks.zoo.peers import installing
from benchmarks.zoo.peers.comparing import PEERS, compare
from benchmarks.zoo.results import Result, peer_scores
from benchmarks.zoo.running import Children, explore


def main(arguments: Sequence[str] | None = None) -> int:
    asked = _parser().parse_args(arguments)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _as_interrupt)
    if asked.write and asked.only:
        sys.stderr.write("zoo: --write is for all pairs; leave --only out\n")
        return 2
    try:
        pairs = chosen(asked.only)
        if asked.first_runs:
            readme.write_first_runs(chosen())
            return 0
    except PairError as error:
        sys.stderr.write(f"zoo: {error}\n")
        return 2
    children = Children()
    peers = tuple(PEERS) if asked.peers else ()
    try:
        tools = installing.tools() if asked.peers else {}
        with tempfile.TemporaryDirectory(prefix="zoo-") as work:
            visit = partial(_visit, work=Path(work), children=children, peers=peers, tools=tools)
            results = list(_told(all_results(pairs, visit, children, jobs=asked.jobs), pairs, peers))
    except installing.InstallError as error:
        sys.stderr.write(f"zoo: the peers cannot be installed: {error}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("zoo: interrupted; everything it started was stopped\n")
        return 130
    return _sum_up(results, asked)


def _sum_up(results: Sequence[Result], asked: argparse.Namespace) -> int:
    total = score([result.judged for result in results])
    if asked.json:
        asked.json.write_text(json.dumps([result.as_json() for result in results], indent=2) + "\n")
    if asked.write:
        readme.write(results, date.today())
    for peer in peer_scores(results):
        _say(str(peer))
    _say(str(total))
    return 0 if total.perfect else 1


def all_results(
    pairs: Sequence[Pair], visit: Callable[[Pair], Result], children: Children, *, jobs: int = 1
) -> Iterator[Result]:
    """Pairs in order, each when it was visited; at most ``jobs`` at a time."""
    pool = ThreadPoolExecutor(jobs)
    try:
        yield from pool.map(visit, pairs)
    finally:
        children.stop()
        pool.shutdown(cancel_futures=True)


def _visit(
    pair: Pair, *, work: Path, children: Children, peers: Sequence[str], tools: Mapping[str, str]
) -> Result:
    bug, twin = (explore(lay_out(pair, side, work), children) for side in SIDES)
    compared = {name: compare(name, pair, work, children, tools) for name in peers}
    return Result(judge(pair, bug, twin), compared)


def _told(results: Iterator[Result], pairs: Sequence[Pair], peers: Sequence[str]) -> Iterator[Result]:
    to = table.widths(pairs, peers)
    _say(table.line(table.headings(peers), to))
    for one in results:
        _say(table.line(table.cells(one), to))
        for text in (*table.troubles(one), *table.visits(one)):
            _say(text)
        yield one


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="zoo", description="explore every pair of the zoo and judge ripstop by it"
    )
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="these pairs only")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="pairs side by side (default 1)")
    parser.add_argument("--json", type=Path, metavar="PATH", help="write all outcomes there as well")
    parser.add_argument(
        "--peers",
        action=argparse.BooleanOptionalAction,
        default=False,
        help="other tools too (default: none)",
    )
    parser.add_argument("--write", action="store_true", help="write the tables of the README anew")
    parser.add_argument("--first-runs", action="store_true", help="write only the README's first runs anew")
    return parser


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _as_interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
