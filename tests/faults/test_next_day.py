"""The fault `next_day`: time goes by between two steps, so not before the first."""

from __future__ import annotations

from ripstop.faults.next_day import NextDay
from ripstop.model.fault import Facts, MoveClock
from ripstop.model.trace import CLOCK, Crossing, CrossingId, Kind

MOMENT = Crossing(CrossingId("GET /me", "clock", "GET /me"), CLOCK, Kind.OTHER)


def test_it_is_offered_before_every_step_but_the_first() -> None:
    assert tuple(NextDay.offers(MOMENT, Facts())) == (NextDay(),)
    assert tuple(NextDay.offers(MOMENT, Facts(first=True))) == ()


def test_the_clock_goes_a_day_ahead_of_now() -> None:
    (move,) = NextDay().at_step()

    assert move == MoveClock("now", 86_400)
    assert isinstance(move, MoveClock)
    assert not move.whole_run
