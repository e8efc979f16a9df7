"""An http seam running in a thread of its own, a double behind it, and faults made up on the spot."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from ripstop.doubles import Double, Reply, Request
from ripstop.model.fault import Commands, FaultSpec, Forward
from ripstop.model.plan import Armed, Injection
from ripstop.model.trace import Crossing, CrossingId, Phase
from ripstop.seams.board import Board
from ripstop.seams.http import HttpSeam

T = TypeVar("T")
WAIT_S = 5.0
CHARGE = {"amountCents": 4200}
OPERATION = "POST /v1/charges"


@dataclass(frozen=True)
class Made:
    """A fault made of the commands a test wants."""

    at_request: Commands = (Forward(),)
    at_reply: Commands = (Forward(),)

    @property
    def spec(self) -> FaultSpec:
        return FaultSpec.of("made")

    def at_step(self) -> Commands:
        return ()

    def on_request(self, crossing: Crossing) -> Commands:
        return self.at_request

    def on_reply(self, crossing: Crossing, reply: Any) -> Commands:
        return self.at_reply


class Served:
    """A running seam as a test in another thread uses it."""

    def __init__(self, double: Any, **options: Any) -> None:
        self.double = double
        self.board = Board(phase=Phase.CALL, step="step")
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.seam = HttpSeam("payments", double, self.board, **options)

    @property
    def url(self) -> str:
        return self.seam.url

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(WAIT_S)

    def call(self, function: Callable[[], T]) -> T:
        async def work() -> T:
            return function()

        return self.run(work())

    def arm(self, fault: Any, operation: str = OPERATION, nth: int = 1) -> Injection:
        injection = Injection(CrossingId("step", "payments", operation, nth), fault.spec)
        self.call(lambda: self.board.arm([Armed(injection, fault)]))
        return injection

    def until(self, condition: Callable[[], object]) -> None:
        """Wait for something the seam's thread brings about. Fails after five seconds."""
        deadline = time.monotonic() + WAIT_S
        while not self.call(condition):
            assert time.monotonic() < deadline, "it did not come about"
            time.sleep(0.002)

    def trace(self) -> tuple[tuple[str, str, str], ...]:
        """Operation, outcome and fault of each crossing."""
        return tuple((c.id.operation, c.outcome, c.fault) for c in self.call(lambda: self.board.trace))

    def fired(self) -> int:
        return len(self.call(lambda: self.board.fired))

    def close(self) -> None:
        self.run(self.seam.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(WAIT_S)
        self._loop.close()


@contextmanager
def served(double: Any = None, **options: Any) -> Iterator[Served]:
    """A seam that listens; it must be at rest again after it was stopped."""
    server = Served(double or payments(), **options)
    server.run(server.seam.start())
    try:
        yield server
        server.run(server.seam.stop())
        server.until(lambda: not server.seam.busy() and not server.board.under_way)
    finally:
        server.close()


def payments() -> Double:
    """A provider of charges."""
    double = Double("payments", idempotency_header="Idempotency-Key")

    @double.route(OPERATION, effect="charge", json={"amountCents": int})
    def charge(request: Request) -> Reply:
        return Reply.of(201, {"id": double.new_id("ch"), "status": "succeeded"})

    @double.route("GET /v1/charges/{charge}")
    def look(request: Request, charge: str) -> Reply:
        return Reply.of(200, {"id": charge})

    double.error("card_declined", on=OPERATION, reply=Reply.of(402, {"error": {"code": "card_declined"}}))
    return double


def raw_post(body: bytes = b'{"amountCents": 4200}', extra: str = "") -> bytes:
    """A charge as bytes."""
    head = f"POST /v1/charges HTTP/1.1\r\nHost: x\r\n{extra}Content-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def dial(server: Served, data: bytes = b"") -> socket.socket:
    """A plain connection on which these bytes were sent."""
    client = socket.create_connection(("127.0.0.1", server.seam.port), timeout=WAIT_S)
    client.sendall(data)
    return client


def read_all(client: socket.socket) -> bytes:
    """Everything until the peer closes. Raises ConnectionResetError where it resets."""
    received = b""
    while chunk := client.recv(65_536):
        received += chunk
    return received
