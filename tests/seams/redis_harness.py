"""A redis seam running in a thread of its own in front of a real server, and clients of both."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from ripstop.faults import catalogue
from ripstop.model.address import RedisAddress
from ripstop.model.fault import Commands, FaultSpec
from ripstop.model.plan import Armed, Injection
from ripstop.model.trace import CrossingId, Kind, Phase
from ripstop.seams.board import Board
from ripstop.seams.redis import RedisSeam

T = TypeVar("T")
WAIT_S = 5.0


class Made:
    """A fault made of the commands a test wants."""

    spec = FaultSpec.of("made")

    def __init__(self, *at_request: Any, at_reply: Commands = ()) -> None:
        self.at_request, self.at_reply = at_request, at_reply

    def at_step(self) -> Commands:
        return ()

    def on_request(self, crossing: Any) -> Commands:
        return self.at_request

    def on_reply(self, crossing: Any, reply: Any) -> Commands:
        return self.at_reply


class Proxied:
    """A running seam as a test in another thread uses it."""

    def __init__(self, address: RedisAddress, **options: Any) -> None:
        self.address = address
        self.board = Board(phase=Phase.CALL, step="step")
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.seam = RedisSeam("cache", address, self.board, **options)
        self.clients: list[redis.Redis] = []

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(WAIT_S)

    def call(self, function: Callable[[], T]) -> T:
        async def work() -> T:
            return function()

        return self.run(work())

    def arm(self, fault: FaultSpec | Made, operation: str, nth: int = 1, *, tries: int = 1) -> Injection:
        """Break the nth crossing of an operation; what the fault wants before a step is done now."""
        built: Any = catalogue.build(fault, "redis") if isinstance(fault, FaultSpec) else fault
        injection = Injection(CrossingId("step", "cache", operation, nth), built.spec, tries)
        self.call(lambda: self.board.arm([Armed(injection, built)]))
        self.run(self.seam.at_step(built.at_step()))
        return injection

    def client(self, port: int | None = None, **options: Any) -> redis.Redis:
        """A client through the seam (or of ``port``) that tries nothing twice and waits two seconds."""
        settings: dict[str, Any] = {"socket_timeout": 2.0, "retry": Retry(NoBackoff(), 0), **options}
        self.clients.append(redis.Redis(port=port or self.seam.port, decode_responses=True, **settings))
        return self.clients[-1]

    @property
    def direct(self) -> redis.Redis:
        """A client of the real server."""
        return self.client(self.address.port)

    def dial(self, data: bytes = b"") -> socket.socket:
        """A plain connection on which these bytes were sent."""
        plain = socket.create_connection(("127.0.0.1", self.seam.port), timeout=WAIT_S)
        plain.sendall(data)
        return plain

    def until(self, condition: Callable[[], object]) -> None:
        """Wait for something the seam's thread brings about. Fails after five seconds."""
        deadline = time.monotonic() + WAIT_S
        while not self.call(condition):
            assert time.monotonic() < deadline, "it did not come about"
            time.sleep(0.002)

    def trace(self) -> list[tuple[str, str]]:
        """Operation and outcome of each crossing, connecting left out."""
        found = self.call(lambda: self.board.trace)
        return [(c.id.operation, c.outcome) for c in found if c.kind is not Kind.CONNECT]

    def fired(self) -> int:
        return len(self.call(lambda: self.board.fired))

    def close(self) -> None:
        for client in self.clients:
            client.close()
        self.run(self.seam.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(WAIT_S)
        self._loop.close()


@contextmanager
def proxied(address: RedisAddress, *, empty: bool = True, **options: Any) -> Iterator[Proxied]:
    """A seam that listens, by default in front of an emptied server; at rest again once it was stopped."""
    one = Proxied(address, **options)
    one.run(one.seam.start())
    try:
        if empty:
            one.direct.flushall()
        yield one
        one.run(one.seam.stop())
        one.until(lambda: not one.seam.busy() and not one.board.under_way)
    finally:
        one.close()


def read(plain: socket.socket, size: int) -> bytes:
    """Exactly so many bytes; fewer where the peer ends. Raises ConnectionResetError where it resets."""
    received = b""
    while len(received) < size and (chunk := plain.recv(size - len(received))):
        received += chunk
    return received


def read_all(plain: socket.socket) -> bytes:
    """Everything until the peer closes. Raises ConnectionResetError where it resets."""
    received = b""
    while chunk := plain.recv(65_536):
        received += chunk
    return received
