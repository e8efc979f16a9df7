"""unresolved: the name does not resolve; not offered, and its page says why."""

from __future__ import annotations

from ripstop.faults import catalogue
from ripstop.faults.unresolved import Unresolved
from ripstop.model.fault import Facts
from ripstop.model.trace import Crossing


def test_it_is_offered_nowhere_and_says_why(call: Crossing) -> None:
    assert tuple(Unresolved.offers(call, Facts())) == ()
    assert "Not offered in this release" in catalogue.page("unresolved")
