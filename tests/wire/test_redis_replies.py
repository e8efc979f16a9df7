"""What a proxy must know of a reply: errors and their codes, nothing, pushes, first words."""

from __future__ import annotations

import pytest

from ripstop.wire.redis.replies import Replies, Reply, error


def reply(data: bytes) -> Reply:
    reader = Replies()
    reader.receive(data)
    found = reader.next()
    assert isinstance(found, Reply)
    return found


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"-ERR unknown command\r\n", "ERR"),
        (b"-WRONGTYPE Operation\r\n", "WRONGTYPE"),
        (b"!21\r\nSYNTAX invalid syntax\r\n", "SYNTAX"),
        (b"|1\r\n+ttl\r\n:1\r\n-MOVED 1 a:1\r\n", "MOVED"),
        (b"-\r\n", "ERR"),
        (b"+OK\r\n", ""),
        (b"*1\r\n-ERR within\r\n", ""),
    ],
)
def test_an_errors_code_is_its_first_word(data: bytes, code: str) -> None:
    assert reply(data).error == code


@pytest.mark.parametrize("data", [b"$-1\r\n", b"*-1\r\n", b"_\r\n", b"|1\r\n+a\r\n+b\r\n_\r\n"])
def test_nothing_is_told_from_something_empty(data: bytes) -> None:
    assert reply(data).null
    assert not reply(b"$0\r\n\r\n").null
    assert not reply(b"*0\r\n").null


def test_a_push_is_told_from_an_answer_and_its_words_are_read() -> None:
    push = reply(b">3\r\n$9\r\nsubscribe\r\n+news\r\n:1\r\n")

    assert push.pushed
    assert push.words(3) == (b"subscribe", b"news", b"1")


def test_words_end_at_a_group_and_are_none_for_other_kinds() -> None:
    assert reply(b"*2\r\n+a\r\n*1\r\n+b\r\n").words(3) == (b"a",)
    assert reply(b"+OK\r\n").words(3) == ()


def test_an_error_is_worded_as_a_line() -> None:
    assert reply(error("OOM command not allowed")).error == "OOM"
