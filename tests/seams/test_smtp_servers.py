"""Servers behind the smtp seam that are not ours: richer, ruder, silent, or no mail server at all."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import pytest

from ripstop import faults
from ripstop.seams import smtp_session

from .smtp_harness import HOST, LoopThread, Mailed, Talk

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Behave = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextmanager
def behind(behave: Behave) -> Iterator[Mailed]:
    """A seam in front of a server that behaves like this; ends with both at rest."""
    thread = LoopThread()
    open_now: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_now.append(writer)
        try:
            await behave(reader, writer)
            await reader.read()
        except ConnectionError:
            pass
        open_now.remove(writer)
        writer.close()

    server = thread.run(asyncio.start_server(serve, HOST, 0))
    mail = Mailed(thread, server.sockets[0].getsockname())
    thread.run(mail.seam.start())
    try:
        yield mail
        thread.run(mail.seam.stop())
        mail.until(lambda: not open_now and mail.at_rest())
    finally:
        thread.run(mail.seam.stop())
        thread.call(server.close)
        thread.stop()


async def say(streams: Streams, *exchanges: tuple[bytes, bytes]) -> None:
    """For each line that is awaited, the reply to it."""
    reader, writer = streams
    for awaited, reply in exchanges:
        assert (await reader.readuntil(b"\r\n")).startswith(awaited)
        writer.write(reply)


async def up_to_data(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 hello\r\n")
    replies = [
        (b"EHLO", b"250 x\r\n"),
        (b"MAIL", b"250 ok\r\n"),
        (b"RCPT", b"250 ok\r\n"),
        (b"DATA", b"354 go\r\n"),
    ]
    await say((reader, writer), *replies)


def in_data(mail: Mailed) -> Talk:
    talk = Talk(mail.port)
    for line in (b"EHLO t\r\n", b"MAIL FROM:<a@b>\r\n", b"RCPT TO:<c@d>\r\n", b"DATA\r\n"):
        talk.reply()
        talk.send(line)
    assert talk.reply()[:3] == b"354"
    return talk


def test_of_a_richer_server_only_what_passes_is_offered() -> None:
    async def rich(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hello\r\n")
        words = b"SIZE 5,CHUNKING,BINARYMIME,STARTTLS,AUTH GSSAPI,AUTH=LOGIN,DSN"
        lines = b"".join(b"250-" + word + b"\r\n" for word in words.split(b","))
        await say((reader, writer), (b"EHLO", b"250-me\r\n" + lines + b"250 HELP\r\n"))

    with behind(rich) as mail:
        talk = Talk(mail.port)
        talk.reply()
        offered = talk.ask(b"EHLO t\r\n").decode()

    assert [line[4:] for line in offered.splitlines()] == [
        *("me", "SIZE 5", "DSN", "HELP", "PIPELINING", "AUTH PLAIN LOGIN")
    ]


def test_a_server_that_closes_unasked_is_heard_and_closes_the_client() -> None:
    async def tired(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hello\r\n")
        await say((reader, writer), (b"NOOP", b"250 ok\r\n"))
        writer.write(b"421 4.4.2 idle for too long\r\n")
        writer.close()

    with behind(tired) as mail:
        talk = Talk(mail.port)
        talk.reply()

        assert talk.ask(b"NOOP\r\n")[:3] == b"250"
        assert talk.reply() == b"421 4.4.2 idle for too long\r\n"
        assert talk.reply() == b""


def test_a_server_that_refuses_within_a_message_is_heard_once() -> None:
    async def strict(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await up_to_data(reader, writer)
        await reader.readuntil(b"\r\n")
        writer.write(b"552 too much\r\n")
        await reader.readuntil(b"\r\n.\r\n")
        await say((reader, writer), (b"NOOP", b"250 ok\r\n"))

    with behind(strict) as mail:
        talk = in_data(mail)
        assert talk.ask(b"Subject: x\r\n") == b"552 too much\r\n"
        talk.send(b"\r\n.\r\n")

        assert talk.ask(b"NOOP\r\n") == b"250 ok\r\n"
        assert mail.outcome("DATA") == "status:552"


def test_a_server_that_leaves_within_a_message_takes_the_client_with_it() -> None:
    async def rude(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await up_to_data(reader, writer)
        await reader.readuntil(b"\r\n")
        writer.transport.abort()

    with behind(rude) as mail:
        talk = in_data(mail)

        assert talk.ask(b"Subject: x\r\n") == b""
        assert mail.outcome("DATA") == "cut"


def test_what_is_no_mail_server_is_passed_on_untracked() -> None:
    async def other(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH 2.0 ours\r\n")
        await say((reader, writer), (b"SSH 2.0 yours", b"\x00\x01binary"))
        writer.close()

    with behind(other) as mail:
        talk = Talk(mail.port)
        assert talk.reply() == b"SSH 2.0 ours\r\n"
        talk.send(b"SSH 2.0 yours\r\n")
        assert talk.reply() == b"\x00\x01binary"
        assert talk.reply() == b""

    assert "no longer tracked" in mail.seam.notes[0]


def test_an_answer_without_sense_passes_on_what_follows() -> None:
    async def confused(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hello\r\n")
        await say((reader, writer), (b"EHLO", b"what?\r\n"), (b"NOOP", b"250 fine\r\n"))

    with behind(confused) as mail:
        talk = Talk(mail.port)
        talk.reply()

        assert talk.ask(b"EHLO t\r\n") == b"what?\r\n"
        assert talk.ask(b"NOOP\r\n") == b"250 fine\r\n"
        assert mail.seam.busy() == ()


def test_a_fault_at_a_server_that_makes_no_sense_ends_the_connection() -> None:
    async def forgetful(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hello\r\n")
        replies = [(b"EHLO", b"250 x\r\n"), (b"MAIL", b"250 ok\r\n"), (b"RCPT", b"250 ok\r\n")]
        await say((reader, writer), *replies, (b"RSET", b"what?\r\n"))

    with behind(forgetful) as mail:
        mail.arm("DATA", faults.status(451))
        talk = in_data(mail)
        with pytest.raises(ConnectionResetError):
            talk.ask(b"Subject: x\r\n\r\n.\r\n")


def test_a_server_that_says_nothing_is_given_up_after_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp_session, "_REPLY_WAIT_S", 0.05)

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(0)

    with behind(silent) as mail:
        assert Talk(mail.port).reply() == b""

    assert "no reply within 0.05 s" in mail.seam.notes[0]


def test_replies_out_of_turn_are_passed_on_and_do_not_pile_up() -> None:
    async def chatty(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hello\r\n")
        await say((reader, writer), (b"NOOP", b"250 ok\r\n"))
        for number in range(1_000):
            writer.write(b"250 %d\r\n" % number)
            await writer.drain()

    with behind(chatty) as mail:
        talk = Talk(mail.port)
        talk.reply()
        talk.ask(b"NOOP\r\n")

        assert [int(talk.reply()[4:]) for _ in range(1_000)] == list(range(1_000))
