"""duplicate_delivery: the same webhook twice, where the provider sends any."""

from __future__ import annotations

from ripstop.faults.duplicate_delivery import DuplicateDelivery
from ripstop.model.fault import Facts, Forward, Redeliver
from ripstop.model.trace import Crossing


def test_it_is_offered_where_the_provider_sends_events(call: Crossing) -> None:
    assert tuple(DuplicateDelivery.offers(call, Facts())) == ()
    assert tuple(DuplicateDelivery.offers(call, Facts(webhooks=True))) == (DuplicateDelivery(),)


def test_the_call_goes_on_and_its_events_go_out_twice(call: Crossing) -> None:
    fault = DuplicateDelivery()

    assert (fault.on_request(call), fault.on_reply(call, None)) == ((Forward(),), (Redeliver(), Forward()))
