"""``ripstop tdd "BEHAVIOUR" --agent AGENT``: the whole loop through the gate, one patch at the end."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from ripstop.agents import jail, loop, transcript
from ripstop.agents.adapters import registry
from ripstop.agents.gate import Gate
from ripstop.agents.loop import Agent, Bounds, Order
from ripstop.agents.phases import Ground
from ripstop.cli import handing, starting_red
from ripstop.cli.driving import PATCH, Reader
from ripstop.cli.stdout import own_stdout
from ripstop.errors import StartError, UsageError
from ripstop.integrity.frozen import Frozen
from ripstop.integrity.repository import Repository
from ripstop.integrity.session import Session

HELP = "drive an agent through red, green and tidying up; hand back one patch or none"
_EPILOG = """the agent works in copies of the work tree; nothing of it is handed on unjudged.
Exit codes: 0 accepted, 1 refused, 2 usage, 3 no agent, or no jail although one was required"""


def run(arguments: Sequence[str]) -> int:
    given = _parser().parse_args(list(arguments))
    adapter = registry.named(given.agent)
    if given.budget_usd is not None and not adapter.tells_cost:
        raise UsageError(
            "no-cost-told",
            f"{given.agent} does not report what it costs",
            way_out="bound it with --budget-tokens, --turns, --timeout and --attempts",
        )
    if not given.behaviour and not given.from_finding:
        raise UsageError(
            "no-behaviour", "what is to be built?", way_out='ripstop tdd "a refund is stored once"'
        )
    why_not = jail.missing()
    if why_not and given.require_jail:
        raise StartError("no-jail", why_not, way_out="install bubblewrap, or leave --require-jail out")
    passed = tuple(name for name in (*adapter.variables, *given.env) if name in os.environ)
    agent = Agent(adapter, given.model, passed, home=dict(_home(given.home)))
    with own_stdout() as stream:
        reader = Reader(Path.cwd(), stream, [os.environ[name] for name in passed], quiet=given.json)
        if why_not:
            reader.say(f"no jail here: {why_not}; verify-only")
        transcript.clear(Path.cwd())
        return _driven(given, agent, reader, jailed=not why_not)


def _driven(given: argparse.Namespace, agent: Agent, reader: Reader, *, jailed: bool) -> int:
    repo = Repository.around(Path.cwd())
    bounds = Bounds(given.turns, given.timeout, given.attempts, given.budget_usd, given.budget_tokens)
    ground = _ground(given, repo)
    with loop.bench(
        repo, Session(), jailed=jailed, bring=tuple(given.bring), passed=tuple(given.env)
    ) as gate:
        base = gate.repository.revision("HEAD")
        red, about = _started(given, gate, reader)
        order = Order(about, ground, red, given.refactor, base)
        for event in loop.drive(agent, order, bounds, gate):
            reader.handle(event)
    ended = reader.ended
    assert ended is not None
    if ended.accepted:
        handing.keep(repo, PATCH, ended.patch, ended.red, apply=given.apply)
    reader.sum_up(applied=given.apply)
    return 0 if ended.accepted else StartError.exit_code if ended.why == loop.FAILED else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ripstop tdd", description=HELP, epilog=_EPILOG)
    add = parser.add_argument
    add("behaviour", nargs="?", default="", metavar="BEHAVIOUR", help="what is to be built, in a sentence")
    add("--agent", required=True, help="claude, codex, acp:COMMAND or command:LINE of shell")
    add("--model", default="", metavar="NAME", help="the agent's model")
    add("--from-finding", metavar="ID", help="start with the red test of a finding, by its replay id")
    add("--tests", action="append", default=[], metavar="PATH", help="where tests are")
    add("--sources", action="append", default=[], metavar="PATH", help="where the code is")
    add("--bring", action="append", default=[], metavar="PATH", help="an ignored path it needs")
    add(
        "--env", action="append", default=[], metavar="NAME", help="a variable of yours that it needs besides"
    )
    add(
        "--home",
        action="append",
        default=[],
        metavar="PATH",
        help="a file of your home it needs, as its login",
    )
    add("--attempts", type=int, default=3, metavar="N", help="at each step (default 3)")
    add("--turns", type=int, default=60, metavar="N", help="of the agent in an attempt (default 60)")
    add("--timeout", type=float, default=900.0, metavar="S", help="for an attempt (default 900)")
    add("--budget-usd", type=float, metavar="USD", help="for all of it, where the agent reports its cost")
    add("--budget-tokens", type=int, metavar="N", help="for all of it")
    add("--refactor", action=argparse.BooleanOptionalAction, default=True, help="tidy up under green")
    add("--require-jail", action="store_true", help="refuse to run without a jail")
    add("--apply", action="store_true", help="apply the accepted patch to the work tree")
    add("--json", action="store_true", help="print JSON instead")
    return parser


def _home(names: Iterable[str]) -> Iterable[tuple[str, str]]:
    """Files of the person's own home, by name."""
    for name in names:
        try:
            yield name, (Path.home() / name).read_text(encoding="utf-8")
        except (OSError, ValueError) as error:
            raise UsageError(
                "no-such-file", f"--home {name}: {error}", way_out="name it as in .codex/auth.json"
            ) from None


def _ground(given: argparse.Namespace, repo: Repository) -> Ground:
    return Ground.of(repo.names(), given.tests, given.sources)


def _started(given: argparse.Namespace, gate: Gate, reader: Reader) -> tuple[Frozen | None, str]:
    """A finding's frozen test and what it is about, where one is to be started from."""
    if not given.from_finding:
        return None, given.behaviour
    reader.say(f"writing the red test of {given.from_finding}")
    red, told = starting_red.of_finding(given.from_finding, Path.cwd(), gate)
    reader.say(f"frozen: {', '.join(sorted(red.tests))}")
    return red, "\n".join(filter(None, (told, given.behaviour)))
