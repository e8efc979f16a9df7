"""``ripstop scan [PATH]``: read the code, rank its workflows by risk, tell what no test covers."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from ripstop import config as configuration
from ripstop.cli.offering import faults_at
from ripstop.cli.sharing import write_shared
from ripstop.cli.stdout import own_stdout
from ripstop.errors import UsageError
from ripstop.model.survey import Survey
from ripstop.report import survey_html, survey_json, survey_terminal
from ripstop.scan.survey import Options, survey

HELP = "read the code, rank its workflows by risk, and tell what no test covers"


def run(arguments: Sequence[str]) -> int:
    given = _parser().parse_args(list(arguments))
    root = Path(given.path)
    found = survey(root, _options(given))
    configured = _configured(root)
    if given.html:
        page = survey_html.page(found, title=root.resolve().name, configured=configured)
        write_shared(Path(given.html), page)
    text = json.dumps(survey_json.as_json(found), indent=2) + "\n" if given.json else ""
    if given.json not in (None, "-"):
        write_shared(Path(given.json), text)
    with own_stdout() as stream:
        if given.json == "-":
            stream.write(text)
        else:
            _tell(found, stream, given, configured)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ripstop scan",
        description=HELP,
        epilog="exit codes: 0 read and told, 2 usage: no such folder, no code or no service in it",
    )
    parser.add_argument("path", nargs="?", default=".", metavar="PATH", help="the repository (default: here)")
    top = survey_terminal.TOP
    parser.add_argument(
        "--top", type=_whole, default=top, metavar="N", help=f"tell so many in full (default {top})"
    )
    parser.add_argument("--all", action="store_true", help="tell all of them in full, and every list whole")
    parser.add_argument("--json", metavar="FILE", help="write it as JSON as well; - prints nothing else")
    parser.add_argument("--html", metavar="FILE", help="write it as one HTML page as well")
    parser.add_argument(
        "--no-import", action="store_true", help="do not import the application to ask it for its routes"
    )
    parser.add_argument("--python", metavar="PATH", help="the interpreter that can import the application")
    return parser


def _whole(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no number of workflows")
    return int(text)


def _options(given: argparse.Namespace) -> Options:
    python = Path(given.python) if given.python else None
    if python and not python.is_file():
        raise UsageError(
            "no-such-python",
            f"no interpreter at {python}",
            way_out="name the project's own, as in --python .venv/bin/python, or leave it out",
        )
    said = configuration.stakes(Path(given.path))
    return Options(stakes=said, faults=faults_at, importing=not given.no_import, python=python)


def _configured(root: Path) -> bool:
    """Whether the project says how its service starts; a mistake in that is for other verbs to tell."""
    try:
        configuration.load(root)
    except UsageError:
        return False
    return True


def _tell(found: Survey, stream: TextIO, given: argparse.Namespace, configured: bool) -> None:
    layout = survey_terminal.layout_of(stream)
    told = survey_terminal.lines(found, layout, top=given.top, everything=given.all, configured=configured)
    stream.writelines(f"{line}\n" for line in told)
    for path in (given.html, given.json):
        if path:
            stream.write(f"written: {path}\n")
