"""A mail server that is away or has hung up, injected beside genuine: what clients meet and do next."""

from __future__ import annotations

import asyncio
import contextlib
import select
import smtplib
from collections.abc import Callable, Iterator
from typing import Any

import aiosmtplib
import pytest
from aiosmtpd.handlers import Sink
from aiosmtpd.smtp import SMTP

from ripstop import faults

from .middleman import overrun
from .smtp_harness import ANN, HOST, MESSAGE, SENDER, LoopThread, mailed

TIMEOUT_S = 0.3
WAIT_MS = 5_000
IDLE_S = 0.1


def by_smtplib(port: int) -> object:
    return told(lambda: smtplib.SMTP(HOST, port, timeout=TIMEOUT_S).noop()[0])


def by_aiosmtplib(port: int) -> object:
    async def work() -> int:
        async with aiosmtplib.SMTP(hostname=HOST, port=port, timeout=TIMEOUT_S, start_tls=False) as client:
            return (await client.noop()).code

    return told(lambda: asyncio.run(work()))


def told(ask: Callable[[], object]) -> object:
    """An answer, or the error's kind and code; its words are each server's own."""
    try:
        return ask()
    except Exception as error:
        return type(error), getattr(error, "smtp_code", getattr(error, "code", None))


@pytest.mark.parametrize("ask", [by_smtplib, by_aiosmtplib])
def test_an_unreachable_server_is_one_whose_kernel_drops_what_comes(ask: Callable[[int], object]) -> None:
    with overrun() as port:
        real = ask(port)
    with mailed() as mail:
        mail.arm("CONNECT", faults.unreachable(), tries=0)
        injected = ask(mail.port)
        mail.run(mail.seam.heal())

        assert injected == real
        assert ask(mail.port) == 250


class Impatient(SMTP):
    """Says why before it ends an idle connection, as Postfix does; by itself aiosmtpd only ends it."""

    def _timeout_cb(self) -> None:
        assert self.transport is not None
        self.transport.write(b"421 4.4.2 localhost Error: timeout exceeded\r\n")
        super()._timeout_cb()


@contextlib.contextmanager
def impatient() -> Iterator[int]:
    """The port of a genuine server that ends idle connections (RFC 5321, 3.8 and 4.5.3.2)."""
    thread = LoopThread()

    async def start() -> Any:
        made = lambda: Impatient(Sink(), timeout=IDLE_S, hostname="localhost", loop=thread.loop)  # noqa: E731
        return await thread.loop.create_server(made, HOST, 0)

    server = thread.run(start())
    yield server.sockets[0].getsockname()[1]
    thread.call(server.close)
    thread.stop()


def outlived(port: int, end: Callable[[], object]) -> list[object]:
    """What a client whose connection was idle meets when it goes on, and after it connected anew."""
    client = smtplib.SMTP(HOST, port, timeout=5)
    client.ehlo()
    end()
    hung_up = select.poll()
    assert client.sock is not None
    hung_up.register(client.sock, select.POLLRDHUP)
    assert hung_up.poll(WAIT_MS)
    send = lambda: client.sendmail(SENDER, [ANN], MESSAGE)  # noqa: E731
    met = [told(send), told(client.noop)]
    client.connect(HOST, port)
    client.ehlo()
    return [*met, told(send)]


def test_a_stale_connection_is_one_that_a_server_grew_tired_of() -> None:
    with impatient() as port:
        real = outlived(port, lambda: None)
    with mailed() as mail:
        injected = outlived(mail.port, lambda: mail.arm("CONNECT", faults.stale_connection()))

    assert injected == real
    assert real[0] != real[-1] == {}
