"""Races against a real service, in many ways to guard one last thing: wrong ones found, right ones clean.

READ COMMITTED and SERIALIZABLE, locking reads, advisory locks, unique constraints, version columns, Redis.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from ripstop.backfill import writing
from ripstop.backfill.writing import Material
from ripstop.errors import UsageError
from ripstop.explore import baseline as baselines
from ripstop.explore.findings import Findings
from ripstop.explore.options import Options
from ripstop.explore.trial import Trial
from ripstop.model.experiment import Experiment
from ripstop.model.plan import Plan, replay_id
from ripstop.model.runner import Workflow
from ripstop.model.verdict import Status
from ripstop.report.narrate import narrate
from ripstop.rig.racing import LOCK, POLLING
from ripstop.rig.rig import Rig
from ripstop.rig.stands.postgres import PostgresStand
from ripstop.suite.inject import NotFired
from ripstop.suite.seams import Seams

from .exploring import copy
from .racing_rig import RACING, Explored, Runner, buying, opened, races

OVERSOLD = {("RS401", "orders, stock")}
WRONG = {
    "check_then_act": ("mug", OVERSOLD),
    "computed": ("tea", {("RS401", "stock")}),
    "version_ignored": ("mug", {("RS401", "orders")}),
    "looked_up": ("mug", {("RS401", "orders")}),
    "seat_lost": ("mug", {("RS401", "answers")}),
    "for_share": ("mug", {("RS402", "answered a bare 500 that no code of the service chose")}),
    "serial": ("mug", {("RS402", "answered a bare 500 that no code of the service chose")}),
    "unique": ("mug", {("RS402", "answered a bare 500 that no code of the service chose")}),
}
RIGHT = {
    "conditional": LOCK,
    "for_update": LOCK,
    "advisory": LOCK,
    "version": LOCK,
    "serial_retried": LOCK,
    "unique_handled": LOCK,
    "redis_lock": POLLING,
}


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    with opened(copy(RACING, tmp_path_factory.mktemp("races"))) as one:
        yield one


@pytest.fixture(scope="module")
def oversold(rig: Rig) -> Explored:
    """All that is explored of a check that comes too early, most faults left out."""
    return races(buying(rig, "check_then_act", "mug"), faults=frozenset({"race", "sqlstate", "reply_lost"}))


def clean(explored: Explored) -> bool:
    """Nobody is left waiting and every record could be judged."""
    return not any(one.experiment.dirty or one.experiment.open_transactions for one in explored.judged)


@pytest.mark.parametrize("way", WRONG)
def test_a_wrong_guard_is_found_by_its_own_rule_and_by_no_other(rig: Rig, way: str) -> None:
    sku, expected = WRONG[way]
    explored = races(buying(rig, way, sku))

    assert explored.found == expected
    assert clean(explored)


@pytest.mark.parametrize("way", RIGHT)
def test_a_right_guard_is_clean_and_its_lock_was_seen_to_be_waited_for(rig: Rig, way: str) -> None:
    explored = races(buying(rig, way, "mug"))

    assert explored.found == set()
    assert explored.reasons == set()
    assert explored.done.verdicts["held"] >= 2
    assert RIGHT[way] in {one.experiment.race.waited for one in explored.judged if one.experiment.race}
    assert clean(explored)


def test_a_service_that_lets_one_in_at_a_time_was_not_raced_and_is_not_judged(rig: Rig) -> None:
    explored = races(buying(rig, "locked_inside", "mug"))

    missed = [n for n in explored.done.not_exercised if n.reason == "not-reached"]
    assert explored.found == set()
    assert len(explored.judged) == len(missed) == 2
    assert explored.reasons == {"not-reached", "reduced-same-outcome"}
    assert "one at a time" in missed[0].detail


@pytest.mark.parametrize(("way", "codes"), [("cached", {"RS401"}), ("watched", set())])
def test_what_is_kept_in_redis_alone_is_raced_as_well(rig: Rig, way: str, codes: set[str]) -> None:
    def fill(client: httpx.Client) -> None:
        client.post("/cache/cup")

    explored = races(buying(rig, way, "cup", fill=fill))

    assert {code for code, _ in explored.found} == codes
    assert explored.done.verdicts["held"] + explored.done.verdicts["torn"] >= 1


def test_another_workflow_races_the_one_that_names_it(rig: Rig) -> None:
    def deliver(client: httpx.Client) -> None:
        client.post("/stock", json={"sku": "tea", "more": 5})

    theirs = Runner(rig, Workflow("racing::deliver", "deliver tea"), deliver).run(Plan()).exchanges
    runner = buying(rig, "conditional", "tea", theirs=theirs)
    runner.workflow = Workflow("racing::tea", "buy tea", races_with=("deliver tea",))
    (finding,) = races(runner).done.findings

    assert finding.evidence["cause"] == "stock"
    assert [str(fault) for fault in finding.faults] == [
        "race(by=deliver tea)",
        "race(beside=POST /orders, by=deliver tea)",
    ]


def test_a_workflow_that_nobody_collected_is_no_rival_and_is_named(rig: Rig) -> None:
    runner = buying(rig, "conditional", "tea", theirs=None)
    runner.workflow = Workflow("racing::tea", "buy tea", races_with=("deliver tea",))
    explored = races(runner)

    assert "no collected workflow is called 'deliver tea'" in {n.detail for n in explored.done.not_exercised}
    assert explored.found == set()


def test_what_a_request_does_after_its_answer_belongs_to_it(rig: Rig) -> None:
    def calls(client: httpx.Client) -> None:
        client.post("/later", json={"sku": "mug"})

    explored = races(Runner(rig, Workflow("racing::later", "buy later"), calls))

    assert explored.found == set()
    assert {one.status for one in explored.judged} == {Status.HELD}


@pytest.mark.parametrize(("preemptions", "codes"), [(1, set()), (2, {"RS401"})])
def test_what_takes_two_preemptions_is_found_where_two_are_asked_for(
    rig: Rig, preemptions: int, codes: set[str]
) -> None:
    runner = buying(rig, "flagged", "mug")
    runner.workflow = Workflow("racing::flagged", "buy: flagged")
    explored = races(runner, preemptions=preemptions)

    assert {code for code, _ in explored.found} == codes
    assert clean(explored)


def test_overselling_is_found_within_twenty_experiments_of_all_that_is_explored(oversold: Explored) -> None:
    torn = [one.done for one in oversold.judged if any(v.rule.code == "RS401" for v in one.verdicts)]

    assert min(torn) <= 20


def replayed(rig: Rig, plan: Plan, times: int) -> list[tuple[Experiment, str]]:
    """The same plan again and again, each narrated."""
    runner = buying(rig, "check_then_act", "mug")
    baseline, _ = baselines.take(runner, Options())
    trial = Trial(runner, baseline)
    told = []
    for _ in range(times):
        outcome = trial.of(plan, Findings(baseline.nodeid))
        assert outcome.status is Status.TORN
        assert [v.rule.code for v in outcome.torn] == ["RS401"]
        told.append((outcome.experiment, narrate(outcome.experiment, baseline, outcome.verdicts)))
    return told


def test_a_race_replays_exactly_and_is_told_in_two_columns(rig: Rig, oversold: Explored) -> None:
    plan = next(f.plan for f in oversold.done.findings if f.rule.code == "RS401")
    runs = replayed(rig, plan, 3)
    orders = [[str(c.id) for c in run.trace if c.kind != "connect"] for run, _ in runs]
    columns = [line for line in runs[0][1].splitlines() if line.startswith(" " * 48)]

    assert orders[0] == orders[1] == orders[2]
    assert len({replay_id("n", run.plan) for run, _ in runs}) == 1
    assert columns[0].strip() == "BEGIN"
    assert columns[-1].strip().startswith('=> 201 {"id":')
    assert "| held before this" in runs[0][1]


Both = tuple[list[int | None], int]


def two_at_once(rig: Rig, way: str, at: str = "UPDATE stock") -> Both:
    """By hand: one request held, the other sent, both let go; their statuses, and how many mugs are left."""
    rig.reset()
    rig.begin()
    rig.enter_call()
    seams = Seams(rig)
    with rig.client() as service:
        with seams.db.hold(at) as held:
            first = held.post("/orders", json={"sku": "mug"}, headers={"Way": way})
            second = service.post("/orders", json={"sku": "mug"}, headers={"Way": way})
        left_over = seams.db.row("stock", sku="mug")["left_over"]
    return sorted([first.status_code, second.status_code]), left_over


TOLD = {
    "check_then_act": ([201, 201], -1),
    "conditional": ([201, 409], 0),
    "for_update": ([201, 409], 0),
    "advisory": ([201, 409], 0),
    "version": ([201, 503], 0),
    "serial_retried": ([201, 409], 0),
    "redis_lock": ([201, 409], 0),
    "locked_inside": ([201, 409], 0),
}


@pytest.mark.parametrize("way", TOLD)
def test_by_hand_a_race_comes_out_the_same_every_time(rig: Rig, way: str) -> None:
    assert [two_at_once(rig, way) for _ in range(3)] == [TOLD[way]] * 3
    assert rig.settle() == ()


def test_a_request_that_never_comes_to_its_crossing_is_no_race(rig: Rig) -> None:
    with pytest.raises(NotFired, match="answered without having come to DELETE stock"):
        two_at_once(rig, "conditional", "DELETE stock")


def test_an_answer_to_come_is_not_to_be_looked_at_in_the_block_and_is_there_without_another(rig: Rig) -> None:
    rig.reset()
    rig.begin()
    rig.enter_call()
    with Seams(rig).db.hold("UPDATE stock") as held:
        first = held.post("/orders", json={"sku": "mug"}, headers={"Way": "conditional"})
        with pytest.raises(UsageError, match="no answer yet"):
            _ = first.status_code
        with pytest.raises(UsageError, match="holds one request"):
            held.post("/orders")

    assert first.status_code == 201


def test_disarmed_nothing_is_held_and_one_comes_after_the_other(rig: Rig) -> None:
    rig.disarmed = True
    try:
        assert two_at_once(rig, "check_then_act") == ([201, 409], 0)
    finally:
        rig.disarmed = False


@pytest.fixture(scope="module")
def written(oversold: Explored) -> str:
    """The test that backfill writes for an oversold mug."""
    done = replace(
        oversold.done, findings=tuple(f for f in oversold.done.findings if f.rule.code == "RS401"), held=()
    )
    draft = writing._draft(Material("f", done))
    return writing._trial(draft, writing._items(draft), False)


def passes(rig: Rig, text: str) -> bool:
    """Run it as pytest does: from the mark on, an assertion that fails is its own."""
    rig.reset()
    rig.begin()
    rig.enter_call()
    names: dict[str, Any] = {}
    exec(compile(text, "written", "exec"), names)
    (test,) = (one for name, one in names.items() if name.startswith("test_"))
    with rig.client() as service:
        try:
            test(service, Seams(rig))
        except NotFired:
            raise
        except AssertionError:
            return False
    return True


@pytest.mark.parametrize(
    ("way", "right"), [("check_then_act", False), ("for_update", True), ("version", True)]
)
def test_the_test_that_is_written_fails_on_the_bug_and_passes_on_the_fix_every_time(
    rig: Rig, written: str, way: str, right: bool
) -> None:
    text = written.replace("check_then_act", way).replace(
        "version=1", f"version={2 if way == 'version' else 1}"
    )

    assert [passes(rig, text) for _ in range(3)] == [right] * 3


def test_who_waits_is_asked_over_a_session_that_is_opened_anew_when_it_was_lost(rig: Rig) -> None:
    stand = rig.parts.stands["db"]
    assert isinstance(stand, PostgresStand)
    session = stand.seam.sessions[0].number

    assert stand.waits(session) is False
    assert stand._watch is not None
    stand._watch.close()
    assert [stand.waits(session), stand._watch] == [False, None]
    assert [stand.waits(session), stand._watch is None] == [False, False]
