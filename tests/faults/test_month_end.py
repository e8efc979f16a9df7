"""The fault `month_end`: the whole run takes place on that day, so it is offered once."""

from __future__ import annotations

from ripstop.faults.month_end import MonthEnd
from ripstop.model.fault import Facts, MoveClock
from ripstop.model.trace import CLOCK, Crossing, CrossingId, Kind

MOMENT = Crossing(CrossingId("GET /me", "clock", "GET /me"), CLOCK, Kind.OTHER)


def test_it_is_offered_before_the_first_step_alone() -> None:
    assert tuple(MonthEnd.offers(MOMENT, Facts(first=True))) == (MonthEnd(),)
    assert tuple(MonthEnd.offers(MOMENT, Facts())) == ()


def test_the_run_is_moved_there_from_its_set_up_on() -> None:
    (move,) = MonthEnd().at_step()

    assert isinstance(move, MoveClock)
    assert (move.to, move.whole_run) == ("month_end", True)
