"""A pytest plugin that writes down which fault really happened at which protocol in which test.

``python -m pytest -p tests.fired --faults-fired=FILE``; the file gets a line of JSON for each. Nothing is
recorded of what happens in other processes. What the table in the docs makes of it is ``coverage_table``'s.
"""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

import pytest

from ripstop.faults import catalogue
from ripstop.model.fault import CutIdle, Fault
from ripstop.model.plan import Injection
from ripstop.model.trace import CLIENT, CLOCK
from ripstop.seams.board import Board, Ticket
from ripstop.seams.http import HttpSeam
from ripstop.seams.postgres import PostgresSeam
from ripstop.seams.redis import RedisSeam
from ripstop.seams.smtp import SmtpSeam

SEAMS = (HttpSeam, PostgresSeam, RedisSeam, SmtpSeam)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--faults-fired", type=Path, help="file to which each fault that happened is appended")


def pytest_configure(config: pytest.Config) -> None:
    if target := config.getoption("--faults-fired"):
        record(Path(target))


def protocols_of(name: str) -> frozenset[str]:
    return next(fault for fault in catalogue._FAULTS if fault.name == name).protocols


def pairs() -> Iterator[tuple[str, str]]:
    """Every fault of the catalogue at every protocol it declares."""
    for name in catalogue.names():
        yield from ((name, protocol) for protocol in sorted(protocols_of(name)))


def record(target: Path) -> None:
    """From here on, in this process. A fault made up on the spot is none of the catalogue's."""
    known = set(pairs())
    told: set[tuple[str, str, str]] = set()

    def note(name: str, protocol: str) -> None:
        test = os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" (")[0]
        if test and (name, protocol) in known and (name, protocol, test) not in told:
            told.add((name, protocol, test))
            line = json.dumps({"fault": name, "protocol": protocol, "test": test})
            with target.open("a") as file:
                file.write(line + "\n")

    _watch_board(note)
    for seam in SEAMS:
        _watch_seam(seam, note)


def _watch_board(note: Callable[[str, str], None]) -> None:
    fire, fire_injection = Board.fire, Board.fire_injection

    @functools.wraps(fire)
    def fired(self: Board, ticket: Ticket, text: str = "") -> None:
        if ticket.armed:
            note(ticket.armed.fault.spec.name, ticket.crossing.protocol)
        fire(self, ticket, text)

    @functools.wraps(fire_injection)
    def fired_at_step(self: Board, injection: Injection, text: str = "") -> None:
        if injection.crossing.seam == CLIENT:
            note(injection.fault.name, CLIENT)
        elif protocols_of(injection.fault.name) == {CLOCK}:
            note(injection.fault.name, CLOCK)
        elif injection.fault.name == "unresolved":
            note("unresolved", "http")
        fire_injection(self, injection, text)

    Board.fire, Board.fire_injection = fired, fired_at_step  # type: ignore[method-assign]


def _watch_seam(kind: Any, note: Callable[[str, str], None]) -> None:
    """What a seam does before a step has happened once idle connections were cut or its port was tried."""
    at_step, heal, stop = kind.at_step, kind.heal, kind.stop
    closed: dict[int, Collection[str]] = {}

    def tried(self: Any) -> None:
        names = closed.pop(id(self), ()) if self.attempts() else ()
        for name in names:
            note(name, self.protocol)

    @functools.wraps(at_step)
    async def stepped(self: Any, commands: Any) -> None:
        idle = self.idle_sessions()
        await at_step(self, commands)
        names = [fault.spec.name for fault in _armed(self) if commands and fault.at_step() == tuple(commands)]
        if tuple(commands) != (CutIdle(),):
            closed[id(self)] = names
        elif idle and "stale_connection" in names:
            note("stale_connection", self.protocol)

    @functools.wraps(heal)
    async def healed(self: Any) -> None:
        tried(self)
        await heal(self)

    @functools.wraps(stop)
    async def stopped(self: Any) -> None:
        tried(self)
        await stop(self)

    kind.at_step, kind.heal, kind.stop = stepped, healed, stopped


def _armed(seam: Any) -> list[Fault]:
    around = seam._surroundings if isinstance(seam, HttpSeam) else seam._around
    return [armed.fault for armed in around.board._armed]
