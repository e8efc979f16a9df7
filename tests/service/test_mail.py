"""The embedded mail server: it takes everything, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import smtplib
import socket
import sys
from collections.abc import Sequence

import pytest

from ripstop.errors import UsageError
from ripstop.service.mail import MailServer

MESSAGE = b"Subject: hi\r\n\r\nhello\r\n"


async def in_thread(address: tuple[str, int], message: bytes = MESSAGE) -> object:
    def send() -> object:
        with smtplib.SMTP(*address, timeout=5) as client:
            return client.sendmail("a@example.org", ["b@example.org", "c@example.org"], message)

    return await asyncio.to_thread(send)


def test_a_message_is_handed_over_before_it_is_acknowledged() -> None:
    got: list[tuple[str, Sequence[str], bytes]] = []

    async def run() -> None:
        server = MailServer(lambda *mail: got.append(mail))
        await server.start()
        assert await in_thread(server.address) == {}
        await server.stop()

    asyncio.run(run())
    assert got == [("a@example.org", ("b@example.org", "c@example.org"), MESSAGE)]


def test_long_lines_are_taken() -> None:
    got: list[bytes] = []

    async def run() -> None:
        server = MailServer(lambda _sender, _recipients, content: got.append(content))
        await server.start()
        await in_thread(server.address, b"Subject: long\r\n\r\n" + b"x" * 100_000 + b"\r\n")
        await server.stop()

    asyncio.run(run())
    assert len(got[0]) > 100_000


def test_a_message_that_cannot_be_kept_is_refused_and_told() -> None:
    async def run() -> list[str]:
        server = MailServer(lambda *_: 1 / 0)  # type: ignore[arg-type, return-value]
        await server.start()
        with pytest.raises(smtplib.SMTPDataError, match="451"):
            await in_thread(server.address)
        await server.stop()
        return server.problems

    assert "ZeroDivisionError" in asyncio.run(run())[0]


def test_stopping_ends_connections_and_frees_the_port() -> None:
    async def run() -> set[asyncio.Task[None]]:
        server = MailServer(lambda *_: None)
        await server.start()
        clients = [await asyncio.open_connection(*server.address) for _ in range(3)]
        for reader, _ in clients:
            assert (await reader.readline()).startswith(b"220 ")
        port = server.address[1]
        await server.stop()
        await server.stop()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port))
        for reader, writer in clients:
            assert await reader.read() == b""
            writer.close()
        return asyncio.all_tasks() - {asyncio.current_task()}  # type: ignore[arg-type]

    assert asyncio.run(run()) == set()


def test_a_missing_library_is_named_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "aiosmtpd.smtp", None)
    with pytest.raises(UsageError, match=r'pip install "ripstop\[mail\]"') as raised:
        asyncio.run(MailServer(lambda *_: None).start())

    assert raised.value.slug == "extra-missing"
