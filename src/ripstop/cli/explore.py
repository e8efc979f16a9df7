"""``ripstop explore [PYTEST ARGS]``: break every crossing of every workflow and report what tore.

What is needed only once the service serves (pytest, the engine, the oracles) is imported while it starts.
"""

from __future__ import annotations

import argparse
import importlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ripstop import config as configuration
from ripstop.cli import options
from ripstop.cli.crew import Crew
from ripstop.cli.stdout import own_stdout
from ripstop.config import Config
from ripstop.errors import UsageError
from ripstop.explore.options import Options
from ripstop.model.events import Event, ExploreDone, ServiceReady, WorkflowDone, WorkflowRefused
from ripstop.model.verdict import Severity
from ripstop.report.json_report import JsonReport
from ripstop.report.terminal import TerminalReport
from ripstop.rig.starting import Starting

if TYPE_CHECKING:
    from ripstop.cli.store import Replay
    from ripstop.rig.rig import Rig
    from ripstop.suite.running import ItemRunner

INTERRUPTED = 130
HELP = "break every crossing of every workflow, and report what tore"


class Reader(Protocol):
    """Anything that listens to the engine."""

    def handle(self, event: Event) -> None: ...


def run(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="ripstop explore", description=HELP, epilog="everything else is handed to pytest"
    )
    options.add_exploring(parser)
    parser.add_argument(
        "--report", action="append", default=[], metavar="json:PATH", help="write a report as well"
    )
    given, pytest_arguments = parser.parse_known_args(list(arguments))
    config = configured(given)
    asked = options.exploring(given, config)
    with own_stdout() as stream:
        readers = [TerminalReport(stream), *(report(text) for text in given.report)]
        return session(config, asked, pytest_arguments, readers, workers=given.workers).exit_code


def configured(given: argparse.Namespace) -> Config:
    """The project's configuration with the command line's own values in it."""
    config = configuration.load(Path.cwd())
    return replace(config, budget_s=given.budget) if given.budget else config


def report(text: str) -> Reader:
    """A reader for ``--report KIND:PATH``. Raises UsageError for a kind nobody writes."""
    kind, _, path = text.partition(":")
    if kind != "json" or not path:
        raise UsageError("unknown-report", f"--report {text!r}", way_out="write it as --report json:PATH")
    return JsonReport(Path(path))


def tell(readers: Sequence[Reader], event: Event) -> None:
    for reader in readers:
        reader.handle(event)


@dataclass(slots=True)
class Tally:
    """What an exploration came to, as exit code and as material for backfill."""

    done: list[WorkflowDone] = field(default_factory=list)
    refused: list[WorkflowRefused] = field(default_factory=list)
    out_of_time: bool = False

    def take(self, event: Event) -> None:
        if isinstance(event, WorkflowDone):
            self.done.append(event)
            self.out_of_time |= any(n.reason == "out-of-time" for n in event.not_exercised)
        elif isinstance(event, WorkflowRefused):
            self.refused.append(event)

    def replays(self) -> Iterator[Replay]:
        """What can be run again, with the workflows that take part in it."""
        from ripstop.cli.store import Replay
        from ripstop.explore.trial import ADDS_UP

        nodeids = {done.baseline.workflow: done.baseline.nodeid for done in self.done}
        for done in self.done:
            for finding in done.findings:
                by = (str(dict(i.fault.params).get("by", "")) for i in finding.plan.injections)
                rivals = tuple(dict.fromkeys(nodeids[name] for name in by if name in nodeids))
                yield Replay(done.baseline.nodeid, finding.plan, rivals, ADDS_UP in finding.evidence)

    @property
    def exit_code(self) -> int:
        """1 findings, 4 a workflow without a baseline, 0 neither."""
        if any(f.severity is not Severity.ADVICE for d in self.done for f in d.findings):
            return 1
        return 4 if self.refused else 0


def session(
    config: Config,
    asked: Options,
    pytest_arguments: Sequence[str],
    readers: Sequence[Reader],
    *,
    workers: int = 1,
) -> Tally:
    """Start everything, explore every workflow pytest collects, tell the readers, stop everything."""
    began = time.monotonic()
    tally = Tally()
    # Before the rest: workers start beside us.
    with Crew(config, pytest_arguments, workers - 1) as crew:
        _explore_with(crew, asked, readers, tally, began)
    return tally


def _explore_with(crew: Crew, asked: Options, readers: Sequence[Reader], tally: Tally, began: float) -> None:
    config = crew.config
    starting = Starting.begin(config, meanwhile=_import_the_rest)
    try:
        from ripstop.cli import store
        from ripstop.cli.keeping import Keeper
        from ripstop.suite.session import hand_over

        keeper = Keeper(config.root)

        def visit(runners: Sequence[ItemRunner]) -> None:
            for event in _events(runners, crew, asked, began, tally, starting.ready()):
                tally.take(event)
                tell((*readers, keeper), event)

        hand_over(crew.pytest_arguments, starting.ready, visit)
    except KeyboardInterrupt:
        tell(
            readers,
            ExploreDone(INTERRUPTED, complete=False, stop_reason="interrupted", seconds=_since(began)),
        )
        raise
    finally:
        crew.hang_up()
        starting.close()
    store.save(config.root, list(tally.replays()))
    keeper.save()


def _import_the_rest() -> None:
    for module in ("suite.session", "explore.engine", "cli.keeping"):
        importlib.import_module(f"ripstop.{module}")


def _events(
    runners: Sequence[ItemRunner], crew: Crew, asked: Options, began: float, tally: Tally, rig: Rig
) -> Iterator[Event]:
    if not runners:
        raise UsageError(
            "no-workflows",
            "pytest collected no test marked as a workflow",
            way_out='mark a green test with @pytest.mark.workflow("what it does")',
        )
    from ripstop.explore.engine import explore

    yield ServiceReady(_since(began), tuple(rig.notes))
    for runner in runners:
        yield from explore([runner, *crew.runners(runner.workflow)], asked, started=began)
    reason = "max-time" if tally.out_of_time else "done"
    yield ExploreDone(tally.exit_code, not tally.out_of_time, reason, _since(began), rig.advice())


def _since(began: float) -> float:
    return time.monotonic() - began
