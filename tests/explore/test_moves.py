"""Where the clock is moved, in which order, and what follows on a leeway."""

from __future__ import annotations

from dataclasses import replace

from ripstop.explore import planning
from ripstop.explore.moves import crossings, well_after
from ripstop.explore.options import Options
from ripstop.model.experiment import Baseline, Experiment, StepBaseline
from ripstop.model.fault import Facts, FaultSpec
from ripstop.model.http import Answer, Exchange, Request
from ripstop.model.plan import Injection, Plan
from ripstop.model.state import Observation
from ripstop.model.trace import CLOCK, Crossing, CrossingId

PLACE = "POST /login /expires_at"
USUAL = Exchange("GET /me", Request("GET", "/me"), Answer(200))
NO = replace(USUAL, answer=Answer(401))
STEPS = tuple(
    StepBaseline(step, replace(USUAL, step=step), Observation()) for step in ("POST /login", "GET /me")
)
BASELINE = Baseline("tests/test_login.py::test_login", "log in", trace=(), steps=STEPS)


def run(late_s: int, control: Exchange = NO) -> Experiment:
    fault = FaultSpec.of("after_expiry", of=PLACE, late_s=late_s)
    plan = Plan((Injection(CrossingId("GET /me", "clock", "GET /me"), fault),))
    return Experiment(plan, (USUAL,), fired=plan.injections, broken_step="GET /me", spoilt=control)


def facts(crossing: Crossing) -> Facts:
    first = crossing.id.step == "POST /login"
    return Facts(first=first, expiries=() if first else (PLACE,), zone="Europe/Berlin")


def test_what_is_honoured_just_after_its_expiry_is_tried_ten_minutes_after() -> None:
    plan = well_after(run(1), BASELINE)

    assert plan is not None
    assert str(plan.injections[0].fault) == f"after_expiry(late_s=600, of={PLACE})"
    (candidate,) = planning.uncovered(BASELINE, run(1), facts, Options(clock="clock"))
    assert candidate.plan == plan


def test_nothing_follows_on_a_refusal_an_open_door_or_the_ten_minutes() -> None:
    refused = replace(run(1), exchanges=(NO,), spoilt=None)

    assert [well_after(one, BASELINE) for one in (refused, run(1, USUAL), run(600))] == [None, None, None]


def test_time_is_moved_before_each_step_and_only_where_there_is_a_clock() -> None:
    found, _ = planning.singles(BASELINE, facts, Options(clock="clock"))
    moves = [(c.crossing.id.step, c.fault.name) for c in found if c.crossing.protocol == CLOCK]

    assert sorted(moves) == [
        ("GET /me", "after_expiry"),
        ("GET /me", "before_expiry"),
        ("GET /me", "next_day"),
        ("POST /login", "dst"),
        ("POST /login", "dst"),
        ("POST /login", "leap_day"),
        ("POST /login", "month_end"),
    ]
    assert crossings(BASELINE, "") == ()
    assert not any(c.crossing.protocol == CLOCK for c in planning.singles(BASELINE, facts, Options())[0])
