"""What is left out, and that nothing is left out whose outcome could differ."""

from __future__ import annotations

from dataclasses import replace

from ripstop.explore.baseline import take
from ripstop.explore.options import Options
from ripstop.explore.planning import Candidate, singles
from ripstop.explore.reducing import Reducer
from ripstop.model.experiment import Baseline, Experiment
from ripstop.model.fault import Facts
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


def test_a_loop_is_broken_at_its_first_and_last_turn_only() -> None:
    turns = [crossing("INSERT orders", Kind.WRITE, nth=n) for n in (2, 3, 4)]
    found, _ = candidates(*turns)

    lost = {c.crossing.id.nth: Reducer().reason(c) for c in at(found, "INSERT orders", "connection_lost")}

    assert lost == {1: "", 2: "reduced-loop", 3: "reduced-loop", 4: ""}


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

    assert {reducer.reason(c) for c in errors[3:]} == {"reduced-same-outcome"}


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


def test_a_dead_network_known_not_to_be_bounded_is_not_waited_for_again() -> None:
    found, baseline = candidates()
    first, *others = [c for c in found if c.fault.name == "stall"]
    advice = Verdict(registry.rule("RS102"), Status.TORN, "unbounded", severity=Severity.ADVICE)
    reducer = Reducer()

    reducer.learn(first, refused(first.plan), baseline, Status.HELD, (advice,))

    assert {reducer.reason(c) for c in others} == {"reduced-same-wait"}
    assert {reducer.reason(c) for c in found if c.fault.name == "hang"} == {""}


def test_faults_at_a_provider_are_never_taken_to_wait_alike() -> None:
    found, baseline = candidates()
    slow = next(c for c in found if c.crossing.protocol == "http" and c.fault.name == "slow")
    reducer = Reducer()

    learn(reducer, slow, baseline)

    assert {reducer.reason(c) for c in found if c.crossing.protocol == "http"} == {""}
