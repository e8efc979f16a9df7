"""Where a request can be held for another, which of it looks suspicious, and what orders are kept."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ripstop.explore import races
from ripstop.explore.options import Options
from ripstop.model.experiment import Baseline, Experiment, Race, StepBaseline
from ripstop.model.fault import FaultSpec
from ripstop.model.http import Answer, Exchange, Request
from ripstop.model.plan import Injection, Plan
from ripstop.model.state import Change, Observation
from ripstop.model.trace import Crossing, CrossingId, Kind, Phase

STEP = "POST /orders"
KEYED = Request("POST", "/orders", (("Idempotency-Key", "k"),), b"{}")
ROW = Change("insert", "orders", None, {"id": "1"})


def crossing(
    operation: str, kind: Kind, *tables: str, step: str = STEP, phase: Phase = Phase.CALL
) -> Crossing:
    return Crossing(CrossingId(step, "db", operation), "postgres", kind, phase, tables)


TRACE = (
    crossing("BEGIN", Kind.BEGIN),
    crossing("SET", Kind.OTHER),
    crossing("SELECT stock", Kind.READ, "stock"),
    crossing("SAVEPOINT", Kind.OTHER),
    crossing("UPDATE stock", Kind.WRITE, "stock"),
    crossing("INSERT orders", Kind.WRITE, "orders"),
    crossing("COMMIT", Kind.COMMIT),
)


def baseline(changes: tuple[Change, ...] = (ROW,), **fields: object) -> Baseline:
    exchange = Exchange(STEP, KEYED, Answer(201))
    steps = (StepBaseline(STEP, exchange, Observation(changes)),)
    return Baseline("t::t", "order", TRACE, steps, idempotency_key="header:Idempotency-Key", **fields)  # type: ignore[arg-type]


def operations(places: list[CrossingId]) -> list[str]:
    return [place.operation for place in places]


def test_a_request_is_held_where_something_was_told_or_learned_before() -> None:
    assert operations(races.points(TRACE, STEP)) == ["UPDATE stock", "INSERT orders", "COMMIT"]


def test_a_commit_that_stands_alone_between_two_transactions_is_followed_by_a_point() -> None:
    again = replace(TRACE[2], id=CrossingId(STEP, "db", "SELECT stock", 2))
    trace = (*TRACE, TRACE[0], again)

    assert races.points(trace, STEP)[-1] == again.id


def test_work_after_the_answer_and_other_processes_are_not_held() -> None:
    late = [replace(one, after_answer=True) for one in TRACE[4:]]
    others = [replace(one, process="worker") for one in TRACE[4:]]

    assert races.points([*TRACE[:4], *late], STEP) == []
    assert races.points([*TRACE[:4], *others], STEP) == []


@pytest.mark.parametrize(("operation", "is_suspect"), [("UPDATE stock", True), ("INSERT orders", False)])
def test_what_writes_where_it_has_read_is_suspect(operation: str, is_suspect: bool) -> None:
    one = next(c for c in TRACE if c.id.operation == operation)

    assert races.suspect(baseline(), one) is is_suspect


def test_reading_again_is_not() -> None:
    again = replace(TRACE[2], id=replace(TRACE[2].id, nth=2))

    assert races.suspect(replace(baseline(), trace=(*TRACE, again)), again) is False


def test_a_step_is_raced_by_another_caller_the_same_request_and_whom_the_marker_names() -> None:
    update = TRACE[4]

    assert races.rivals(baseline(races_with=("cancel",)), update) == ("another", "same", "cancel")
    assert races.rivals(replace(baseline(), idempotency_key=None), update) == ("another",)
    assert races.rivals(baseline(races=False), update) == ()
    assert races.rivals(baseline(changes=()), update) == ()
    assert races.rivals(baseline(), TRACE[2]) == ()


def raced(began: bool = True) -> Experiment:
    rival = "rival: POST /orders"
    theirs = tuple(replace(c, phase=Phase.RIVAL, id=replace(c.id, step=rival)) for c in TRACE)
    answered = Race("another", rival=Exchange(rival, KEYED, Answer(201)), began=began)
    plan = Plan((Injection(TRACE[4].id, FaultSpec.of("race", by="another")),))
    return Experiment(plan, trace=(*TRACE, *theirs), race=answered)


def test_a_second_preemption_holds_the_second_at_each_of_its_own_crossings() -> None:
    plans = list(races.second_points(raced(), Options(preemptions=2)))

    assert [str(p.injections[1].crossing) for p in plans] == [
        f"rival: POST /orders > db: {operation}" for operation in ("UPDATE stock", "INSERT orders", "COMMIT")
    ]
    assert all(p.injections[0] == raced().plan.injections[0] for p in plans)


@pytest.mark.parametrize("run", [raced(began=False), replace(raced(), race=None)])
def test_there_is_none_after_what_was_no_race_nor_unasked(run: Experiment) -> None:
    assert list(races.second_points(run, Options(preemptions=2))) == []
    assert list(races.second_points(raced(), Options())) == []


def test_what_differs_between_two_measurements_of_an_order_is_volatile() -> None:
    def order(token: str) -> Race:
        told = Exchange(STEP, KEYED, Answer(201, body=b'{"token": "%s", "n": 1}' % token.encode()))
        row = Change("insert", "tries", None, {"id": "1", "token": token})
        return Race("another", "after", told, told, Observation((row,)))

    loose = races.loosened(baseline(), STEP, [order("a")], [order("b")])

    assert loose.volatile_columns == {("tries", "token")}
    assert loose.steps[0].volatile_body == {"/token"}
