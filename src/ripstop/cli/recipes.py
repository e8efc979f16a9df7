"""``ripstop recipes``: write down for agents how to test here, and fill one recipe in for one route."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from ripstop.agents.recipes import installing
from ripstop.agents.recipes.installing import TARGETS, Planned
from ripstop.agents.recipes.marking import State
from ripstop.agents.recipes.route.page import page
from ripstop.agents.recipes.source import recipes
from ripstop.cli import routing
from ripstop.cli.sharing import write_shared
from ripstop.cli.stdout import own_stdout
from ripstop.report.text import clean

HELP = "write recipes for coding agents, or fill one in for a route"
STALE = 1
_EPILOG = """exit codes: 0 written, current or printed; 1 check found what is not current, install left what a
person changed; 2 usage: no such route, a file that cannot be read or written"""


def run(arguments: Sequence[str]) -> int:
    given = _parser().parse_args(list(arguments))
    code: int = given.do(given)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ripstop recipes", description=HELP, epilog=_EPILOG)
    verbs = parser.add_subparsers(title="what to do", metavar="WHAT", required=True)
    install = _verb(verbs, "install", "write them where each agent looks for them", _install)
    install.add_argument("--force", action="store_true", help="give up what a person changed in them")
    check = _verb(verbs, "check", "write nothing; exit code 1 where an installed one is not current", _check)
    for one in (install, check):
        one.add_argument(
            "--only", action="append", default=[], choices=list(TARGETS), help="this target alone; repeatable"
        )
    _verb(verbs, "list", "name them", _list)
    route = _verb(
        verbs, "route", "print what is known of one route, and the cases that are asked for", _route
    )
    route.add_argument(
        "route", nargs="+", metavar="ROUTE", help='as in "POST /orders", or a path that only one has'
    )
    route.add_argument(
        "--no-servers",
        action="store_true",
        help="take the rows' constraints from the code, start no database",
    )
    route.add_argument("--no-import", action="store_true", help="do not import the application")
    return parser


def _verb(
    verbs: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    what: str,
    do: Callable[[argparse.Namespace], int],
) -> argparse.ArgumentParser:
    parser = verbs.add_parser(name, help=what, description=what)
    parser.set_defaults(do=do)
    return parser


def _install(given: argparse.Namespace) -> int:
    plans = installing.planned(Path.cwd(), given.only)
    kept = [one for one in plans if one.state in _LEFT and not given.force]
    for one in plans:
        if one.is_written(force=given.force):
            write_shared(one.path, one.text, "recipe")
    with own_stdout() as stream:
        for one in plans:
            done = "written  " if one.is_written(force=given.force) else _LEFT.get(one.state, "unchanged")
            stream.write(f"{done}  {clean(one.name)}\n")
        if kept:
            stream.write(f"{len(kept)} left as a person has them; --force gives their changes up\n")
    return STALE if kept else 0


_LEFT: Mapping[State, str] = {State.EDITED: "edited   ", State.FOREIGN: "not ours "}


def _check(given: argparse.Namespace) -> int:
    plans = installing.planned(Path.cwd(), given.only)
    found = plans if given.only else installing.installed(plans)
    behind = list(installing.behind(found))
    with own_stdout() as stream:
        stream.writelines(f"{line}\n" for line in _told(found))
        if not found:
            stream.write("no recipe is installed; `ripstop recipes install` writes them\n")
        elif behind:
            stream.write(
                f"{len(behind)} of {len(found)} not current; `ripstop recipes install` writes them\n"
            )
        else:
            stream.write(f"{len(found)} recipes current\n")
    return STALE if behind else 0


def _told(found: Sequence[Planned]) -> Iterator[str]:
    for one in found:
        if one.behind or one.state in _LEFT:
            after = ", and made from an older source" if one.behind and one.state is State.EDITED else ""
            yield f"{one.state}{after}: {clean(one.name)}"


def _list(_given: argparse.Namespace) -> int:
    with own_stdout() as stream:
        for one in recipes():
            hint = f" <{one.argument}>" if one.argument else ""
            stream.write(f"{one.title}{hint}\n    {one.description}\n")
        stream.write(f"written for: {', '.join(TARGETS)}\n")
    return 0


def _route(given: argparse.Namespace) -> int:
    facts = routing.facts(
        Path.cwd(), " ".join(given.route), servers=not given.no_servers, importing=not given.no_import
    )
    with own_stdout() as stream:
        stream.write(page(facts))
    return 0
