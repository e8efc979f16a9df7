"""Injected failures of a mail server beside the genuine ones: what each client meets, and what follows."""

from __future__ import annotations

import asyncio
import smtplib
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import aiosmtplib
import pytest
from aiosmtpd.smtp import SMTP

from ripstop import faults
from ripstop.model.fault import FaultSpec
from ripstop.wire.smtp.server import text_of

from .smtp_harness import ANN, BEN, CY, HOST, MESSAGE, SENDER, LoopThread, mailed

TIMEOUT_S = 0.3
Story = list[tuple[str, object]]


class Failing:
    """A genuine aiosmtpd that fails once, at one command: with a code, ``cut``, ``lost`` or ``hang``."""

    def __init__(self, command: str, how: str, nth: int = 1) -> None:
        self.command, self.how, self.left = command, how, nth
        self.kept = 0

    async def handle_MAIL(self, server: Any, _s: Any, envelope: Any, address: str, _o: Any) -> str:  # noqa: N802
        answer = await self._answer("MAIL", server)
        if answer == "250 OK":
            envelope.mail_from = address
        return answer

    async def handle_RCPT(self, server: Any, _s: Any, envelope: Any, address: str, _o: Any) -> str:  # noqa: N802
        answer = await self._answer("RCPT", server)
        if answer == "250 OK":
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, _s: Any, _envelope: Any) -> str:  # noqa: N802
        answer = await self._answer("DATA", server)
        self.kept += answer in ("250 OK", "lost")
        return answer

    async def _answer(self, command: str, server: Any) -> str:
        if command == self.command:
            self.left -= 1
        if command != self.command or self.left != 0:
            return "250 OK"
        if self.how == "hang":
            await asyncio.sleep(3_600)
        if self.how in ("cut", "lost"):
            sock = server.transport.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            server.transport.abort()
            return self.how
        answer = f"{self.how} {text_of(int(self.how))}"
        if self.how == "421":
            await server.push(answer)
            server.transport.close()
        return answer


@contextmanager
def genuine(handler: Failing) -> Iterator[int]:
    """The port of a genuine server with this handler."""
    thread = LoopThread()

    async def start() -> asyncio.Server:
        made = lambda: SMTP(handler, hostname="localhost", loop=thread.loop)  # noqa: E731
        return await thread.loop.create_server(made, HOST, 0)

    server = thread.run(start())
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        thread.call(server.close)
        thread.stop()


def told(call: Callable[[], object]) -> object:
    try:
        return call()
    except Exception as error:
        return type(error), error.args


def with_smtplib(port: int) -> Story:
    """Connect, send to three, say NOOP, send again, all on one client object; what each gave."""
    client = smtplib.SMTP(timeout=TIMEOUT_S)
    story: Story = [("connect", told(lambda: client.connect(HOST, port)[0]))]
    story.append(("send", told(lambda: client.sendmail(SENDER, [ANN, BEN, CY], MESSAGE))))
    story.append(("noop", told(lambda: client.noop()[0])))
    story.append(("again", told(lambda: client.sendmail(SENDER, [ANN], MESSAGE))))
    client.close()
    return story


def with_aiosmtplib(port: int) -> Story:
    """The same with aiosmtplib."""

    async def say() -> Story:
        client = aiosmtplib.SMTP(hostname=HOST, port=port, timeout=TIMEOUT_S, start_tls=False)
        story: Story = [("connect", await atold(client.connect()))]
        story.append(("send", await atold(client.sendmail(SENDER, [ANN, BEN, CY], MESSAGE))))
        story.append(("noop", await atold(client.noop())))
        story.append(("again", await atold(client.sendmail(SENDER, [ANN], MESSAGE))))
        client.close()
        return story

    return asyncio.run(say())


async def atold(call: Any) -> object:
    try:
        answer = await call
    except Exception as error:
        return type(error), error.args
    return answer.code if isinstance(answer, aiosmtplib.SMTPResponse) else _codes(answer)


def _codes(answer: Any) -> object:
    """The refused recipients; the text of a success is a server's own."""
    return answer[0] if isinstance(answer, tuple) else answer


CASES = [
    ("MAIL", 1, "421", faults.status(421)),
    ("MAIL", 1, "451", faults.status(451)),
    ("RCPT", 2, "550", faults.status(550)),
    ("RCPT", 1, "451", faults.status(451)),
    ("RCPT", 3, "421", faults.status(421)),
    ("DATA", 1, "451", faults.status(451)),
    ("DATA", 1, "554", faults.status(554)),
    ("DATA", 1, "421", faults.status(421)),
    ("DATA", 1, "cut", faults.connection_lost()),
    ("DATA", 1, "lost", faults.reply_lost()),
    ("DATA", 1, "hang", faults.hang()),
]


@pytest.mark.parametrize("tell", [with_smtplib, with_aiosmtplib])
@pytest.mark.parametrize(("command", "nth", "how", "fault"), CASES)
def test_a_client_cannot_tell_an_injected_failure_from_a_genuine_one(
    tell: Callable[[int], Story], command: str, nth: int, how: str, fault: FaultSpec
) -> None:
    real = Failing(command, how, nth)
    with genuine(real) as port:
        expected = tell(port)
    with mailed() as mail:
        mail.arm(command, fault, nth=nth)
        seen = tell(mail.port)
        mail.until(lambda: not mail.board.under_way)
        assert (seen, mail.fired) == (expected, True)
        assert len(mail.sent) == real.kept


@contextmanager
def genuine_greeting(first: bytes, *, ends: bool) -> Iterator[int]:
    """The port of a server that says this to who connects, and nothing more."""
    thread = LoopThread()

    async def greet(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(first)
        if ends:
            writer.close()

    server = thread.run(asyncio.start_server(greet, HOST, 0))
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        thread.call(server.close)
        thread.stop()


GREETINGS = [
    (f"421 {text_of(421)}\r\n".encode(), True, faults.status(421)),
    (f"554 {text_of(554)}\r\n".encode(), False, faults.status(554)),
    (b"", False, faults.hang()),
]


@pytest.mark.parametrize("tell", [with_smtplib, with_aiosmtplib])
@pytest.mark.parametrize(("first", "ends", "fault"), GREETINGS)
def test_a_client_cannot_tell_an_injected_greeting_from_a_genuine_one(
    tell: Callable[[int], Story], first: bytes, ends: bool, fault: FaultSpec
) -> None:
    with genuine_greeting(first, ends=ends) as port:
        expected = tell(port)[:1]
    with mailed() as mail:
        mail.arm("CONNECT", fault, tries=0)
        seen = tell(mail.port)[:1]
        mail.until(lambda: not mail.board.under_way)
        assert (seen, mail.fired) == (expected, True)


@pytest.mark.parametrize("tell", [with_smtplib, with_aiosmtplib])
def test_a_refused_connection_is_one_at_which_nobody_listens(tell: Callable[[int], Story]) -> None:
    with socket.socket() as closed:
        closed.bind((HOST, 0))
        (_, expected), *_ = tell(closed.getsockname()[1])
    with mailed() as mail:
        mail.arm("CONNECT", faults.connection_refused(), tries=0)
        (_, seen), *_ = tell(mail.port)

    assert kind_of(seen) == kind_of(expected)


def kind_of(told: Any) -> object:
    """The class of an error, and of its text what does not name a port."""
    kind, (first, *_) = told
    return kind, str(first).partition(" on port")[0]
