"""duplicate_delivery: the same webhook twice; not offered, and its page says why."""

from __future__ import annotations

from ripstop.faults import catalogue
from ripstop.faults.duplicate_delivery import DuplicateDelivery
from ripstop.model.fault import Facts
from ripstop.model.trace import Crossing


def test_it_is_offered_nowhere_and_says_why(call: Crossing) -> None:
    assert tuple(DuplicateDelivery.offers(call, Facts())) == ()
    assert "Not offered in this release" in catalogue.page("duplicate_delivery")
