"""``ripstop gate PHASE -- COMMAND``: let an agent work in a jail, and hand back what holds as one patch."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from ripstop.agents import jail
from ripstop.agents.gate import JAILED, RULES, Gate, Handed, Task
from ripstop.agents.phases import PHASES, RED, TRIAGE, Ground
from ripstop.cli import handing
from ripstop.cli.parting import parted
from ripstop.cli.stdout import own_stdout
from ripstop.errors import StartError, UsageError
from ripstop.integrity import frozen
from ripstop.integrity.frozen import FILE
from ripstop.integrity.repository import Repository
from ripstop.integrity.session import Session

HELP = "run an agent in a jail, judge what it changed, and hand back one patch or none"
_PATCH = "gate.patch"
_EPILOG = """everything after -- is the agent's command, run in a clone of the work tree.
Exit codes: 0 accepted, 1 refused, 2 usage, 3 no jail although one was required"""


def run(arguments: Sequence[str]) -> int:
    own, command = parted(arguments)
    given = _parser().parse_args(own)
    if not command:
        raise UsageError("no-command", "there is no command to run", way_out="ripstop gate red -- COMMAND")
    why_not = jail.missing()
    if why_not and given.require_jail:
        raise StartError("no-jail", why_not, way_out="install bubblewrap, or leave --require-jail out")
    with own_stdout() as stream:
        if why_not and not given.json:
            stream.write(f"no jail here: {why_not}; verify-only\n")
        repo = Repository.around(Path.cwd())
        session = Session(timeout_s=given.timeout)
        gate = Gate(repo, not why_not, session, tuple(given.bring), passed=tuple(given.env))
        task = _task(given, command, repo)
        done = gate.run(task)
        if not given.json:
            stream.write(done.said.decode(errors="replace"))
        handing.keep(repo, _PATCH, done.patch, done.red, apply=given.apply)
        if given.json:
            stream.write(json.dumps(_document(given, done), indent=2) + "\n")
        else:
            _tell(given, done, stream)
    return 0 if done.accepted else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ripstop gate", description=HELP, epilog=_EPILOG)
    phases = "; ".join(f"{name} {said}" for name, said in PHASES.items())
    parser.add_argument("phase", choices=list(PHASES), help=phases)
    parser.add_argument("--tests", action="append", default=[], metavar="PATH", help="where tests are")
    parser.add_argument("--sources", action="append", default=[], metavar="PATH", help="where the code is")
    parser.add_argument("--frozen", metavar="FILE", default=FILE, help=f"the red set (default: {FILE})")
    parser.add_argument(
        "--env", action="append", default=[], metavar="NAME", help="a variable of yours that the agent needs"
    )
    parser.add_argument(
        "--bring", action="append", default=[], metavar="PATH", help="an ignored path it needs"
    )
    parser.add_argument("--no-network", action="store_true", help="leave the agent without a network")
    parser.add_argument("--timeout", type=float, default=1800.0, metavar="S", help="how long it may take")
    parser.add_argument("--require-jail", action="store_true", help="refuse to run without a jail")
    parser.add_argument("--apply", action="store_true", help="apply an accepted patch to the work tree")
    parser.add_argument("--json", action="store_true", help="print JSON instead")
    return parser


def _task(given: argparse.Namespace, command: Sequence[str], repo: Repository) -> Task:
    ground = Ground.of(repo.names(), given.tests, given.sources)
    red = None if given.phase in (RED, TRIAGE) else frozen.load(Path(given.frozen))
    return Task(
        given.phase, tuple(command), ground, red, given.timeout, not given.no_network, tuple(given.env)
    )


def _tell(given: argparse.Namespace, done: Handed, stream: TextIO) -> None:
    handing.tell(done.refusals, RULES, stream)
    label = "" if done.label == JAILED else f" ({done.label})"
    if not done.accepted:
        stream.write(f"refused{label}: nothing is handed back\n")
    elif not done.patch:
        stream.write(f"accepted{label}: nothing was changed\n")
    else:
        where = "applied to the work tree" if given.apply else f"git apply .ripstop/{_PATCH}"
        stream.write(f"accepted{label}: {len(done.changed)} files, {where}\n")
    if done.red and done.accepted:
        stream.write(f"frozen: {done.red.digest} in {FILE}\n")


def _document(given: argparse.Namespace, done: Handed) -> dict[str, object]:
    return {
        "schema": "ripstop-gate-report/1",
        "phase": given.phase,
        "label": done.label,
        "accepted": done.accepted,
        "status": done.status,
        "changed": list(done.changed),
        "refusals": [{"rule": one.rule, "place": one.place, "said": one.said} for one in done.refusals],
        "patch": f".ripstop/{_PATCH}" if done.patch else None,
        "red": done.red.digest if done.red else None,
    }
