"""client_gone: the caller hangs up before the answer."""

from __future__ import annotations

from ripstop import faults
from ripstop.faults import catalogue
from ripstop.model.fault import Depart, Facts
from ripstop.model.trace import CLIENT

from .requests_made import INBOUND, offered, request


def test_the_caller_departs_while_the_service_is_at_work() -> None:
    assert catalogue.build(faults.client_gone(), CLIENT).on_request(INBOUND) == (Depart(),)


def test_it_is_offered_where_the_request_leaves_something() -> None:
    assert offered("client_gone", Facts(request=request({}), leaves=True)) == ["client_gone"]
    assert offered("client_gone", Facts(request=request({}))) == []
