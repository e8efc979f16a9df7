"""``ripstop green``: does this change make the frozen tests pass, and nothing else do so?"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from ripstop.cli import handing
from ripstop.cli.judged import add_judging, judge_of, target_of
from ripstop.cli.stdout import own_stdout
from ripstop.errors import UsageError
from ripstop.integrity import frozen
from ripstop.integrity.frozen import Frozen
from ripstop.integrity.green import RULES
from ripstop.integrity.judging import Greened

HELP = "accept a change only if the frozen tests pass as they were, and the rest of the suite with them"
_EPILOG = """everything runs on a fresh checkout of the work tree, or of --on REVISION.
Exit codes: 0 accepted, 1 refused, 2 usage"""


def run(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="ripstop green", description=HELP, epilog=_EPILOG)
    add_judging(parser)
    parser.add_argument(
        "--digest", metavar="HEX", help="the red set's name as `ripstop red` told it; another is refused"
    )
    given = parser.parse_args(list(arguments))
    red = frozen.load(Path(given.frozen))
    _must_be(red, given.digest)
    found = judge_of(given).green(red, target_of(given))
    with own_stdout() as stream:
        if given.json:
            stream.write(json.dumps(_document(red, found), indent=2) + "\n")
        else:
            _tell(found, stream)
    return 0 if found.accepted else 1


def _must_be(red: Frozen, digest: str | None) -> None:
    if digest and red.digest != digest:
        raise UsageError(
            "another-red-set",
            f"the red set is {red.digest}, not {digest}",
            way_out="judge by the one that was frozen, or freeze it anew",
        )


def _tell(found: Greened, stream: TextIO) -> None:
    if found.accepted:
        stream.write(
            f"accepted: {found.tests} frozen tests pass, and {found.suite} of the rest of the suite\n"
        )
        return
    handing.tell(found.refusals, RULES, stream)
    stream.write(f"refused: {len(found.refusals)} in all\n")


def _document(red: Frozen, found: Greened) -> dict[str, object]:
    refusals = [{"rule": one.rule, "place": one.place, "said": one.said} for one in found.refusals]
    ran = {"frozen": found.tests, "suite": found.suite}
    return {
        "schema": "ripstop-green-report/1",
        "red": red.digest,
        "accepted": found.accepted,
        "ran": ran,
        "refusals": refusals,
    }
