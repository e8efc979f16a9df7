"""A PostgreSQL seam running in a thread of its own, and faults made up on the spot."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import psycopg

from ripstop.model.address import PostgresAddress
from ripstop.model.fault import Commands, FaultSpec, Forward
from ripstop.model.plan import Armed, Injection
from ripstop.model.trace import Crossing, CrossingId, Phase
from ripstop.seams.board import Board
from ripstop.seams.postgres import PostgresSeam

T = TypeVar("T")
WAIT_S = 40.0


@dataclass(frozen=True)
class Made:
    """A fault made of the commands a test wants."""

    at_request: Commands = (Forward(),)
    at_reply: Commands = (Forward(),)
    before_step: Commands = ()
    heard: list[Any] = field(default_factory=list, compare=False)

    @property
    def spec(self) -> FaultSpec:
        return FaultSpec.of("made")

    def at_step(self) -> Commands:
        return self.before_step

    def on_request(self, crossing: Crossing) -> Commands:
        self.heard.append(crossing)
        return self.at_request

    def on_reply(self, crossing: Crossing, reply: Any) -> Commands:
        self.heard.append(reply)
        return self.at_reply


class Proxied:
    """A seam in front of a database. ``url`` is where a client of the seam connects."""

    def __init__(self, upstream: PostgresAddress, **options: Any) -> None:
        self.upstream = upstream
        self.board = Board()
        self.seam = PostgresSeam("db", upstream, self.board, **options)
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)

    @property
    def address(self) -> PostgresAddress:
        return replace(self.upstream, port=self.seam.port, socket_dir=None)

    @property
    def url(self) -> str:
        return f"{self.address.url}?connect_timeout=10"

    def start(self) -> None:
        self._thread.start()
        self.run(self.seam.start())
        self.call(lambda: self.board.enter(Phase.CALL, "step"))

    def stop(self) -> None:
        self.run(self.seam.stop())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(WAIT_S)
        self.loop.close()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(WAIT_S)

    def call(self, work: Callable[[], T]) -> T:
        async def within() -> T:
            return work()

        return self.run(within())

    def arm(self, operation: str, fault: Any, *, nth: int = 1, tries: int = 1) -> None:
        """Begin a new run with one fault in it."""
        at = Injection(CrossingId("step", "db", operation, nth), fault.spec, tries)

        def within() -> None:
            self.board.begin()
            self.board.enter(Phase.CALL, "step")
            self.board.arm([Armed(at, fault)])

        self.call(within)

    @property
    def fired(self) -> bool:
        return bool(self.call(lambda: self.board.fired))

    @property
    def trace(self) -> list[tuple[str, str]]:
        """Operation and outcome of each crossing in order, connecting left out."""
        crossings = self.call(lambda: self.board.trace)
        return [(c.id.operation, c.outcome) for c in crossings if c.id.operation != "CONNECT"]

    def outcome(self, operation: str) -> str:
        return dict(self.trace)[operation]

    def direct(self, sql: str) -> list[tuple[Any, ...]]:
        """Ask the server itself."""
        with psycopg.connect(self.upstream.url, autocommit=True) as connection:
            cursor = connection.execute(sql)
            return cursor.fetchall() if cursor.description else []

    def settle(self) -> None:
        """Clean hands: terminate what was cut and wait until it is gone."""
        pids = list(self.call(self.seam.take_cut_backends))
        self.direct(f"SELECT pg_terminate_backend(pid) FROM unnest(array{pids}::int[]) pid")
        self.wait(
            lambda: not self.direct(f"SELECT 1 FROM pg_stat_activity WHERE pid = ANY(array{pids}::int[])")
        )

    def wait(self, condition: Callable[[], object]) -> None:
        """Wait until a condition holds; fails after a bound."""
        deadline = time.monotonic() + WAIT_S
        while not condition():
            assert time.monotonic() < deadline, "it did not come about"
            time.sleep(0.005)


@contextmanager
def proxied(upstream: PostgresAddress, **options: Any) -> Iterator[Proxied]:
    proxy = Proxied(upstream, **options)
    proxy.start()
    try:
        yield proxy
    finally:
        proxy.stop()
