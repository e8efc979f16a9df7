"""A closed port breaks only what tries it; a dark name breaks as soon as it is dark."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from ripstop.faults import connection_refused, unreachable, unresolved
from ripstop.faults.catalogue import build
from ripstop.model.fault import FaultSpec
from ripstop.model.plan import Armed, Injection
from ripstop.model.trace import CrossingId
from ripstop.rig.outages import Outages
from ripstop.seams.board import Board
from ripstop.seams.http import HttpSeam
from ripstop.service.certificates import Authority
from ripstop.service.outbound import Interception

HOST = "api.pay.example"


class Nobody:
    """A double that is never asked."""

    def operation(self, method: str, target: str) -> str | None:
        raise AssertionError("nothing is to arrive")

    def admit(self, request: object) -> object:
        raise AssertionError("nothing is to arrive")


def armed(spec: FaultSpec) -> Armed:
    where = CrossingId("POST /pay", "pay", "POST /charges")
    return Armed(Injection(where, spec), build(spec, "http"))


async def outage(
    spec: FaultSpec, *, attempt: bool, outbound: Interception | None = None
) -> tuple[bool, bool]:
    """Whether the fault counts as happened before and after its end."""
    board = Board()
    seam = HttpSeam("pay", Nobody(), board)  # type: ignore[arg-type]
    await seam.start()
    outages = Outages(board, {"pay": seam}, outbound, {"pay": (HOST,)})
    fault = armed(spec)
    try:
        await outages.begin([fault])
        if attempt and outbound:
            with (outbound.authority.folder / "report").open("a") as report:
                report.write(f"dark\t{HOST}\t0\tsomebody\t1\n")
        elif attempt:
            with socket.socket() as client:
                client.settimeout(0.2)
                client.connect_ex(("127.0.0.1", seam.port))
        outages.confirm()
        before = fault.injection in board.fired
        await outages.end()
        with socket.create_connection(("127.0.0.1", seam.port), timeout=5):
            pass
        outages.confirm()
        return before, fault.injection in board.fired
    finally:
        await seam.stop()


@pytest.mark.parametrize("spec", [connection_refused(), unreachable()])
def test_a_closed_port_has_happened_once_somebody_tried_it(spec: FaultSpec) -> None:
    assert asyncio.run(outage(spec, attempt=True)) == (True, True)


def test_a_vanished_port_that_nobody_tried_broke_nothing() -> None:
    assert asyncio.run(outage(unreachable(), attempt=False)) == (False, False)


@pytest.fixture
def outbound() -> Iterator[Interception]:
    authority = Authority.create()
    yield Interception.begin({HOST: 1}, authority)
    authority.close()


def test_a_name_is_dark_until_the_end(outbound: Interception) -> None:
    dark = Path(outbound.authority.folder) / "dark"
    outages = Outages(Board(), {}, outbound, {"pay": (HOST,)})
    outbound.darken([HOST])
    before = dark.read_text()
    asyncio.run(outages.end())

    assert (before, dark.exists()) == (f"{HOST}\n", False)


@pytest.mark.parametrize("attempt", [True, False])
def test_a_dark_name_has_happened_once_somebody_asked_for_it(outbound: Interception, attempt: bool) -> None:
    assert asyncio.run(outage(unresolved(), attempt=attempt, outbound=outbound)) == (attempt, attempt)
