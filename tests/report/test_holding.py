"""The sentences about what held: only where an effect stood and the retry put things right."""

from __future__ import annotations

from dataclasses import replace

from ripstop.model.events import Held
from ripstop.model.experiment import Experiment
from ripstop.model.fault import FaultSpec
from ripstop.model.http import Answer, Exchange, Request
from ripstop.model.plan import Injection, Plan
from ripstop.model.state import Change, Effect, Observation
from ripstop.model.trace import CrossingId
from ripstop.report.holding import sentences

STEP = "POST /orders"
CHARGE = Effect("payments", "charge")
ROW = Change("insert", "orders", None, {"id": "1"})


def held(fault: str = "connection_lost", *, seam: str = "db") -> Held:
    plan = Plan((Injection(CrossingId(STEP, seam, "INSERT orders"), FaultSpec(fault)),))
    request = Request("POST", "/orders")
    run = Experiment(
        plan,
        (Exchange(STEP, request, Answer(503, body=b'{"error": "later"}')),),
        fired=plan.injections,
        broken_step=STEP,
        after_call=Observation((), (CHARGE,)),
        retry=Exchange(STEP, request, Answer(201)),
        after_retry=Observation((ROW,), (CHARGE,)),
    )
    return Held(plan, run)


def test_faults_with_one_outcome_are_one_sentence() -> None:
    (told,) = sentences([held(), held("hang")])

    assert told == (
        '1 charge made, INSERT orders failed (2 faults): 503 {"error": "later"}, no row; '
        "retry 201, 1 charge in all, 1 row"
    )


def test_an_update_that_changed_nothing_is_no_row() -> None:
    one = held()
    touched = Change("update", "orders", {"id": "1"}, {"id": "1"})
    after = Observation((ROW, touched), (CHARGE,))

    (told,) = sentences([Held(one.plan, replace(one.experiment, after_retry=after))])

    assert told.endswith("1 charge in all, 1 row")


def test_a_request_that_succeeded_or_left_no_effect_has_nothing_to_tell() -> None:
    one = held()
    nothing = replace(one.experiment, after_call=Observation())

    assert list(sentences([Held(one.plan, nothing)])) == []


def test_a_fault_at_the_seam_of_the_effect_itself_is_no_write_that_failed() -> None:
    assert list(sentences([held(seam="payments")])) == []


def test_a_body_that_would_write_to_the_terminal_is_encoded() -> None:
    one = held()
    exchange = replace(one.experiment.exchanges[0], answer=Answer(503, body=b"\x1b[2J"))

    (told,) = sentences([Held(one.plan, replace(one.experiment, exchanges=(exchange,)))])

    assert "\x1b" not in told
