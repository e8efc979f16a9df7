"""``ripstop red TEST...``: are these tests red for the right reason? Then freeze them."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from ripstop.cli.judged import add_judging, judge_of, target_of
from ripstop.cli.sharing import write_shared
from ripstop.cli.stdout import own_stdout
from ripstop.cli.store import write_private
from ripstop.integrity.frozen import FILE
from ripstop.integrity.judging import Reddened
from ripstop.integrity.red import ALREADY_GREEN, Colour
from ripstop.report.text import clean

HELP = "see that new tests are red for the right reason, and freeze them"
_EPILOG = """the tests run on a fresh checkout of the code as it stands, or of --on REVISION.
Exit codes: 0 all are red for the right reason and frozen, 1 one is not, 2 usage"""


def run(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="ripstop red", description=HELP, epilog=_EPILOG)
    parser.add_argument("tests", nargs="+", metavar="TEST", help="files or node ids, as for pytest")
    add_judging(parser)
    given = parser.parse_args(list(arguments))
    found = judge_of(given).red(given.tests, target_of(given))
    path = Path(given.frozen)
    if found.frozen:
        _keep(path, found.frozen.text)
    with own_stdout() as stream:
        if given.json:
            stream.write(json.dumps(_document(found, path), indent=2) + "\n")
        else:
            _tell(found, path, stream)
    return 0 if found.frozen else 1


def _keep(path: Path, text: str) -> None:
    """Among what runs leave, which git ignores, or wherever the command line says. Raises UsageError."""
    if path == Path(FILE):
        write_private(Path.cwd(), path.name, text)
    else:
        write_shared(path, text, "red-set")


def _tell(found: Reddened, path: Path, stream: TextIO) -> None:
    for one in found.colours:
        stream.writelines(f"{line}\n" for line in _lines(one))
    right = sum(one.is_right for one in found.colours)
    stream.write(f"{right} of {len(found.colours)} red for the right reason\n")
    if found.frozen:
        stream.write(f"frozen: {len(found.frozen.files)} files as {found.frozen.digest} in {path}\n")
        stream.write("next: make them pass, then ripstop green\n")
    else:
        stream.write("nothing is frozen\n")


def _lines(one: Colour) -> list[str]:
    sign = "✓ red" if one.is_right else "✗ green" if one.reason == ALREADY_GREEN else "✗ wrong red"
    lines = [f"{sign} ({one.reason})  {clean(one.nodeid)}"]
    if one.said:
        lines.append(f"    {clean(one.place)}{': ' if one.place else ''}{clean(one.said)}")
    if one.way_out:
        lines.append(f"    way out: {one.way_out}")
    return lines


def _document(found: Reddened, path: Path) -> dict[str, object]:
    tests = [
        {
            "nodeid": one.nodeid,
            "right": one.is_right,
            "reason": one.reason,
            "place": one.place,
            "said": one.said,
        }
        for one in found.colours
    ]
    kept = {"path": str(path), "digest": found.frozen.digest} if found.frozen else None
    return {"schema": "ripstop-red-report/1", "tests": tests, "frozen": kept}
