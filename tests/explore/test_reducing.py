"""What is left out, and that nothing is left out whose outcome could differ."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ripstop import faults
from ripstop.explore.baseline import take
from ripstop.explore.options import Options
from ripstop.explore.planning import Candidate, singles, uncovered
from ripstop.explore.reducing import Reducer
from ripstop.faults import catalogue
from ripstop.model.experiment import Baseline, Experiment, Race
from ripstop.model.fault import Facts
from ripstop.model.plan import Injection, Plan
from ripstop.model.trace import Kind
from ripstop.model.verdict import Severity, Status, Verdict
from ripstop.oracles import registry

from .shop import TRACE, Shop, answered, crossing, green, refused


def candidates(*more: object) -> tuple[list[Candidate], Baseline]:
    baseline, _ = take(Shop(controls=[green((*TRACE, *more))]), Options())  # type: ignore[arg-type]
    found, _ = singles(baseline, lambda _: Facts(), Options())
    return found, baseline


def at(found: list[Candidate], operation: str, fault: str) -> list[Candidate]:
    return [c for c in found if (c.crossing.id.operation, c.fault.name) == (operation, fault)]


def learn(reducer: Reducer, candidate: Candidate, baseline: Baseline, run: Experiment | None = None) -> None:
    reducer.learn(candidate, run or refused(candidate.plan), baseline, Status.HELD, ())


LOOP = [crossing("INSERT orders", Kind.WRITE, nth=n) for n in (2, 3, 4)]


def left_out(found: list[Candidate], baseline: Baseline, odd: Callable[[Candidate], bool]) -> set[int]:
    """The turns of a loop that have something left out, where ``odd`` candidates are answered 409."""
    reducer, turns = Reducer(), set()
    for candidate in [c for c in found if c.crossing.id.operation == "INSERT orders" and not c.fault.waits]:
        if reducer.reason(candidate) == "reduced-loop":
            turns.add(candidate.crossing.id.nth)
        else:
            run = replace(refused(candidate.plan), exchanges=(answered(409 if odd(candidate) else 503),))
            learn(reducer, candidate, baseline, run)
    return turns


def test_a_turn_that_took_each_kind_of_fault_as_another_did_needs_no_more() -> None:
    assert left_out(*candidates(*LOOP), odd=lambda _: False) == {2, 3}


def test_a_turn_that_took_one_kind_otherwise_is_broken_in_every_way() -> None:
    def odd(candidate: Candidate) -> bool:
        return candidate.crossing.id.nth == 3 and candidate.fault.name == "sqlstate"

    assert left_out(*candidates(*LOOP), odd=odd) == {2}


def test_a_turn_between_may_stand_for_a_later_one_but_not_for_an_earlier() -> None:
    assert left_out(*candidates(*LOOP), odd=lambda c: c.crossing.id.nth in (2, 3)) == {3}


def test_the_kinds_of_fault_that_code_tells_apart_are_tried_at_every_turn() -> None:
    found, baseline = candidates(*LOOP)

    tried = {str(c.fault.spec) for c in found if c.crossing.id.nth == 2 and c.probe}

    assert tried == {"connection_lost", "sqlstate(code=40001)"}
    assert not any(c.probe for c in found if c.fault.waits)
    assert baseline.trace[-1].id.nth == 4


def test_a_turn_that_nothing_was_tried_at_is_not_taken_for_another() -> None:
    found, baseline = candidates(*LOOP)
    reducer = Reducer()
    for candidate in at(found, "INSERT orders", "connection_lost"):
        if candidate.crossing.id.nth != 3:
            learn(reducer, candidate, baseline)

    lock = [c for c in at(found, "INSERT orders", "sqlstate") if not c.probe]

    assert {c.crossing.id.nth for c in lock if reducer.reason(c)} == {2}


def test_nothing_is_left_out_when_reduction_is_off() -> None:
    found, _ = candidates(
        crossing("INSERT orders", Kind.WRITE, nth=2), crossing("INSERT orders", Kind.WRITE, nth=3)
    )

    assert {Reducer(active=False).reason(c) for c in found} == {""}


def test_errors_that_the_service_answered_alike_three_times_need_no_fourth() -> None:
    found, baseline = candidates()
    errors = at(found, "INSERT orders", "sqlstate")
    reducer = Reducer()

    for candidate in errors[:3]:
        assert reducer.reason(candidate) == ""
        learn(reducer, candidate, baseline)

    reasons = {dict(c.fault.spec.params)["code"]: reducer.reason(c) for c in errors[3:]}
    assert reasons == {"53100": "reduced-same-outcome", "55P03": "reduced-same-outcome", "57014": ""}


def test_the_error_that_asks_for_another_try_is_never_taken_to_be_like_the_rest() -> None:
    found, baseline = candidates()
    errors = at(found, "INSERT orders", "sqlstate")
    reducer = Reducer()
    for candidate in errors[-3:]:
        learn(reducer, candidate, baseline)

    (again,) = [c for c in errors if str(c.fault.spec) == "sqlstate(code=40001)"]
    assert reducer.reason(again) == ""


def test_one_error_answered_otherwise_keeps_all_of_them_in() -> None:
    found, baseline = candidates()
    errors = at(found, "INSERT orders", "sqlstate")
    reducer = Reducer()
    for number, candidate in enumerate(errors[:3]):
        other = replace(refused(candidate.plan), exchanges=(answered(409),))
        learn(reducer, candidate, baseline, other if number == 1 else None)

    assert {reducer.reason(c) for c in errors[3:]} == {""}


def test_a_torn_error_keeps_all_of_them_in_so_that_the_finding_names_each() -> None:
    found, baseline = candidates()
    errors = at(found, "INSERT orders", "sqlstate")
    reducer = Reducer()
    for candidate in errors[:3]:
        reducer.learn(candidate, refused(candidate.plan), baseline, Status.TORN, ())

    assert {reducer.reason(c) for c in errors[3:]} == {""}


def stalled(odd: str = "") -> tuple[Reducer, list[Candidate]]:
    """A reducer that saw every cut, a 409 for the one at ``odd``, and one stall that was not bounded."""
    found, baseline = candidates()
    first, *others = [c for c in found if c.fault.name == "stall"]
    advice = Verdict(registry.rule("RS102"), Status.TORN, "unbounded", severity=Severity.ADVICE)
    reducer = Reducer()
    for cut in [c for c in found if c.fault.name == "connection_lost"]:
        status = 409 if cut.crossing.id.operation == odd else 503
        learn(reducer, cut, baseline, replace(refused(cut.plan), exchanges=(answered(status),)))
    reducer.learn(first, refused(first.plan), baseline, Status.HELD, (advice,))
    return reducer, others


def test_a_dead_network_known_not_to_be_bounded_is_not_waited_for_again() -> None:
    reducer, others = stalled()

    assert {reducer.reason(c) for c in others} == {"reduced-same-wait"}
    assert {reducer.reason(c) for c in candidates()[0] if c.fault.name == "hang"} == {""}


def test_a_crossing_that_nothing_else_broke_is_waited_for_on_its_own() -> None:
    found, baseline = candidates()
    first, *others = [c for c in found if c.fault.name == "slow" and c.crossing.protocol == "postgres"]
    reducer = Reducer()

    learn(reducer, first, baseline)

    assert {reducer.reason(c) for c in others} == {""}


def test_a_crossing_that_failed_otherwise_before_is_waited_for_on_its_own() -> None:
    reducer, others = stalled(odd="COMMIT")

    assert [c.crossing.id.operation for c in others if not reducer.reason(c)] == ["COMMIT"]


def test_faults_at_a_provider_are_never_taken_to_wait_alike() -> None:
    found, baseline = candidates()
    slow = next(c for c in found if c.crossing.protocol == "http" and c.fault.name == "slow")
    reducer = Reducer()

    learn(reducer, slow, baseline)

    assert {reducer.reason(c) for c in found if c.crossing.protocol == "http"} == {""}


def test_a_process_is_killed_once_between_two_crossings_that_change_the_world() -> None:
    found, baseline = candidates()
    reducer, ran = Reducer(), []
    for candidate in [c for c in found if c.fault.name == "killed"]:
        if reducer.reason(candidate) != "reduced-same-state":
            ran.append((candidate.crossing.id.operation, str(candidate.fault.spec)))
            learn(reducer, candidate, baseline)

    assert sorted(ran) == [
        ("BEGIN", "killed(when=before)"),
        ("COMMIT", "killed(when=after)"),
        ("POST /v1/charges", "killed(when=before)"),
    ]


def test_a_step_that_finished_when_told_to_end_is_told_so_once() -> None:
    found, baseline = candidates()
    first, second, *_ = [c for c in found if c.fault.name == "terminated"]
    drained, dropped = Reducer(), Reducer()
    learn(drained, first, baseline, replace(green(), plan=first.plan))
    learn(dropped, first, baseline)

    assert (drained.reason(second), dropped.reason(second)) == ("reduced-same-state", "")


def test_to_kill_the_worker_is_another_thing_than_to_kill_the_service_at_the_same_moment() -> None:
    job = replace(crossing("DELETE jobs", Kind.WRITE), process="worker")
    found, baseline = candidates(job)
    (of_service,) = [c for c in at(found, "COMMIT", "killed") if "after" in str(c.fault.spec)]
    (of_worker,) = at(found, "DELETE jobs", "killed")
    reducer = Reducer()
    learn(reducer, of_service, baseline)

    assert of_service.stood + 1 == of_worker.stood
    assert reducer.reason(of_worker) == ""
    assert reducer.reason(replace(of_worker, crossing=replace(of_worker.crossing, process=""))) != ""


def test_what_is_tried_for_ever_is_broken_at_its_first_tries_only() -> None:
    found, baseline = candidates()
    plan = at(found, "POST /v1/charges", "connection_reset")[0].plan
    tries = [crossing("POST /refunds", Kind.CALL, seam="payments", nth=n) for n in range(1, 30)]

    more = uncovered(baseline, replace(refused(plan), trace=(*TRACE, *tries)), lambda _: Facts(), Options())

    assert {candidate.crossing.id.nth for candidate in more} == {1, 2}


def race_at(operation: str) -> Candidate:
    where = crossing(operation, Kind.WRITE)
    fault = catalogue.build(faults.race(), "postgres")
    return Candidate(Plan((Injection(where.id, fault.spec),)), where, fault, 0, after_effect=False)


def test_a_step_that_let_nobody_else_in_twice_is_raced_no_more() -> None:
    reducer, one = Reducer(), race_at("INSERT orders")
    kept_out = replace(refused(one.plan), race=Race("another", rival=answered(201), note="one at a time"))
    for _ in range(2):
        assert reducer.reason(one) == ""
        reducer.learn_alone(one, kept_out)

    assert reducer.reason(race_at("COMMIT")) == "reduced-same-outcome"
    assert Reducer(active=False).reason(one) == ""


def test_a_race_whose_crossing_was_not_reached_says_nothing_of_the_others() -> None:
    reducer, one = Reducer(), race_at("INSERT orders")
    for _ in range(3):
        reducer.learn_alone(one, replace(refused(one.plan), race=Race("another", note="never came there")))

    assert reducer.reason(one) == ""


def turn(nth: int, *, last: bool = False) -> Candidate:
    one = race_at("INSERT orders")
    where = replace(one.crossing, id=replace(one.crossing.id, nth=nth))
    return replace(one, crossing=where, looped=not last and nth > 1)


def came(one: Candidate, *, waited: str = "") -> Experiment:
    return replace(refused(one.plan), race=Race("another", rival=answered(201), began=True, waited=waited))


def test_where_two_turns_raced_alike_and_held_only_the_last_is_raced_besides() -> None:
    reducer, baseline = Reducer(), candidates()[1]
    for nth in (1, 2):
        assert reducer.reason(turn(nth)) == ""
        learn(reducer, turn(nth), baseline, came(turn(nth)))

    assert reducer.reason(turn(3)) == "reduced-loop"
    assert reducer.reason(turn(9, last=True)) == ""


def test_where_two_turns_differ_or_tore_every_turn_is_raced() -> None:
    differing, torn, baseline = Reducer(), Reducer(), candidates()[1]
    learn(differing, turn(1), baseline, came(turn(1)))
    learn(differing, turn(2), baseline, came(turn(2), waited="for a lock"))
    for nth in (1, 2):
        torn.learn(turn(nth), came(turn(nth)), baseline, Status.TORN, ())

    assert differing.reason(turn(3)) == torn.reason(turn(3)) == ""
