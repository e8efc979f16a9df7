"""What is kept of a race so that it can be run again: its plan, and the workflows that take part."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ripstop.cli import store
from ripstop.cli.explore import Tally
from ripstop.explore.trial import ADDS_UP
from ripstop.model.events import WorkflowDone
from ripstop.model.experiment import Baseline
from ripstop.model.fault import FaultSpec
from ripstop.model.plan import Injection, Plan, replay_id
from ripstop.model.trace import CrossingId
from ripstop.model.verdict import Finding, Severity
from ripstop.oracles import registry

PLAN = Plan((Injection(CrossingId("POST /orders", "db", "COMMIT"), FaultSpec.of("race", by="deliver")),))
ALONE = Plan((Injection(CrossingId("POST /orders", "db", "COMMIT"), FaultSpec.of("race", by="same")),))


def done(name: str, *plans: Plan) -> WorkflowDone:
    findings = tuple(
        Finding(registry.rule("RS401"), Severity.CRITICAL, p.injections[0].crossing, (), "", {}, p, "")
        for p in plans
    )
    baseline = Baseline(f"tests/t.py::{name}", name, (), ())
    return WorkflowDone(baseline, findings, (), (), (), 1, 1.0)


def test_a_race_with_another_workflow_names_its_test_as_well(tmp_path: Path) -> None:
    tally = Tally(done=[done("order", PLAN, ALONE), done("deliver")])
    store.save(tmp_path, list(tally.replays()))

    raced = store.load(tmp_path, replay_id("tests/t.py::order", PLAN))
    assert (raced.plan, raced.rivals) == (PLAN, ("tests/t.py::deliver",))
    assert store.load(tmp_path, replay_id("tests/t.py::order", ALONE)).rivals == ()


def test_a_plan_is_the_same_whoever_reads_it_back() -> None:
    twice = replace(PLAN, injections=(*PLAN.injections, *ALONE.injections))

    assert Plan.from_json(twice.as_json()) == twice
    assert replay_id("n", twice) != replay_id("n", PLAN)


def test_a_finding_that_took_several_failures_is_replayed_as_one(tmp_path: Path) -> None:
    one = done("order", ALONE)
    leak = replace(one.findings[0], evidence={ADDS_UP: 4})

    store.save(tmp_path, list(Tally(done=[replace(one, findings=(leak,))]).replays()))

    assert store.load(tmp_path, replay_id("tests/t.py::order", ALONE)).adds_up
