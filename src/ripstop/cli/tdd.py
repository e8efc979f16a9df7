"""``ripstop tdd "BEHAVIOUR" --agent AGENT``: the whole loop through the gate, one patch at the end."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from ripstop.agents import jail, loop, transcript
from ripstop.agents.adapters import registry
from ripstop.agents.gate import RULES, Gate
from ripstop.agents.loop import Agent, Attempted, Began, Bounds, Ended, Event, Order
from ripstop.agents.phases import Ground
from ripstop.cli import starting_red
from ripstop.cli.explore import own_stdout
from ripstop.cli.store import write_private
from ripstop.errors import StartError, UsageError
from ripstop.integrity import repository
from ripstop.integrity.frozen import FILE, Frozen
from ripstop.integrity.repository import Repository
from ripstop.integrity.session import Session
from ripstop.report.text import clean

HELP = "drive an agent through red, green and tidying up; hand back one patch or none"
_PATCH = "tdd.patch"
_EPILOG = """the agent works in copies of the work tree; nothing of it is handed on unjudged.
Exit codes: 0 accepted, 1 refused, 2 usage, 3 no agent, or no jail although one was required"""
_WHY: Mapping[str, str] = {
    loop.REFUSED: "refused",
    loop.FAILED: "the agent's own tool gave up",
    loop.SPENT: "the budget is spent",
}


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
        return _driven(given, agent, reader, jailed=not why_not)


def _driven(given: argparse.Namespace, agent: Agent, reader: Reader, *, jailed: bool) -> int:
    repo = Repository.around(Path.cwd())
    bounds = Bounds(given.turns, given.timeout, given.attempts, given.budget_usd, given.budget_tokens)
    ground = _ground(given, repo)
    with loop.bench(repo, Session(), jailed=jailed, bring=tuple(given.bring)) as gate:
        base = gate.repository.revision("HEAD")
        red = _given_red(given, gate, reader)
        order = Order(given.behaviour, ground, red, given.refactor, base)
        for event in loop.drive(agent, order, bounds, gate):
            reader.handle(event)
    ended = reader.ended
    assert ended is not None
    _keep(given, repo, ended)
    reader.sum_up(given)
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
    prefix = repo.prefix.as_posix()
    start = "" if prefix == "." else f"{prefix}/"
    names = [name.removeprefix(start) for name in repo.present() if name.startswith(start)]
    return Ground.of(names, given.tests, given.sources)


def _given_red(given: argparse.Namespace, gate: Gate, reader: Reader) -> Frozen | None:
    if not given.from_finding:
        return None
    reader.say(f"writing the red test of {given.from_finding}")
    red = starting_red.of_finding(given.from_finding, Path.cwd(), gate)
    reader.say(f"frozen: {', '.join(sorted(red.tests))}")
    return red


def _keep(given: argparse.Namespace, repo: Repository, ended: Ended) -> None:
    if not ended.accepted:
        return
    folder = repo.top / repo.prefix
    write_private(folder, _PATCH, ended.patch.decode("utf-8", errors="surrogateescape"))
    if ended.red:
        write_private(folder, Path(FILE).name, ended.red.text)
    if given.apply:
        repository.ask(repo.top, "apply", "--whitespace=nowarn", str(folder / ".ripstop" / _PATCH))


@dataclass(slots=True)
class Reader:
    """Tells what happens, and keeps each attempt's transcript."""

    root: Path
    stream: TextIO
    secrets: Sequence[str]
    quiet: bool = False
    ended: Ended | None = None
    _kept: list[Mapping[str, object]] | None = None

    def say(self, text: str) -> None:
        if not self.quiet:
            self.stream.write(f"{text}\n")
            self.stream.flush()

    def handle(self, event: Event) -> None:
        match event:
            case Began(phase, number):
                self.say(f"{phase}, attempt {number}")
            case Attempted():
                self._attempted(event)
            case Ended():
                self.ended = event

    def _attempted(self, one: Attempted) -> None:
        name = f"{one.phase}-{one.attempt}"
        path = transcript.keep(self.root, name, transcript.lines(one.prompt, one.told, self.secrets))
        place = path.relative_to(self.root).as_posix()
        self._kept = [*(self._kept or []), _entry(one, place)]
        cost = "" if one.told.cost_usd is None else f", {one.told.cost_usd:.2f} USD"
        self.say(f"  {one.told.turns} turns, {one.told.tokens} tokens{cost}, {one.seconds:.0f} s: {place}")
        if one.told.problem:
            self.say(f"  ! {clean(transcript.masked(one.told.problem, self.secrets))}")
        if one.handed.stopped:
            self.say(f"  ! ended after {one.handed.stopped}")
        for refusal in one.handed.refusals:
            said = f": {clean(refusal.said)}" if refusal.said else ""
            self.say(f"  ✗ {refusal.rule}: {RULES[refusal.rule]}\n      {clean(refusal.place)}{said}")
        if one.handed.accepted:
            self.say(f"  ✓ accepted{_label(one.handed.label)}: {len(one.handed.changed)} files")

    def sum_up(self, given: argparse.Namespace) -> None:
        assert self.ended is not None
        if self.quiet:
            self.stream.write(json.dumps(self._document(self.ended), indent=2) + "\n")
        elif self.ended.accepted:
            where = "applied to the work tree" if given.apply else f"git apply .ripstop/{_PATCH}"
            self.say(f"accepted: {len(self.ended.changed)} files, {where}")
        else:
            self.say(f"{_WHY[self.ended.why]}: nothing is handed back")

    def _document(self, ended: Ended) -> dict[str, object]:
        return {
            "schema": "ripstop-tdd-report/1",
            "accepted": ended.accepted,
            "why": ended.why,
            "attempts": self._kept or [],
            "changed": list(ended.changed),
            "cost_usd": ended.cost_usd,
            "tokens": ended.tokens,
            "red": ended.red.digest if ended.red else None,
            "patch": f".ripstop/{_PATCH}" if ended.accepted else None,
        }


def _label(label: str) -> str:
    return "" if label == "jailed" else f" ({label})"


def _entry(one: Attempted, place: str) -> Mapping[str, object]:
    return {
        "phase": one.phase,
        "attempt": one.attempt,
        "accepted": one.handed.accepted,
        "label": one.handed.label,
        "refusals": [{"rule": r.rule, "place": r.place, "said": r.said} for r in one.handed.refusals],
        "changed": list(one.handed.changed),
        "turns": one.told.turns,
        "tokens": one.told.tokens,
        "cost_usd": one.told.cost_usd,
        "problem": clean(transcript.masked(one.told.problem)),
        "seconds": round(one.seconds, 1),
        "transcript": place,
    }
