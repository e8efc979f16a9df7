"""``ripstop replay ID``: run one experiment again and narrate it, crossing by crossing."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from ripstop import config as configuration
from ripstop.cli import options, store
from ripstop.cli.stdout import own_stdout
from ripstop.config import Config
from ripstop.errors import UsageError
from ripstop.explore import baseline as baselines
from ripstop.explore.findings import Findings, overall
from ripstop.explore.trial import Trial
from ripstop.model.verdict import Status
from ripstop.report.narrate import narrate
from ripstop.rig.rig import Rig
from ripstop.suite.running import ItemRunner
from ripstop.suite.session import hand_over

HELP = "run one experiment again and narrate it"


def run(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="ripstop replay", description=HELP)
    parser.add_argument("id", help="a replay id, as printed beside a finding")
    given, pytest_arguments = parser.parse_known_args(list(arguments))
    config = configuration.load(Path.cwd())
    replay = store.load(config.root, given.id)
    told: list[Status] = []
    with own_stdout() as stream:

        def visit(runners: Sequence[ItemRunner]) -> None:
            text, status = _again(_only(runners, replay.nodeid), replay, config)
            told.append(status)
            stream.write(text)

        rig = Rig.start(config)
        try:
            hand_over([*pytest_arguments, replay.nodeid, *replay.rivals], rig, visit)
        finally:
            rig.close()
    return 1 if Status.TORN in told else 0


def _only(runners: Sequence[ItemRunner], nodeid: str) -> ItemRunner:
    for runner in runners:
        if runner.workflow.nodeid == nodeid:
            return runner
    raise UsageError(
        "workflow-gone", f"pytest no longer collects {nodeid}", way_out="explore again: the test was renamed"
    )


def _again(runner: ItemRunner, replay: store.Replay, config: Config) -> tuple[str, Status]:
    baseline, _ = baselines.take(runner, options.defaults(config))
    outcome = Trial(runner, baseline, adds_up=replay.adds_up).of(replay.plan, Findings(replay.nodeid))
    return narrate(outcome.experiment, baseline, outcome.verdicts), overall(outcome.torn)
