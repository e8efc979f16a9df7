"""An SMTP server's bytes: replies of any number of lines, and what is no reply."""

from __future__ import annotations

import pytest

from ripstop.wire.smtp.server import (
    REPLY_LIMIT_BYTES,
    Reply,
    ReplyReader,
    WireError,
    code_of,
    offer,
    say,
)

EHLO = b"250-mail.example.org\r\n250-SIZE 100\r\n250-CHUNKING\r\n250-AUTH=LOGIN\r\n250 auth CRAM-MD5\r\n"


def read(data: bytes) -> Reply:
    reader = ReplyReader()
    reader.receive(data)
    reply = reader.next_reply()
    assert reply is not None
    return reply


@pytest.mark.parametrize("size", [1, 3, 50])
def test_replies_are_whole_however_they_come(size: int) -> None:
    reader, replies = ReplyReader(), []
    data = b"220 hi\r\n" + EHLO + b"354\r\n"
    for start in range(0, len(data), size):
        reader.receive(data[start : start + size])
        while (reply := reader.next_reply()) is not None:
            replies.append((reply.code, len(reply.lines), reply.raw))

    assert replies == [(220, 1, b"220 hi\r\n"), (250, 5, EHLO), (354, 1, b"354\r\n")]


@pytest.mark.parametrize(
    "data",
    [b"hello\r\n", b"2500 x\r\n", b"99 x\r\n", b"250-a\r\n251 b\r\n", b"250_x\r\n", b"\r\n", b"600 x\n"],
)
def test_what_is_no_reply_is_refused_and_kept(data: bytes) -> None:
    reader = ReplyReader()
    reader.receive(data)
    with pytest.raises(WireError):
        reader.next_reply()

    assert reader.rest() == data


@pytest.mark.parametrize("data", [b"2" * (REPLY_LIMIT_BYTES + 1), b"250-x\r\n" * REPLY_LIMIT_BYTES])
def test_a_reply_without_end_is_refused(data: bytes) -> None:
    reader = ReplyReader()
    reader.receive(data)
    with pytest.raises(WireError, match="more than"):
        reader.next_reply()


def test_extensions_are_taken_out_and_put_in() -> None:
    offered = offer(read(EHLO), add=["STARTTLS", "SIZE 5", "AUTH PLAIN"], drop=["chunking", "AUTH"])

    assert offered == b"250-mail.example.org\r\n250-SIZE 100\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n"


def test_an_ehlo_reply_of_one_line_stays_one() -> None:
    assert offer(read(b"250 mail\r\n")) == b"250 mail\r\n"


def test_what_we_say_is_a_reply_and_its_code_can_be_read() -> None:
    for code in (421, 451, 499, 550, 599):
        assert read(say(code)).code == code_of(say(code)) == code

    assert code_of(b"250-a\r\n250 b\r\n") == 250
    assert code_of(b"what") == 0
