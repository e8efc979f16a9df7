"""Run in a copy of the example: controls between hangs, stalls and cuts, judged as any experiment is.

Writes one JSON object to residue.json: how many controls ran, what tore or was unknown among them,
and which faults fired.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ripstop import config as configuration
from ripstop.explore import baseline as baselines
from ripstop.explore.findings import Findings
from ripstop.explore.options import Options
from ripstop.explore.trial import Trial
from ripstop.model.fault import FaultSpec
from ripstop.model.plan import Injection, Plan
from ripstop.model.trace import CrossingId
from ripstop.model.verdict import Severity, Status
from ripstop.rig.rig import Rig
from ripstop.suite.running import ItemRunner
from ripstop.suite.session import hand_over

STEP = "POST /orders"
BUDGET_S = 0.6
CONTROLS = 50
BREAKING = [
    Plan((Injection(CrossingId(STEP, seam, operation), FaultSpec.of(fault)),))
    for seam, operation, fault in [
        ("payments", "POST /v1/charges", "hang"),
        ("db", "INSERT orders", "stall"),
        ("db", "COMMIT", "connection_lost"),
        ("db", "INSERT orders", "hang"),
        ("db", "COMMIT", "reply_lost"),
        ("payments", "POST /v1/charges", "reply_lost"),
    ]
]


def visit(runners: Sequence[ItemRunner]) -> None:
    (runner,) = runners
    options = Options(budget_ms=int(BUDGET_S * 1_000))
    baseline, _ = baselines.take(runner, options)
    trial = Trial(runner, baseline)
    fired: set[str] = set()
    wrong: list[str] = []
    for number in range(CONTROLS):
        broken = runner.run(BREAKING[number % len(BREAKING)])
        fired |= {str(i.fault) for i in broken.fired}
        wrong += [f"{number}: {broken.plan.injections[0]}: {broken.dirty}"] if broken.dirty else []
        control = trial.of(Plan(), Findings(baseline.nodeid))
        wrong += [
            f"{number}: {v.rule.code} {v.summary}"
            for v in control.verdicts
            if v.status is not Status.HELD and v.weight is not Severity.ADVICE
        ]
        wrong += [] if control.experiment.call.passed else [f"{number}: {control.experiment.call.error}"]
    again, _ = baselines.take(runner, options)
    same = [c.id for c in again.trace] == [c.id for c in baseline.trace]
    Path("residue.json").write_text(
        json.dumps({"controls": CONTROLS, "fired": sorted(fired), "wrong": wrong, "same_baseline": same})
    )


def main() -> None:
    config = replace(configuration.load(Path.cwd()), budget_s=BUDGET_S)
    rig = Rig.start(config)
    try:
        hand_over(sys.argv[1:], rig, visit)
    finally:
        rig.close()


if __name__ == "__main__":
    main()
