"""The fault `before_expiry`: a second away from what a run itself gave out."""

from __future__ import annotations

from ripstop.faults.before_expiry import BeforeExpiry
from ripstop.model.fault import Facts, MoveClock
from ripstop.model.trace import CLOCK, Crossing, CrossingId, Kind

MOMENT = Crossing(CrossingId("GET /me", "clock", "GET /me"), CLOCK, Kind.OTHER)
PLACE = "POST /tokens /expires_at"


def test_it_is_offered_for_everything_that_expires_and_nowhere_else() -> None:
    offered = tuple(BeforeExpiry.offers(MOMENT, Facts(expiries=(PLACE, "tokens.expires_at"))))

    assert offered == (BeforeExpiry(PLACE), BeforeExpiry("tokens.expires_at"))
    assert tuple(BeforeExpiry.offers(MOMENT, Facts(first=True, zone="Europe/Berlin"))) == ()


def test_the_clock_is_moved_a_second_or_as_far_as_is_said() -> None:
    assert BeforeExpiry(PLACE).at_step() == (MoveClock("expiry", -1, PLACE),)
    assert BeforeExpiry(PLACE, early_s=600).at_step() == (MoveClock("expiry", -600, PLACE),)
