"""The fault `unresolved`: only a name can fail to resolve."""

from __future__ import annotations

from ripstop.faults.unresolved import Unresolved
from ripstop.model.fault import CutIdle, Darken, Facts
from ripstop.model.trace import Crossing


def test_it_is_offered_for_intercepted_hosts_only(call: Crossing) -> None:
    assert tuple(Unresolved.offers(call, Facts())) == ()
    assert tuple(Unresolved.offers(call, Facts(hosts=("api.pay.example",)))) == (Unresolved(),)


def test_pooled_connections_are_cut_and_the_name_goes_dark() -> None:
    assert Unresolved().at_step() == (CutIdle(), Darken())
