"""The engine: every fault of every crossing, once, confirmed, in an order that finds early."""

from __future__ import annotations

from dataclasses import replace

from ripstop.explore.engine import explore
from ripstop.explore.options import Options
from ripstop.model.events import BaselineTaken, Event, FindingConfirmed, Judged, WorkflowDone, WorkflowRefused
from ripstop.model.experiment import CallOutcome, Experiment
from ripstop.model.plan import Plan
from ripstop.model.state import Observation
from ripstop.model.trace import CrossingId, Kind
from ripstop.model.verdict import Severity

from .shop import CHARGE, ROW, STEP, TRACE, Shop, answered, crossing, green, refused


def run(shop: Shop, options: Options | None = None) -> tuple[list[Event], WorkflowDone]:
    events = list(explore([shop], options or Options()))
    (done,) = (e for e in events if isinstance(e, WorkflowDone))
    return events, done


def doubling(plan: Plan, _nth: int) -> Experiment:
    """Whatever loses the COMMIT's acknowledgement ends in two rows; all else is refused cleanly."""
    held = refused(plan)
    (injection, *_) = plan.injections
    if injection.fault.name != "reply_lost" or injection.crossing.operation != "COMMIT":
        return held
    stood = Observation((ROW,), (CHARGE,))
    twice = Observation((ROW, replace(ROW, new={"id": "2", "status": "paid"}, transaction=2)), (CHARGE,))
    return replace(held, after_call=stood, after_retry=twice)


def names(done: WorkflowDone) -> set[tuple[str, str, str]]:
    return {(f.rule.code, f.crossing.operation, fault.name) for f in done.findings for fault in f.faults}


def test_a_service_that_refuses_cleanly_and_converges_has_no_finding() -> None:
    _, done = run(Shop())

    assert done.findings == ()
    assert done.verdicts["torn"] == 0
    assert done.verdicts["held"] == len({cell for cell in done.cells if cell.mark == "held"})


def test_a_second_row_after_a_lost_acknowledgement_is_one_finding() -> None:
    _, done = run(Shop(doubling))

    assert names(done) == {("RS205", "COMMIT", "reply_lost")}


def test_a_torn_verdict_is_run_a_second_time_before_it_is_told() -> None:
    shop = Shop(doubling)

    events, done = run(shop)

    plan = done.findings[0].plan
    assert shop.plans.count(plan) == 2
    told = [e for e in events if isinstance(e, FindingConfirmed)]
    assert [e.finding.rule.code for e in told] == ["RS205"]


def test_a_verdict_that_does_not_repeat_is_reported_as_unstable() -> None:
    _, done = run(Shop(lambda plan, nth: doubling(plan, nth) if nth == 0 else refused(plan)))

    (finding,) = done.findings
    assert finding.rule.code == "RS902"
    assert "RS205" in finding.title


def test_crossings_after_the_charge_are_broken_first_and_waiting_faults_last() -> None:
    events, _ = run(Shop())

    order = [e.experiment.plan.injections[0] for e in events if isinstance(e, Judged)]
    assert order[0].crossing.seam == "db"
    waiting = [i.fault.name in ("hang", "stall", "late_reply", "unreachable") for i in order]
    assert waiting == sorted(waiting)


def test_every_offered_fault_fires_or_is_listed_with_a_reason() -> None:
    def silent(plan: Plan, _nth: int) -> Experiment:
        return replace(refused(plan), fired=()) if plan.injections[0].fault.name == "slow" else refused(plan)

    events, done = run(Shop(silent))

    planned = next(e.planned for e in events if isinstance(e, BaselineTaken))
    ran = sum(done.verdicts.values())
    assert ran + len(done.not_exercised) == planned
    assert {n.reason for n in done.not_exercised if n.fault.name == "slow"} == {"not-fired"}


def test_a_retry_under_a_fault_is_tried_with_the_fault_at_every_try() -> None:
    again = crossing("INSERT orders", Kind.WRITE, nth=2)

    def retries(plan: Plan, _nth: int) -> Experiment:
        return replace(refused(plan), trace=(*TRACE, again))

    shop = Shop(retries)
    run(shop, Options(faults=frozenset({"connection_lost"})))

    tries = {i.tries for p in shop.plans for i in p.injections if i.crossing.operation == "INSERT orders"}
    assert tries == {0, 1}


def test_a_refund_seen_only_under_a_fault_is_broken_as_well() -> None:
    refund = crossing("POST /v1/refunds", Kind.CALL, seam="payments")
    shop = Shop(lambda plan, _nth: replace(refused(plan), trace=(*TRACE, refund)))

    run(shop)

    pairs = [p for p in shop.plans if len(p.injections) == 2]
    assert pairs
    assert {p.injections[1].crossing.operation for p in pairs} == {"POST /v1/refunds"}


def test_a_service_that_cannot_be_trusted_any_more_is_checked_and_restarted() -> None:
    shop = Shop(lambda plan, _nth: replace(refused(plan), died="it ended with status 1"))

    _, done = run(shop, Options(faults=frozenset({"connection_lost"}), seams=frozenset({"payments", "db"})))

    assert {f.rule.code for f in done.findings} == {"RS101"}
    assert shop.plans.count(Plan()) > 3


def test_a_record_that_cannot_be_judged_is_unknown_and_starts_the_service_anew() -> None:
    shop = Shop(lambda plan, _nth: replace(refused(plan), dirty="a session would not end"))

    _, done = run(shop, Options(faults=frozenset({"connection_lost"})))

    assert done.verdicts["unknown"] > 0
    assert done.verdicts["held"] == 0
    assert shop.restarts == done.verdicts["unknown"]


def test_names_given_with_seam_and_fault_leave_the_rest_listed_as_filtered() -> None:
    shop = Shop()

    _, done = run(shop, Options(seams=frozenset({"db"}), faults=frozenset({"reply_lost"})))

    assert {i.fault.name for p in shop.plans for i in p.injections} == {"reply_lost"}
    assert {n.reason for n in done.not_exercised} == {"filtered"}


def test_out_of_time_nothing_is_dropped_in_silence() -> None:
    events, done = run(Shop(), Options(max_time_s=1e-9))

    planned = next(e.planned for e in events if isinstance(e, BaselineTaken))
    assert [n.reason for n in done.not_exercised] == ["out-of-time"] * planned


def test_an_effect_inside_a_transaction_is_advice_from_the_baseline_alone() -> None:
    inside = replace(TRACE[0], open_writes=("INSERT orders",), in_transaction=True)
    shop = Shop(controls=[green((inside, *TRACE[1:]))])

    _, done = run(shop)

    assert [(f.rule.code, f.severity) for f in done.findings] == [("RS304", Severity.ADVICE)]
    assert done.findings[0].crossing == CrossingId(STEP, "payments", "POST /v1/charges")


def test_a_workflow_without_a_baseline_is_refused_and_not_explored() -> None:
    shop = Shop(controls=[replace(green(), call=CallOutcome(passed=False, error="boom"))])

    (event,) = explore([shop], Options())

    assert isinstance(event, WorkflowRefused)
    assert "boom" in event.details


def repeats(plan: Plan, _nth: int) -> Experiment:
    """A service that does everything twice for a request that merely comes again."""
    if plan.injections[0].fault.name != "repeated_request":
        return doubling(plan, 0)
    twice = Observation((ROW, replace(ROW, transaction=2)), (CHARGE,))
    return replace(
        refused(plan), exchanges=(answered(),), after_call=Observation((ROW,), (CHARGE,)), after_retry=twice
    )


def test_a_keyed_request_repeated_without_a_fault_tells_whether_repeating_is_safe() -> None:
    _, done = run(Shop(repeats, key="body:key"))

    assert names(done) == {("RS205", "COMMIT", "reply_lost"), ("RS205", "COMMIT", "repeated_request")}


def test_repeating_is_tried_under_a_filter_too_and_told_only_where_it_was_asked_for() -> None:
    shop = Shop(repeats, key="body:key")
    events, done = run(shop, Options(faults=frozenset({"reply_lost"})))

    ran = [p.injections[0].fault.name for p in shop.plans if p.injections]
    told = [e.experiment.plan.injections[0].fault.name for e in events if isinstance(e, Judged)]
    assert (ran[0], set(told)) == ("repeated_request", {"reply_lost"})
    assert names(done) == {("RS205", "COMMIT", "reply_lost")}
