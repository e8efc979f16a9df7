"""One experiment, crossing by crossing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ripstop.model.experiment import Experiment, Moved, SourceLine
from ripstop.model.fault import FaultSpec
from ripstop.model.http import Answer, Exchange, Request
from ripstop.model.plan import Injection, Plan
from ripstop.model.state import Change, Observation
from ripstop.model.trace import Phase
from ripstop.model.verdict import Status, Verdict
from ripstop.report.narrate import narrate

from .made_up import BASELINE, CHARGE, RULES, SEEN, STEP, crossing, place

LOST = Injection(place(), FaultSpec.of("connection_lost"))
BARE = Exchange(STEP, Request("POST", "/orders"), Answer(500, (), b"Internal Server Error", 9.4))
AGAIN = Exchange(STEP, Request("POST", "/orders"), Answer(201, (), b'{"id": 8}', 11.0), "retry")
RUN = Experiment(
    Plan((LOST,)),
    (BARE,),
    trace=(
        crossing(place(operation="SELECT users"), phase=Phase.SETUP),
        crossing(CHARGE, at_ms=2.5, outcome="status:200"),
        crossing(place(), at_ms=5.0, outcome="cut", fault="connection_lost"),
        crossing(place(), at_ms=30.0, phase=Phase.RETRY),
    ),
    fired=(LOST,),
    broken_step=STEP,
    after_call=replace(SEEN, changes=()),
    retry=AGAIN,
    after_retry=SEEN,
    source=SourceLine("shop/orders.py", 42, "await session.commit()"),
)


def told(run: Experiment = RUN, **fields: Any) -> str:
    return narrate(replace(run, **fields), BASELINE)


def test_the_story_is_told_in_order() -> None:
    text = told()
    marks = [
        "breaking  connection_lost at db: INSERT orders",
        "2.5 ms  payments   POST /v1/charges",
        "cut  <- connection_lost",
        "caller    POST /orders  500 Internal Server Error  (9 ms)",
        "stood     payments: charge amount=4200",
        'retry     POST /orders  201 {"id": 8}',
        "then      insert orders id=7, status=paid",
        "source    shop/orders.py:42",
    ]

    assert sorted(marks, key=text.index) == marks


def test_the_phases_are_headed_and_set_up_is_left_out() -> None:
    text = told()

    assert "\n  call\n" in text
    assert "\n  retry\n" in text
    assert "SELECT users" not in text


def test_nothing_left_is_said() -> None:
    assert "stood     nothing: no row changed, no effect" in told(after_call=Observation())


def test_a_fault_that_never_fired_is_marked() -> None:
    assert "(never fired)" in told(fired=())
    assert "(never fired)" not in told()


def test_a_control_breaks_nothing() -> None:
    assert "breaking  nothing: a control" in told(plan=Plan())


def test_what_went_wrong_afterwards_is_told() -> None:
    text = told(
        died="signal 9",
        recovery=False,
        recovery_error="assert 500 == 201",
        open_transactions=("UPDATE stock",),
        probe=Answer(None, failure="timeout"),
        dirty="a crossing stayed held",
    )

    for part in (
        "died      signal 9",
        "red: assert 500",
        "left open UPDATE stock",
        "probe",
        "unknown   a cross",
    ):
        assert part in text


def test_a_moved_clock_and_the_wrong_credential_are_told() -> None:
    spoilt = Exchange("GET /me", Request("GET", "/me"), Answer(401, (), b"{}", 3.0), "retry")
    text = told(moved=Moved(86_400.0, "2027-01-31T11:00:00+00:00"), spoilt=spoilt)

    assert "  clock     moved to 2027-01-31T11:00:00+00:00\n" in text
    assert "  wrong     GET /me  401 {}  (3 ms): with another value for what has expired\n" in text


def test_verdicts_end_the_story() -> None:
    torn = Verdict(RULES["RS204"], Status.TORN, "two charges")
    held = Verdict(RULES["RS101"], Status.HELD)

    assert narrate(RUN, BASELINE, (held, torn)).endswith("torn      RS204  two charges\n")
    assert narrate(RUN, BASELINE, (held,)).endswith("held      by 1 oracle\n")


def test_hostile_and_secret_text_is_made_harmless() -> None:
    evil = Observation((Change("insert", "t\x1b[2J", None, {"password": "hunter2", "note": "\x07\u202e"}),))
    text = told(after_call=evil, log=("\x1b[31mpassword=hunter2",))

    assert not [c for c in text if ord(c) < 32 and c != "\n"]
    assert "hunter2" not in text
    assert "\u202e" not in text


def test_a_long_trace_and_a_long_state_are_cut_and_say_so() -> None:
    rows = tuple(Change("insert", "orders", None, {"id": str(n)}) for n in range(50))
    trace = tuple(crossing(place(nth=n), at_ms=float(n)) for n in range(1, 301))
    text = told(trace=trace, after_call=Observation(rows))

    assert "... and 100 more" in text
    assert "... and 30 more" in text
