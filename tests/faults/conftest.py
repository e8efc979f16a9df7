"""Crossings to offer faults at, made from SQL text or from a request line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import pytest

from ripstop.faults import catalogue
from ripstop.model.fault import Commands, Fault, FaultSpec
from ripstop.model.trace import CONNECT, Crossing, CrossingId, Kind, operation_of
from ripstop.wire import sql


class Statement(Protocol):
    def __call__(self, text: str, *, in_transaction: bool = False) -> Crossing: ...


@pytest.fixture
def statement() -> Statement:
    """A crossing of the postgres seam, from a statement's text."""

    def make(text: str, *, in_transaction: bool = False) -> Crossing:
        found = sql.parse(text)
        identity = CrossingId("POST /orders", "db", found.operation)
        return Crossing(
            identity, "postgres", found.kind, tables=found.tables, text=text, in_transaction=in_transaction
        )

    return make


@pytest.fixture
def call() -> Crossing:
    """A request to a payment provider."""
    return Crossing(
        CrossingId("POST /orders", "payments", operation_of("POST", "/v1/charges")), "http", Kind.CALL
    )


@pytest.fixture
def connect() -> Crossing:
    """A connection to the database that a step could have made."""
    return Crossing(CrossingId("POST /orders", "db", CONNECT), "postgres", Kind.CONNECT)


@pytest.fixture
def mail() -> Callable[[str], Crossing]:
    """A crossing at a mail server, by its operation."""
    kinds = {CONNECT: Kind.CONNECT, "DATA": Kind.CALL}
    return lambda operation: Crossing(
        CrossingId("POST /orders", "mail", operation), "smtp", kinds.get(operation, Kind.OTHER)
    )


@pytest.fixture
def on_request() -> Callable[[FaultSpec, Crossing], Commands]:
    """What a fault, built from its spec, commands when the crossing arrives."""
    return lambda spec, crossing: catalogue.build(spec, crossing.protocol).on_request(crossing)


@pytest.fixture
def built() -> Callable[[FaultSpec, Crossing], Fault]:
    return lambda spec, crossing: catalogue.build(spec, crossing.protocol)
