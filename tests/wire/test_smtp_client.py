"""An SMTP client's bytes: lines, message content and octets to skip, however they are chunked."""

from __future__ import annotations

import pytest

from ripstop.wire.smtp.client import LINE_LIMIT_BYTES, ClientReader, parse


def fed(*chunks: bytes) -> ClientReader:
    reader = ClientReader()
    for chunk in chunks:
        reader.receive(chunk)
    return reader


def test_a_command_is_whole_with_its_line_end() -> None:
    reader = fed(b"mail FROM:<a@b> SI", b"ZE=3\r")
    assert reader.next_command() is None
    reader.receive(b"\nRSET\n")

    first, second = reader.next_command(), reader.next_command()
    assert first is not None
    assert second is not None
    assert (first.verb, first.argument, first.raw) == (
        "MAIL",
        "FROM:<a@b> SIZE=3",
        b"mail FROM:<a@b> SIZE=3\r\n",
    )
    assert (second.verb, second.raw) == ("RSET", b"RSET\n")


@pytest.mark.parametrize(
    ("line", "path"),
    [
        (b"RCPT TO:<ann@example.org>\r\n", "ann@example.org"),
        (b"RCPT TO: ann@example.org NOTIFY=NEVER\r\n", "ann@example.org"),
        (b"MAIL FROM:<>\r\n", ""),
        (b"RCPT\r\n", ""),
        ("RCPT TO:<grün@example.org>\r\n".encode(), "grün@example.org"),
    ],
)
def test_the_address_of_a_path(line: bytes, path: str) -> None:
    assert parse(line).path == path


def test_a_line_that_is_too_long_is_told_of_once_and_not_kept() -> None:
    reader = ClientReader()
    for _ in range(10):
        reader.receive(b"x" * LINE_LIMIT_BYTES)
        assert reader.next_command() is None
        assert reader.waiting_bytes <= 2 * LINE_LIMIT_BYTES
    reader.receive(b"\r\nNOOP\r\n")

    first, second = reader.next_command(), reader.next_command()
    assert first is not None
    assert second is not None
    assert (first.too_long, first.raw, second.verb) == (True, b"", "NOOP")


@pytest.mark.parametrize(
    ("sent", "content"),
    [
        (b".\r\nQUIT", b".\r\n"),
        (b"a\r\n.\r\nQUIT", b"a\r\n.\r\n"),
        (b"a\r\n..\r\nb\r\n.\r\nQUIT", b"a\r\n..\r\nb\r\n.\r\n"),
        (b"a\n.\n\n.\r\n\r.\r\nb\r\n.\r\nQUIT", b"a\n.\n\n.\r\n\r.\r\nb\r\n.\r\n"),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 3, 5, 100])
def test_content_ends_at_a_line_that_is_one_dot_and_nowhere_else(
    sent: bytes, content: bytes, size: int
) -> None:
    reader, taken, whole = ClientReader(), b"", False
    reader.begin_content()
    for start in range(0, len(sent), size):
        reader.receive(sent[start : start + size])
        if not whole:
            piece, whole = reader.take_content()
            taken += piece

    assert (taken, whole, reader.rest()) == (content, True, b"QUIT")


def test_octets_are_skipped_as_they_come() -> None:
    reader = fed(b"12345")

    assert reader.skip(7) == 2
    reader.receive(b"67NOOP\r\n")
    assert reader.skip(2) == 0
    assert reader.rest() == b"NOOP\r\n"


def test_what_is_cleared_is_gone() -> None:
    reader = fed(b"MAIL FROM:<a>\r\n")
    reader.clear()

    assert (reader.waiting_bytes, reader.next_command()) == (0, None)
