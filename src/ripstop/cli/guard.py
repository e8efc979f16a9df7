"""``ripstop guard BASE..HEAD``: tell where the tests check less than before."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from ripstop.cli.sharing import write_shared
from ripstop.cli.stdout import own_stdout
from ripstop.errors import UsageError
from ripstop.integrity import allowing, revisions
from ripstop.integrity.guarding import guarded
from ripstop.integrity.repository import Repository
from ripstop.model.weakening import Guarded, Sure
from ripstop.report import guard_json, guard_sarif, guard_terminal, survey_terminal

HELP = "tell where the tests check less than before: assertions gone or loosened, skips, cases, deleted tests"


def run(arguments: Sequence[str]) -> int:
    given = _parser().parse_args(list(arguments))
    repo = Repository.around(Path(given.repository))
    if given.allow:
        return _allow(repo, given)
    if not given.range or given.reason or given.amend:
        raise UsageError(
            "wrong-arguments",
            "a range is needed, and --reason and --amend go with --allow",
            way_out="ripstop guard main...HEAD, or ripstop guard --allow RULE@TEST --reason WHY",
        )
    told = guarded(repo, revisions.parse(repo, given.range), fail_on=Sure(given.fail_on))
    return _tell(told, given)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ripstop guard",
        description=HELP,
        epilog="exit codes: 0 nothing weakened, 1 weakened, 2 usage: no such revision, no repository",
    )
    parser.add_argument(
        "range",
        nargs="?",
        metavar="RANGE",
        help="BASE..HEAD; BASE...HEAD from where they parted; BASE alone up to the working tree",
    )
    parser.add_argument("--repository", default=".", metavar="PATH", help="the repository (default: here)")
    parser.add_argument("--json", metavar="FILE", help="write it as JSON as well; - prints nothing else")
    parser.add_argument("--sarif", metavar="FILE", help="write it as SARIF 2.1.0 as well")
    parser.add_argument(
        "--fail-on",
        choices=[str(one) for one in Sure],
        default=str(Sure.LIKELY),
        help="how sure a weakening must be to fail the run (default likely)",
    )
    parser.add_argument(
        "--allow", metavar="RULE@TEST", help="print the trailer that allows this; needs --reason"
    )
    parser.add_argument("--reason", metavar="WHY", help="why it is allowed")
    parser.add_argument("--amend", action="store_true", help="put the trailer into the message of HEAD")
    return parser


def _allow(repo: Repository, given: argparse.Namespace) -> int:
    rule, _, target = given.allow.partition("@")
    line = allowing.line(rule, target, given.reason or "")
    with own_stdout() as stream:
        stream.write(f"{line}\n")
        if given.amend:
            stream.write(f"HEAD is now {revisions.amend(repo, line)}\n")
    return 0


def _tell(told: Guarded, given: argparse.Namespace) -> int:
    if given.sarif:
        write_shared(
            Path(given.sarif),
            json.dumps(guard_sarif.as_sarif(told, version("ripstop")), indent=2) + "\n",
            "report",
        )
    text = json.dumps(guard_json.as_json(told), indent=2) + "\n" if given.json else ""
    if given.json not in (None, "-"):
        write_shared(Path(given.json), text, "report")
    with own_stdout() as stream:
        if given.json == "-":
            stream.write(text)
        else:
            stream.writelines(
                f"{line}\n" for line in guard_terminal.lines(told, survey_terminal.layout_of(stream))
            )
    return 1 if told.failing else 0
