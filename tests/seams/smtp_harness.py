"""An smtp seam in front of the embedded mail server, in a thread of its own; and genuine servers."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import trustme

from ripstop.doubles.mailbox import Mailbox
from ripstop.faults import catalogue
from ripstop.model.fault import FaultSpec
from ripstop.model.plan import Armed, Injection
from ripstop.model.trace import CrossingId, Phase
from ripstop.seams.board import Board
from ripstop.seams.smtp import SmtpSeam
from ripstop.service.mail import MailServer

T = TypeVar("T")
HOST = "127.0.0.1"
WAIT_S = 5.0
SENDER = "shop@example.org"
ANN, BEN, CY = "ann@example.org", "ben@example.org", "cy@example.org"
MESSAGE = "Subject: Your order\r\nMessage-ID: <1@shop>\r\n\r\nThank you.\r\n"


class LoopThread:
    """An event loop in a thread of its own."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(WAIT_S)

    def call(self, function: Callable[[], T]) -> T:
        async def work() -> T:
            return function()

        return self.run(work())

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(WAIT_S)
        self.loop.close()


class Mailed:
    """A running seam as a test in another thread uses it."""

    def __init__(self, thread: LoopThread, upstream: tuple[str, int], **options: Any) -> None:
        self._thread = thread
        self.box = Mailbox("mail")
        self.board = Board(phase=Phase.CALL, step="step")
        self.seam = SmtpSeam("mail", upstream, self.board, **options)
        self.run, self.call = thread.run, thread.call

    @property
    def port(self) -> int:
        return self.seam.port

    @property
    def sent(self) -> list[str]:
        """The subjects of what was delivered."""
        return [mail.subject for mail in self.box.sent]

    def arm(self, operation: str, fault: FaultSpec, *, nth: int = 1, tries: int = 1) -> None:
        """Begin a new run with one fault in it, its part before the step obeyed."""
        built = catalogue.build(fault, "smtp")
        at = Injection(CrossingId("step", "mail", operation, nth), fault, tries)

        async def within() -> None:
            self.board.begin()
            self.board.enter(Phase.CALL, "step")
            self.board.arm([Armed(at, built)])
            await self.seam.at_step(built.at_step())

        self.run(within())

    def arm_made(self, operation: str, fault: Any) -> None:
        """The same with a fault made up on the spot."""
        at = Injection(CrossingId("step", "mail", operation), fault.spec, 1)
        self.call(lambda: self.board.arm([Armed(at, fault)]))

    @property
    def fired(self) -> bool:
        return bool(self.call(lambda: self.board.fired))

    @property
    def trace(self) -> list[tuple[str, str]]:
        return [(c.id.operation, c.outcome) for c in self.call(lambda: self.board.trace)]

    def outcome(self, operation: str) -> str:
        return next(outcome for name, outcome in self.trace if name == operation)

    def until(self, condition: Callable[[], object]) -> None:
        """Wait for something the seam's thread brings about. Fails after five seconds."""
        deadline = time.monotonic() + WAIT_S
        while not self.call(condition):
            assert time.monotonic() < deadline, "it did not come about"
            time.sleep(0.002)

    def at_rest(self) -> bool:
        """No connection is left, and none at the server either."""
        return not (self.seam.idle_sessions() or self.seam.busy() or self.board.under_way)


@contextmanager
def mailed(**options: Any) -> Iterator[Mailed]:
    """A seam and the embedded server behind it; both must end with nothing left."""
    thread = LoopThread()
    box: list[Mailbox] = []
    server = MailServer(lambda *mail: box[0].deliver(*mail))
    thread.run(server.start())
    one = Mailed(thread, server.address, **options)
    box.append(one.box)
    thread.run(one.seam.start())
    try:
        yield one
        thread.run(one.seam.stop())
        one.until(one.at_rest)
        assert server.problems == []
        assert not [note for note in one.seam.notes if "internal error" in note]
    finally:
        thread.run(one.seam.stop())
        thread.run(server.stop())
        thread.call(lambda: None)
        left = [t.get_name() for t in thread.call(lambda: asyncio.all_tasks(thread.loop)) if not t.done()]
        thread.stop()
    assert len(left) <= 1, left


def certified() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context and that of a client which trusts it."""
    authority = trustme.CA()
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("localhost", HOST).configure_cert(server)
    authority.configure_trust(client)
    return server, client


class Talk:
    """A plain connection on which lines are said and replies read."""

    def __init__(self, port: int, timeout_s: float = WAIT_S) -> None:
        self.socket = socket.create_connection((HOST, port), timeout=timeout_s)
        self._rest = b""

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def reply(self) -> bytes:
        """One whole reply; what there is of it where the connection ends first."""
        reply = b""
        while True:
            line = self._line()
            reply += line
            if not line or line[3:4] != b"-":
                return reply

    def ask(self, data: bytes) -> bytes:
        self.send(data)
        return self.reply()

    def begin(self) -> Talk:
        """To the point where RCPT may follow."""
        assert self.reply().startswith(b"220 ")
        assert self.ask(b"EHLO test\r\n").startswith(b"250-")
        assert self.ask(b"MAIL FROM:<shop@example.org>\r\n").startswith(b"250 ")
        return self

    def close(self) -> None:
        self.socket.close()

    def _line(self) -> bytes:
        while b"\n" not in self._rest:
            more = self.socket.recv(65_536)
            if not more:
                line, self._rest = self._rest, b""
                return line
            self._rest += more
        line, _, self._rest = self._rest.partition(b"\n")
        return line + b"\n"
