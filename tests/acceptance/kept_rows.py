"""Run in the renamed project: twenty experiments, every other one a control, each judged as any is.

Writes one JSON object to kept_rows.json: every verdict that did not hold, every call of a control
that failed, how many faults fired, and the rows that are left once the module's fixtures are gone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from ripstop import config as configuration
from ripstop.explore import baseline as baselines
from ripstop.explore.findings import Findings
from ripstop.explore.options import Options
from ripstop.explore.trial import Outcome, Trial
from ripstop.model.fault import FaultSpec
from ripstop.model.plan import Injection, Plan
from ripstop.model.trace import CrossingId
from ripstop.model.verdict import Severity, Status
from ripstop.rig.rig import Rig
from ripstop.suite.running import ItemRunner
from ripstop.suite.session import hand_over

EXPERIMENTS = 20
BUDGET_S = 2.5
BREAKING = [
    Plan((Injection(CrossingId("POST /seats", seam, operation), FaultSpec.of(fault)),))
    for seam, operation, fault in [
        ("vault", "INSERT bookings", "connection_lost"),
        ("till", "PUT /fees", "reply_lost"),
        ("vault", "INSERT bookings", "hang"),
        ("vault", "COMMIT", "connection_lost"),
        ("vault", "SELECT screenings", "connection_lost"),
    ]
]
told: dict[str, list[str]] = {"wrong": [], "fired": []}


def visit(runners: Sequence[ItemRunner]) -> None:
    (runner,) = runners
    baseline, _ = baselines.take(runner, Options(budget_ms=int(BUDGET_S * 1_000)))
    trial = Trial(runner, baseline)
    for number in range(EXPERIMENTS):
        plan = BREAKING[number // 2 % len(BREAKING)] if number % 2 else Plan()
        outcome = trial.of(plan, Findings(baseline.nodeid))
        told["wrong"] += [f"{number}: {text}" for text in wrong(outcome)]
        told["fired"] += [str(i.fault) for i in outcome.experiment.fired]


def wrong(outcome: Outcome) -> Iterator[str]:
    run = outcome.experiment
    if not run.plan.injections and not run.call.passed:
        yield run.call.error
    for verdict in outcome.verdicts:
        if verdict.status is not Status.HELD and verdict.weight is not Severity.ADVICE:
            yield f"{verdict.rule.code} {verdict.summary}"


def main() -> None:
    rig = Rig.start(replace(configuration.load(Path.cwd()), budget_s=BUDGET_S))
    try:
        hand_over([], rig, visit)
        left = [rig.databases["vault"].rows(table) for table in ("screenings", "bookings")]
    finally:
        rig.close()
    Path("kept_rows.json").write_text(json.dumps({**told, "left": left}))


if __name__ == "__main__":
    main()
