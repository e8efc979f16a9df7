"""Crossings of a redis seam, made from a command's words."""

from __future__ import annotations

from ripstop.faults import catalogue
from ripstop.model.fault import Commands, Facts, FaultSpec
from ripstop.model.trace import CONNECT, Crossing, CrossingId, Kind
from ripstop.wire.redis.shapes import read


def crossing(command: str, *, in_transaction: bool = False) -> Crossing:
    """A command as the seam reports it; EXEC belongs to its transaction."""
    found = read([word.encode() for word in command.split()])
    return Crossing(
        CrossingId("POST /orders", "cache", found.operation),
        "redis",
        found.kind,
        tables=found.tables,
        text=found.text,
        in_transaction=in_transaction or found.kind is Kind.COMMIT,
    )


def connection() -> Crossing:
    return Crossing(CrossingId("POST /orders", "cache", CONNECT), "redis", Kind.CONNECT)


def offered(at: Crossing) -> tuple[str, ...]:
    return tuple(str(fault.spec) for fault in catalogue.offered(at, Facts()))


def commands(spec: FaultSpec, at: Crossing) -> Commands:
    """What a fault, built from its spec, commands when the crossing arrives."""
    return catalogue.build(spec, "redis").on_request(at)
