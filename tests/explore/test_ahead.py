"""Several set-ups on one workflow: they run ahead of each other, and what is told is told as by one."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ripstop.errors import ExperimentError
from ripstop.explore.engine import explore
from ripstop.explore.options import Options
from ripstop.model.events import Event, Judged, WorkflowDone
from ripstop.model.experiment import Experiment
from ripstop.model.plan import Plan
from ripstop.model.state import Observation

from .shop import CHARGE, ROW, TRACE, Behaviour, Shop, refused

LIMIT_S = 10.0


def torn_by_lost_replies(plan: Plan, _nth: int = 0) -> Experiment:
    held = refused(plan)
    if plan.injections[0].fault.name != "reply_lost":
        return held
    twice = Observation((ROW, replace(ROW, new={"id": "2", "status": "paid"}, transaction=2)), (CHARGE,))
    return replace(held, after_call=Observation((ROW,), (CHARGE,)), after_retry=twice)


def at_its_own_pace(behave: Behaviour, seed: int) -> Behaviour:
    chance = random.Random(seed)

    def slowly(plan: Plan, nth: int) -> Experiment:
        time.sleep(chance.random() * 0.002)
        return behave(plan, nth)

    return slowly


def told(events: list[Event]) -> list[Any]:
    """What a reader is told, without how long it took."""
    return [replace(e, seconds=0.0, restarts=0) if isinstance(e, WorkflowDone) else e for e in events]


@pytest.mark.parametrize("size", [2, 3])
def test_any_number_of_set_ups_tells_what_one_tells_and_in_its_order(size: int) -> None:
    alone = told(list(explore([Shop(torn_by_lost_replies)], Options())))

    shops = [Shop(at_its_own_pace(torn_by_lost_replies, seed)) for seed in range(size)]
    assert told(list(explore(shops, Options()))) == alone
    assert all(any(plan.injections for plan in shop.plans) for shop in shops)


def test_set_ups_overtake_each_other_and_are_booked_in_order() -> None:
    alone = [e.experiment.plan for e in explore([Shop()], Options()) if isinstance(e, Judged)]
    overtaken = threading.Event()

    def waits(plan: Plan, _nth: int) -> Experiment:
        if plan == alone[1]:
            assert overtaken.wait(LIMIT_S)
        if plan == alone[3]:
            overtaken.set()
        return refused(plan)

    events = list(explore([Shop(waits), Shop(waits)], Options()))
    assert [e.experiment.plan for e in events if isinstance(e, Judged)] == alone


def test_nothing_is_run_before_it_is_known_whether_repeating_is_safe() -> None:
    done: list[str] = []

    def noting(plan: Plan, _nth: int) -> Experiment:
        name = plan.injections[0].fault.name
        if name != "repeated_request":
            assert "repeated_request" in done
        time.sleep(0.01)
        done.append(name)
        return refused(plan)

    list(explore([Shop(noting, key="body:key"), Shop(noting, key="body:key")], Options()))
    assert done[0] == "repeated_request"


def broken_down(_plan: Plan, _nth: int) -> Experiment:
    raise RuntimeError("the wire is gone")


@pytest.mark.parametrize("where", [0, 1])
def test_what_goes_wrong_in_one_set_up_ends_all(where: int) -> None:
    behaviours: list[Callable[[Plan, int], Experiment]] = [lambda plan, _nth: refused(plan)] * 2
    behaviours[where] = broken_down

    with pytest.raises(RuntimeError, match="the wire is gone"):
        list(explore([Shop(each) for each in behaviours], Options()))


def test_a_set_up_that_cannot_warm_up_leaves_the_baseline_to_say_why() -> None:
    class Cold(Shop):
        def run(self, plan: Plan, *, learn: bool = False, repeat: bool = True) -> Experiment:
            if learn:
                raise ExperimentError("setup-failed", "no database")
            return super().run(plan, learn=learn, repeat=repeat)

    *_, done = explore([Shop(), Cold()], Options())

    assert isinstance(done, WorkflowDone)
    assert {c.id.operation for c in done.baseline.trace} == {c.id.operation for c in TRACE}
