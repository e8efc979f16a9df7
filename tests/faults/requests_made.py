"""Inbound requests and columns for the tests of the caller's own faults."""

from __future__ import annotations

import json
from typing import Any

from ripstop.faults import catalogue
from ripstop.model.fault import Facts, FaultSpec, Replace
from ripstop.model.http import Request
from ripstop.model.state import ColumnRule
from ripstop.model.trace import CLIENT, Crossing, CrossingId, Kind

INBOUND = Crossing(CrossingId("POST /orders", CLIENT, "POST /orders"), CLIENT, Kind.CALL)


def request(body: Any = None, *headers: tuple[str, str], target: str = "/orders") -> Request:
    """A POST with a JSON body, none where it is None."""
    sent = b"" if body is None else json.dumps(body).encode()
    return Request("POST", target, (("content-type", "application/json"), *headers), sent)


def rule(kind: str = "integer", column: str = "quantity", **known: Any) -> ColumnRule:
    return ColumnRule("orders", column, kind, **known)


def offered(name: str, facts: Facts) -> list[str]:
    """The specs of one fault that are offered, as texts."""
    return [str(fault.spec) for fault in catalogue.offered(INBOUND, facts) if fault.name == name]


def replaced(spec: FaultSpec, facts: Facts) -> Request | None:
    """What is sent in a request's place; None where it is left alone."""
    (command,) = catalogue.build(spec, CLIENT, facts).on_request(INBOUND)
    return command.request if isinstance(command, Replace) else None
