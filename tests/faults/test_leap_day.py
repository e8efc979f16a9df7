"""The fault `leap_day`: the whole run takes place on that day, so it is offered once."""

from __future__ import annotations

from ripstop.faults.leap_day import LeapDay
from ripstop.model.fault import Facts, MoveClock
from ripstop.model.trace import CLOCK, Crossing, CrossingId, Kind

MOMENT = Crossing(CrossingId("GET /me", "clock", "GET /me"), CLOCK, Kind.OTHER)


def test_it_is_offered_before_the_first_step_alone() -> None:
    assert tuple(LeapDay.offers(MOMENT, Facts(first=True))) == (LeapDay(),)
    assert tuple(LeapDay.offers(MOMENT, Facts())) == ()


def test_the_run_is_moved_there_from_its_set_up_on() -> None:
    (move,) = LeapDay().at_step()

    assert isinstance(move, MoveClock)
    assert (move.to, move.whole_run) == ("leap_day", True)
