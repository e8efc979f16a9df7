from __future__ import annotations

import contextlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ripstop.wire.postgres import messages as wire
from ripstop.wire.postgres.backend import Backend
from ripstop.wire.postgres.errors import error_response, read_fields
from ripstop.wire.postgres.messages import HEADER, ROWS, WireError, message, past_rows
from ripstop.wire.postgres.private import ask_simply, keep_replies
from ripstop.wire.postgres.session import Session

ERROR = error_response({"S": "ERROR", "V": "ERROR", "C": "22012", "M": "division by zero"})
DONE = message(b"C", b"SELECT 1\0")


def row(size: int) -> bytes:
    return message(b"D", struct.pack(">hi", 1, size) + b"x" * size)


rows = st.lists(st.one_of(st.just(3), st.integers(0, 300), st.integers(60_000, 140_000)), max_size=6)
replies = st.builds(
    lambda sizes, end: b"".join(map(row, sizes)) + end + wire.ready("I"), rows, st.sampled_from([DONE, ERROR])
)


def relayed(chunks: list[bytes], answers: int, *, careful: bool) -> tuple[bytes, list[str]]:
    session = Session()
    for _ in range(answers):
        session.ask("SELECT 1", simple=True)
    back = Backend(session)
    back.careful = careful
    out = b"".join(back.relay(chunk) for chunk in chunks) + back.rest()
    return out, [asked.outcome for asked in session.take_answered()]


def cut(data: bytes, sizes: list[int]) -> list[bytes]:
    chunks, at = [], 0
    for size in sizes:
        chunks.append(data[at : at + size])
        at += size
    return [*chunks, data[at:]]


@given(st.lists(replies, max_size=5), st.lists(st.integers(1, 70_000), max_size=30), st.booleans())
def test_any_chunking_settles_the_same_and_changes_no_byte(
    stream: list[bytes], sizes: list[int], careful: bool
) -> None:
    data = b"".join(stream)
    wanted = ["error:22012" if ERROR in reply else "ok" for reply in stream]

    assert relayed(cut(data, sizes), len(stream), careful=careful) == (data, wanted)


@given(st.lists(st.binary(max_size=80), max_size=20), st.booleans())
def test_garbage_raises_nothing_but_the_codecs_own_error(chunks: list[bytes], careful: bool) -> None:
    session = Session()
    session.ask("SELECT 1", simple=True)
    back = Backend(session)
    back.careful = careful
    with contextlib.suppress(WireError):
        for chunk in chunks:
            back.relay(chunk)


@given(st.lists(st.one_of(st.just(7), st.integers(0, 20)), max_size=400), st.binary(max_size=12))
def test_rows_are_passed_as_if_they_were_read_one_by_one(sizes: list[int], tail: bytes) -> None:
    data = b"".join(map(row, sizes)) + tail
    position = 0
    while len(data) - position >= HEADER and data[position] in ROWS:
        end = position + 1 + int.from_bytes(data[position + 1 : position + 5], "big")
        if end > len(data) or end < position + HEADER:
            break
        position = end

    assert past_rows(data, 0) == position


@given(st.lists(st.integers(1, 40), max_size=30))
def test_a_reply_of_ours_is_hidden_whatever_the_chunks(sizes: list[int]) -> None:
    session = Session()
    back = Backend(session)
    back.careful = True
    mine, _ = ask_simply(session, "SELECT 1")
    session.ask("SELECT 2", simple=True)
    hidden, shown = row(5) + DONE + wire.ready("I"), row(9) + DONE + wire.ready("T")
    notified = message(b"A", b"\0\0\0\1news\0\0")
    out = b"".join(back.relay(chunk) for chunk in cut(notified + hidden + shown, sizes))

    assert (out, mine.outcome) == (notified + shown, "ok")


@given(st.lists(st.integers(1, 40), max_size=30))
def test_the_error_of_a_reply_of_ours_is_told_in_other_words(sizes: list[int]) -> None:
    session = Session()
    back = Backend(session)
    back.careful = True
    mine, _ = ask_simply(session, "DO ...", changes={"M": "no luck", "W": None, "D": "why"})
    out = b"".join(back.relay(chunk) for chunk in cut(ERROR + wire.ready("E"), sizes))

    fields = {"S": "ERROR", "V": "ERROR", "C": "22012", "M": "no luck", "D": "why"}
    assert read_fields(out[HEADER:]) == fields
    assert (mine.outcome, session.status) == ("error:22012", "E")


@given(st.lists(st.integers(1, 40), max_size=30))
def test_a_kept_reply_is_released_whole(sizes: list[int]) -> None:
    session = Session()
    back = Backend(session)
    back.careful = True
    session.ask("SELECT 1", simple=True)
    session.ask("SELECT 2", simple=True)
    keep_replies(session)
    first, second = row(3) + DONE + wire.ready("I"), row(4) + DONE + wire.ready("I")
    out = b"".join(back.relay(chunk) for chunk in cut(first + second, sizes))

    assert (out, back.release()) == (first, second)


def test_keeping_is_bounded() -> None:
    session = Session()
    back = Backend(session, limit_bytes=1_000)
    back.careful = True
    session.ask("SELECT 1", simple=True)
    keep_replies(session)
    data = row(300) * 5 + DONE + wire.ready("I")
    out = b"".join(back.relay(data[at : at + 100]) for at in range(0, len(data), 100))

    assert (out, back.overflowed) == (data, True)


@pytest.mark.parametrize("bad", [b"Z\0\0\0\5?", b"Z\0\0\0\4", b"D\0\0\0\0", b"K\0\0\0\4", b"!\0\0\0\4"])
def test_what_is_out_of_place_is_handed_back_untouched(bad: bytes) -> None:
    session = Session()
    session.ask("SELECT 1", simple=True)
    back = Backend(session)
    with pytest.raises(WireError):
        back.relay(bad)

    assert back.rest() == bad
