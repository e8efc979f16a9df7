"""RESP in any pieces: messages found where they end, bytes untouched, bounds kept."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ripstop.wire.redis.framing import DEPTH_LIMIT, LINE_LIMIT_BYTES, WireError
from ripstop.wire.redis.replies import Replies, Reply
from ripstop.wire.redis.requests import Request, Requests, Rest, encode
from ripstop.wire.redis.words import show, split

MESSAGES_AN_EXAMPLE = 250
EXAMPLES = 200
"""Together 50,000 requests and 50,000 replies, each in chunks cut anywhere."""

blobs = st.binary(max_size=24)
lines = st.binary(max_size=12).map(lambda b: bytes(c for c in b if c not in b"\r\n"))
numbers = st.integers(-(2**63), 2**63 - 1)


def blob(data: bytes) -> bytes:
    return b"$%d\r\n%s\r\n" % (len(data), data)


def group(mark: bytes, items: list[bytes], each: int = 1) -> bytes:
    return mark + b"%d\r\n" % (len(items) // each) + b"".join(items)


leaves = st.one_of(
    lines.map(lambda t: b"+" + t + b"\r\n"),
    lines.map(lambda t: b"-ERR " + t + b"\r\n"),
    numbers.map(lambda n: b":%d\r\n" % n),
    blobs.map(blob),
    blobs.map(lambda b: b"!%d\r\n%s\r\n" % (len(b), b)),
    blobs.map(lambda b: b"=%d\r\ntxt:%s\r\n" % (len(b) + 4, b)),
    st.sampled_from([b"$-1\r\n", b"*-1\r\n", b"_\r\n", b"#t\r\n", b"#f\r\n", b",1.5\r\n", b",inf\r\n"]),
    st.sampled_from([b"*0\r\n", b"%0\r\n", b"~0\r\n", b"(3492890328409238509324850943850943825024385\r\n"]),
    st.lists(blobs.filter(len), max_size=3).map(
        lambda parts: b"$?\r\n" + b"".join(b";%d\r\n%s\r\n" % (len(p), p) for p in parts) + b";0\r\n"
    ),
)


def grouped(inner: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    some = st.lists(inner, max_size=4)
    pairs = st.lists(st.tuples(inner, inner), max_size=2).map(lambda ps: [x for p in ps for x in p])
    return st.one_of(
        st.tuples(st.sampled_from([b"*", b"~", b">"]), some).map(lambda t: group(*t)),
        pairs.map(lambda items: group(b"%", items, 2)),
        some.map(lambda items: b"*?\r\n" + b"".join(items) + b".\r\n"),
        pairs.map(lambda items: b"%?\r\n" + b"".join(items) + b".\r\n"),
        st.tuples(pairs, inner).map(lambda t: group(b"|", t[0], 2) + t[1]),
    )


values = st.recursive(leaves, grouped, max_leaves=6)
commands = st.lists(blobs, min_size=1, max_size=5)


def fed(reader: Any, stream: bytes, cuts: list[int]) -> list[Any]:
    """Everything a reader finds in a stream cut into pieces of these sizes, again and again."""
    found, at, turn = [], 0, 0
    while at < len(stream):
        size = cuts[turn % len(cuts)]
        reader.receive(stream[at : at + size])
        at, turn = at + size, turn + 1
        while (message := reader.next()) is not None:
            found.append(message)
    return found


bounded = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)
cuts = st.lists(st.integers(1, 40), min_size=1, max_size=4)


@bounded
@given(st.lists(commands, min_size=1, max_size=5), cuts)
def test_requests_come_out_as_they_went_in(given_commands: list[list[bytes]], sizes: list[int]) -> None:
    stream = b"".join(encode(*command) for command in given_commands)
    repeat = MESSAGES_AN_EXAMPLE // len(given_commands)

    found = fed(Requests(), stream * repeat, sizes)

    assert b"".join(request.raw for request in found) == stream * repeat
    assert [list(request.args) for request in found] == given_commands * repeat


@bounded
@given(st.lists(values, min_size=1, max_size=5), cuts)
def test_replies_come_out_as_they_went_in(given_values: list[bytes], sizes: list[int]) -> None:
    repeat = MESSAGES_AN_EXAMPLE // len(given_values)

    found = fed(Replies(), b"".join(given_values) * repeat, sizes)

    assert [reply.raw for reply in found] == given_values * repeat


@bounded
@given(st.binary(max_size=200), cuts)
def test_bytes_that_are_no_resp_are_refused_and_never_anything_else(junk: bytes, sizes: list[int]) -> None:
    for reader in (Requests(), Replies()):
        try:
            found = fed(reader, junk, sizes)
        except WireError:
            continue
        assert b"".join(message.raw for message in found) + reader.rest() == junk


@bounded
@given(st.lists(values, min_size=1, max_size=4), cuts, st.data())
def test_a_changed_byte_hangs_and_crashes_nothing(
    given_values: list[bytes], sizes: list[int], data: st.DataObject
) -> None:
    stream = bytearray(b"".join(given_values))
    stream[data.draw(st.integers(0, len(stream) - 1))] = data.draw(st.integers(0, 255))

    try:
        found = fed(Replies(), bytes(stream), sizes)
    except WireError:
        return
    assert bytes(stream).startswith(b"".join(reply.raw for reply in found))


@bounded
@given(st.lists(values, min_size=1, max_size=3), cuts, st.integers(0, 60))
def test_what_is_larger_than_the_limit_comes_in_parts(
    given_values: list[bytes], sizes: list[int], limit_bytes: int
) -> None:
    found = fed(Replies(limit_bytes=limit_bytes), b"".join(given_values), sizes)

    assert b"".join(message.raw for message in found) == b"".join(given_values)
    ends = [m for m in found if (m.whole if isinstance(m, Reply) else m.last)]
    assert len(ends) == len(given_values)


@bounded
@given(commands, st.integers(0, 40), cuts)
def test_a_large_request_tells_its_name_and_comes_in_parts(
    command: list[bytes], limit_bytes: int, sizes: list[int]
) -> None:
    stream = encode("SET", *command)

    found = fed(Requests(limit_bytes=limit_bytes), stream, sizes)

    assert b"".join(message.raw for message in found) == stream
    assert isinstance(found[0], Request)
    assert all(isinstance(message, Rest) for message in found[1:])


@bounded
@given(st.lists(blobs, max_size=4))
def test_words_are_shown_and_split_again(words: list[bytes]) -> None:
    assert split(" ".join(map(show, words))) == tuple(words)


def test_a_huge_string_is_not_gathered_beyond_the_limit() -> None:
    reader = Replies(limit_bytes=100_000)
    reader.receive(b"$50000000\r\n")
    most = 0
    for _ in range(1_000):
        reader.receive(b"x" * 50_000)
        while reader.next() is not None:
            pass
        most = max(most, reader.waiting_bytes)

    assert most <= 100_000


@pytest.mark.parametrize(
    ("junk", "complaint"),
    [
        (b"*1\r\n:1\r\n", "expected '\\$'"),
        (b"*x\r\n", "is no number"),
        (b"*9999999999\r\n", "beyond the limit"),
        (b"*1\r\n$-5\r\n", "beyond the limit"),
        (b"*1\r\n$-1\r\n", "below 0"),
        (b"*1\r\n$600000000\r\n", "beyond the limit"),
        (b"*1\r\n$1\r\nxyz", "not followed by CRLF"),
        (b"x" * (LINE_LIMIT_BYTES + 2), "longer than"),
        (b'GET "x\r\n', "unbalanced quotes"),
    ],
)
def test_a_request_beyond_its_bounds_is_refused_in_words(junk: bytes, complaint: str) -> None:
    with pytest.raises(WireError, match=complaint):
        fed(Requests(), junk, [7])


@pytest.mark.parametrize(
    ("junk", "complaint"),
    [
        (b"?\r\n", "no reply begins"),
        (b"\r\n", "no reply begins"),
        (b".\r\n", "no reply begins"),
        (b"*1\r\n" * (DEPTH_LIMIT + 1), "within one another"),
        (b"$?\r\n+x\r\n", "expected a chunk"),
        (b"$3\r\nabcde", "not followed by CRLF"),
        (b"%99999999999\r\n", "no number"),
    ],
)
def test_a_reply_beyond_its_bounds_is_refused_in_words(junk: bytes, complaint: str) -> None:
    with pytest.raises(WireError, match=complaint):
        fed(Replies(), junk, [3])


def test_inline_commands_are_requests_and_empty_lines_pass() -> None:
    stream = b"PING\r\n\r\nSET a \"b c\\x00\"\nGET 'it\\'s'\r\n*0\r\n*-1\r\n"

    found = fed(Requests(), stream, [5])

    assert [r.args for r in found if r.args] == [(b"PING",), (b"SET", b"a", b"b c\0"), (b"GET", b"it's")]
    assert b"".join(r.raw for r in found) == stream
