"""The fault `dst`: both changes of a named zone's clocks."""

from __future__ import annotations

import pytest

from ripstop.errors import UsageError
from ripstop.faults.dst import Dst
from ripstop.model.fault import Facts, MoveClock
from ripstop.model.trace import CLOCK, Crossing, CrossingId, Kind

MOMENT = Crossing(CrossingId("GET /me", "clock", "GET /me"), CLOCK, Kind.OTHER)


def test_it_is_offered_where_a_zone_is_named() -> None:
    offered = tuple(Dst.offers(MOMENT, Facts(first=True, zone="Europe/Berlin")))

    assert offered == (Dst("forward"), Dst("back"))
    assert tuple(Dst.offers(MOMENT, Facts(first=True))) == ()
    assert tuple(Dst.offers(MOMENT, Facts(zone="Europe/Berlin"))) == ()


def test_another_change_than_the_two_is_refused() -> None:
    assert Dst("back").at_step() == (MoveClock("dst_back"),)
    with pytest.raises(UsageError, match="fault-params"):
        Dst("sideways")
