"""Tests for the server's side of HTTP/1.1 as a conversation of bytes and messages."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ripstop.model.http import Reply, Request
from ripstop.wire.http import Ended, Framed, Incoming, Refused, ServerConversation, refuse

SIMPLE = b"GET /a?b=1 HTTP/1.1\r\nHost: x\r\nX-Two: 1\r\nX-Two: 2\r\n\r\n"
SIZED = b"POST /v1/charges HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = (
    b"POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"3\r\nhel\r\n2;ext=1\r\nlo\r\n0\r\nTrailer: t\r\n\r\n"
)


def heard(data: bytes, *, limit_bytes: int = 1_000_000, piece: int | None = None) -> list[Incoming]:
    """Everything that arrives when each request is answered with an empty 200."""
    conversation = ServerConversation(limit_bytes=limit_bytes)
    events: list[Incoming] = []
    step = piece or max(1, len(data))
    for start in range(0, len(data), step):
        conversation.receive(data[start : start + step])
        while event := conversation.next_event():
            if isinstance(event, Ended):
                return events
            events.append(event)
            if isinstance(event, Refused):
                return events
            conversation.answer(Reply())
    return events


def answered(request: bytes, reply: Reply) -> tuple[str, list[str], Framed]:
    """The status line, the header lines and the whole frame of a reply."""
    conversation = ServerConversation()
    conversation.receive(request)
    assert isinstance(conversation.next_event(), Request)
    framed = conversation.answer(reply)
    status, *fields = framed.head.decode().rstrip("\r\n").split("\r\n")
    return status, fields, framed


def test_a_request_is_read_whole_with_its_headers_as_they_were_sent() -> None:
    (request,) = heard(SIMPLE)
    assert request == Request("GET", "/a?b=1", (("Host", "x"), ("X-Two", "1"), ("X-Two", "2")))


@pytest.mark.parametrize("raw", [SIZED, CHUNKED])
def test_a_body_is_read_without_its_framing(raw: bytes) -> None:
    (request,) = heard(raw)
    assert isinstance(request, Request)
    assert request.body == b"hello"


def test_nothing_arrives_before_the_body_is_whole() -> None:
    conversation = ServerConversation()
    conversation.receive(SIZED[:-1])
    assert conversation.next_event() is None
    assert conversation.partial
    conversation.receive(SIZED[-1:])
    assert isinstance(conversation.next_event(), Request)
    assert not conversation.partial


def test_pipelined_requests_wait_for_the_answer_before_them() -> None:
    conversation = ServerConversation()
    conversation.receive(SIMPLE + SIZED)
    assert isinstance(conversation.next_event(), Request)
    assert conversation.next_event() is None
    assert conversation.answer(Reply()).close is False
    second = conversation.next_event()
    assert isinstance(second, Request)
    assert second.body == b"hello"


def test_requests_ahead_of_an_answer_are_bounded() -> None:
    conversation = ServerConversation()
    conversation.receive(SIMPLE)
    conversation.next_event()
    assert not conversation.overfull
    conversation.receive(b"x" * 2_000_000)
    assert conversation.overfull


def test_requests_still_waiting_after_an_answer_stay_counted() -> None:
    conversation = ServerConversation()
    conversation.receive(SIMPLE * 3_000)
    conversation.next_event()
    conversation.answer(Reply())
    assert not conversation.overfull
    conversation.next_event()
    assert conversation.overfull


def test_nothing_more_is_told_while_an_answer_is_due() -> None:
    conversation = ServerConversation()
    conversation.receive(SIMPLE.replace(b"HTTP/1.1", b"HTTP/1.0") * 2)
    assert isinstance(conversation.next_event(), Request)
    assert conversation.next_event() is None


def test_what_is_no_request_is_refused_with_a_body_after_a_head_request_too() -> None:
    conversation = ServerConversation()
    conversation.receive(SIMPLE.replace(b"GET", b"HEAD") + b"nonsense\r\n\r\n")
    conversation.next_event()
    conversation.answer(Reply())
    refused = conversation.next_event()
    assert isinstance(refused, Refused)
    assert refuse(conversation, refused).body == refused.reply.body


def test_a_client_that_waits_for_100_continue_is_told_to_go_on_once() -> None:
    conversation = ServerConversation()
    conversation.receive(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
    assert conversation.next_event() is None
    assert conversation.interim().startswith(b"HTTP/1.1 100 ")
    assert conversation.interim() == b""
    conversation.receive(b"ok")
    request = conversation.next_event()
    assert isinstance(request, Request)
    assert request.body == b"ok"


def test_an_absolute_target_is_read_as_path_and_query() -> None:
    (request,) = heard(b"GET http://api.example/v1?x=http://y HTTP/1.1\r\nHost: api.example\r\n\r\n")
    assert isinstance(request, Request)
    assert request.target == "/v1?x=http://y"


def test_a_reply_is_framed_by_its_length_whatever_its_own_headers_say() -> None:
    lying = Reply(201, b"abc", (("Content-Length", "99"), ("Transfer-Encoding", "chunked"), ("X-Id", "7")))
    status, fields, framed = answered(SIMPLE, lying)
    assert status == "HTTP/1.1 201 Created"
    assert sorted(fields) == ["Content-Length: 3", "X-Id: 7"]
    assert (framed.body, framed.close) == (b"abc", False)


def test_a_head_request_is_told_the_length_and_sent_no_body() -> None:
    _, fields, framed = answered(SIMPLE.replace(b"GET", b"HEAD"), Reply(200, b"abc"))
    assert (fields, framed.body) == (["Content-Length: 3"], b"")


@pytest.mark.parametrize("status", [204, 304])
def test_a_status_without_body_is_sent_none(status: int) -> None:
    _, _, framed = answered(SIMPLE, Reply(status, b"abc"))
    assert framed.body == b""


@pytest.mark.parametrize(
    ("request_", "reply"),
    [
        (SIMPLE.replace(b"HTTP/1.1", b"HTTP/1.0"), Reply()),
        (SIMPLE.replace(b"X-Two: 1", b"Connection: close"), Reply()),
        (SIMPLE, Reply(headers=(("Connection", "close"),))),
    ],
)
def test_the_connection_ends_where_either_side_asks_for_it(request_: bytes, reply: Reply) -> None:
    _, fields, framed = answered(request_, reply)
    assert framed.close
    assert "connection: close" in [field.lower() for field in fields]


def test_a_status_without_a_name_of_its_own_is_sent_without_one() -> None:
    assert answered(SIMPLE, Reply(599))[0].strip() == "HTTP/1.1 599"


@pytest.mark.parametrize(
    "reply",
    [
        Reply(100),
        Reply(1_000),
        Reply(headers=(("X-Bad", "a\r\nb: c"),)),
        Reply(headers=(("X Bad", "a"),)),
        Reply(headers=(("X-Bad", "\u20ac"),)),
    ],
)
def test_a_reply_http_cannot_carry_is_refused_and_another_can_still_be_sent(reply: Reply) -> None:
    conversation = ServerConversation()
    conversation.receive(SIMPLE)
    conversation.next_event()
    with pytest.raises(ValueError):
        conversation.answer(reply)
    assert conversation.answer(Reply(500)).head.startswith(b"HTTP/1.1 500 ")


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\nBad Header\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (b"GET / HTTP/1.1\r\nX: " + b"y" * 70_000, 431),
        (SIMPLE.replace(b"HTTP/1.1", b"HTTP/2.0"), 505),
        (SIMPLE.replace(b"HTTP/1.1", b"HTTP/0.9"), 505),
        (b"CONNECT api.example:443 HTTP/1.1\r\nHost: api.example\r\n\r\n", 501),
    ],
)
def test_what_is_no_request_is_refused_and_closes(raw: bytes, status: int) -> None:
    conversation = ServerConversation()
    conversation.receive(raw)
    refused = conversation.next_event()
    assert isinstance(refused, Refused)
    framed = refuse(conversation, refused)
    assert framed.head.startswith(b"HTTP/1.1 %d " % status)
    assert framed.close
    assert conversation.next_event() == Ended()


@pytest.mark.parametrize("raw", [SIZED.replace(b"5\r\n", b"50\r\n"), CHUNKED])
def test_a_body_over_the_limit_is_refused_with_413(raw: bytes) -> None:
    refused = heard(raw, limit_bytes=4)[-1]
    assert isinstance(refused, Refused)
    assert refused.reply.status == 413
    assert "4 bytes" in refused.reason


def test_a_declared_length_over_the_limit_is_refused_before_the_body_is_asked_for() -> None:
    conversation = ServerConversation(limit_bytes=10)
    conversation.receive(b"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\nExpect: 100-continue\r\n\r\n")
    assert isinstance(conversation.next_event(), Refused)
    assert conversation.interim() == b""


def test_a_stream_that_ends_between_requests_ends_the_conversation() -> None:
    conversation = ServerConversation()
    conversation.receive(b"")
    assert conversation.next_event() == Ended()


def test_a_stream_that_ends_inside_a_request_is_refused() -> None:
    conversation = ServerConversation()
    conversation.receive(SIZED[:-1])
    conversation.receive(b"")
    assert isinstance(conversation.next_event(), Refused)


def test_an_answer_can_be_given_after_the_peer_has_finished_sending() -> None:
    conversation = ServerConversation()
    conversation.receive(SIZED)
    conversation.receive(b"")
    assert isinstance(conversation.next_event(), Request)
    assert conversation.answer(Reply(200, b"ok")).body == b"ok"
    assert conversation.next_event() == Ended()


@given(st.lists(st.sampled_from([SIMPLE, SIZED, CHUNKED]), min_size=1, max_size=4), st.integers(1, 40))
def test_how_bytes_are_cut_into_pieces_changes_nothing(requests: list[bytes], piece: int) -> None:
    stream = b"".join(requests)
    assert heard(stream, piece=piece) == heard(stream)
    assert len(heard(stream)) == len(requests)


@settings(max_examples=300)
@given(
    st.one_of(
        st.binary(max_size=200),
        st.lists(
            st.sampled_from([SIMPLE, SIZED[:-2], CHUNKED[:-5], b"\r\n", b"GET ", b"\x00"]), max_size=5
        ).map(b"".join),
        st.tuples(st.integers(0, len(CHUNKED)), st.binary(min_size=1, max_size=5)).map(
            lambda cut: CHUNKED[: cut[0]] + cut[1] + CHUNKED[cut[0] :]
        ),
    ),
    st.integers(1, 60),
)
def test_garbage_is_refused_or_waited_for_and_never_a_crash(data: bytes, piece: int) -> None:
    for event in heard(data, piece=piece, limit_bytes=100):
        assert isinstance(event, Request | Refused)


@pytest.mark.parametrize(("told", "length"), [("5", b"5"), ("many", b"0"), ("-1", b"0")])
def test_the_answer_to_a_head_may_tell_the_length_of_what_a_get_would_get(told: str, length: bytes) -> None:
    conversation = ServerConversation()
    conversation.receive(b"HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n")
    conversation.next_event()
    framed = conversation.answer(Reply(200, b"", (("content-length", told),)))
    assert b"Content-Length: " + length + b"\r\n" in framed.head
    assert framed.body == b""
