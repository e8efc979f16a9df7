"""repeated_request: the same request arrives twice."""

from __future__ import annotations

from dataclasses import replace

from ripstop import faults
from ripstop.faults import catalogue
from ripstop.model.fault import Facts, Forward, Repeat
from ripstop.model.trace import CLIENT, Crossing, CrossingId, Kind

INBOUND = Crossing(CrossingId("POST /orders", CLIENT, "POST /orders"), CLIENT, Kind.CALL)


def test_the_request_is_sent_again_once_its_answer_has_come() -> None:
    fault = catalogue.build(faults.repeated_request(), CLIENT)

    assert fault.on_request(INBOUND) == (Forward(),)
    assert fault.on_reply(INBOUND, None) == (Forward(), Repeat())


def test_it_is_offered_only_for_a_request_that_carries_its_key() -> None:
    assert [f.name for f in catalogue.offered(INBOUND, Facts(carries_key=True))] == ["repeated_request"]
    assert catalogue.offered(INBOUND, Facts()) == ()


def test_it_is_no_fault_of_a_provider_or_a_database() -> None:
    call = replace(INBOUND, protocol="http")

    assert "repeated_request" not in {f.name for f in catalogue.offered(call, Facts(carries_key=True))}
