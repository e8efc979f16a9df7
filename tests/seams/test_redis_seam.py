"""The Redis seam on the wire: what it reports, and what odd, broken and half-open connections do to it."""

from __future__ import annotations

import socket
import struct
from contextlib import AbstractContextManager

import pytest

from ripstop.model.address import RedisAddress
from ripstop.model.trace import Kind
from ripstop.service.ports import free_port
from ripstop.wire.redis.requests import encode

from .redis_genuine import answering
from .redis_harness import Proxied, proxied, read, read_all
from .redis_servers import cache, frail, redis_server

__all__ = ["cache", "frail", "redis_server"]


def test_inline_commands_and_empty_lines_are_answered(cache: Proxied) -> None:
    with cache.dial(b"SET a 1\r\n\r\nGET a\n*0\r\n") as plain:
        assert read(plain, 12) == b"+OK\r\n$1\r\n1\r\n"

    assert cache.trace() == [("SET a", "ok"), ("GET a", "ok")]


def test_a_request_in_single_bytes_is_one_crossing(cache: Proxied) -> None:
    with cache.dial() as plain:
        for byte in encode("SET", "a", "1"):
            plain.sendall(bytes([byte]))
        assert read(plain, 5) == b"+OK\r\n"

    assert cache.trace() == [("SET a", "ok")]


def test_half_a_request_is_busy_and_its_end_without_the_rest_leaves_nothing(cache: Proxied) -> None:
    with cache.dial(b"*3\r\n$3\r\nSET\r\n$1\r\na"):
        cache.until(lambda: cache.seam.busy() == ("cache: connection 1: a request is arriving",))
    cache.until(lambda: not cache.seam.busy())

    assert cache.trace() == []


def test_a_client_that_sends_no_more_still_gets_its_answers(cache: Proxied) -> None:
    with cache.dial(encode("SET", "a", "1") * 50) as plain:
        plain.shutdown(socket.SHUT_WR)

        assert read_all(plain) == b"+OK\r\n" * 50


def test_a_client_that_sends_no_more_in_the_middle_of_a_large_request_is_ended(frail: Proxied) -> None:
    with frail.dial(encode("SET", "large", "x" * 500_000)[:300_000]) as plain:
        frail.until(lambda: frail.seam.busy())
        plain.shutdown(socket.SHUT_WR)

        assert read_all(plain) == b""
    assert frail.trace() == [("SET large", "cut")]


def test_a_blocked_client_that_sends_no_more_is_freed_as_a_server_frees_it(cache: Proxied) -> None:
    with cache.dial(encode("BLPOP", "jobs", "0") + encode("SET", "a", "1")) as plain:
        cache.until(lambda: cache.seam.busy())
        plain.shutdown(socket.SHUT_WR)
        assert read_all(plain) == b""

    cache.direct.rpush("jobs", "mail")
    assert cache.direct.lrange("jobs", 0, -1) == ["mail"]


def test_a_client_that_resets_in_the_middle_is_forgotten(cache: Proxied) -> None:
    plain = cache.dial(encode("SET", "a", "1") + b"*3\r\n$3\r\nSE")
    read(plain, 5)
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    plain.close()

    cache.until(lambda: not cache.seam._around.relays)
    assert cache.direct.get("a") == "1"


def test_an_open_transaction_is_busy_and_its_writes_are_told(cache: Proxied) -> None:
    with cache.dial(b"MULTI\r\nSET a 1\r\n") as plain:
        read(plain, 14)
        cache.until(lambda: cache.seam.busy() == ("cache: connection 1 is in a transaction",))
        cache.client().get("b")
        held = [c.open_writes for c in cache.call(lambda: cache.board.trace) if c.id.operation == "GET b"]
        assert held == [("SET a",)]

    cache.until(lambda: not cache.seam.busy())
    cache.client().get("c")
    assert cache.call(lambda: cache.board.trace)[-1].open_writes == ()


def test_a_connection_with_an_open_transaction_is_not_idle(cache: Proxied) -> None:
    with cache.dial(b"MULTI\r\n") as plain:
        read(plain, 5)

        assert cache.call(cache.seam.idle_sessions) == 0


@pytest.mark.parametrize("junk", [b"*1\r\n:1\r\n", b"*x\r\n", b'GET "a\r\n'])
def test_what_is_no_redis_is_answered_by_the_server_itself(frail: Proxied, junk: bytes) -> None:
    with frail.dial(encode("SET", "a", "1") + junk) as plain:
        assert read_all(plain).startswith(b"+OK\r\n-ERR Protocol error")

    assert "no longer tracked" in frail.seam.notes[0]
    assert frail.trace() == [("SET a", "ok")]


def test_more_requests_than_are_tracked_pass_all_the_same(
    frail: Proxied, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ripstop.seams.redis_session._OWED_LIMIT", 100)
    many = 20_000
    with frail.dial() as plain:
        plain.sendall(b"PING\r\n" * many)

        assert len(read(plain, 7 * many)) == 7 * many
    assert "more than 100 requests" in frail.seam.notes[0]


def test_a_reader_that_is_slow_is_waited_for_within_bounds(frail: Proxied) -> None:
    frail.direct.set("large", "x" * 2_000_000)
    with frail.dial(encode("GET", "large") * 20) as plain:
        frail.until(lambda: frail.board.quiet_ms() > 100)
        (relay,) = frail.call(lambda: list(frail.seam._around.relays.values()))
        assert relay.client._transport.get_write_buffer_size() < 3_000_000
        assert relay.back.waiting_bytes <= 65_536

        assert len(read(plain, 20 * (2_000_000 + 12))) == 20 * (2_000_000 + 12)


def test_a_server_that_cannot_be_reached_turns_clients_away() -> None:
    with proxied_nothing() as one:
        with pytest.raises(ConnectionResetError), one.dial() as plain:
            read_all(plain)
        one.until(lambda: not one.board.under_way)
        assert "cannot be reached" in one.seam.notes[0]
        found = one.call(lambda: one.board.trace)
        assert [(c.kind, c.outcome) for c in found] == [(Kind.CONNECT, "cut")]


def test_stopping_resets_every_connection_and_frees_the_port(redis_server: object) -> None:
    address = redis_server.address  # type: ignore[attr-defined]
    with proxied(address) as one:
        plain = one.dial(encode("PING"))
        read(plain, 7)
        port = one.seam.port
        one.run(one.seam.stop())

        with pytest.raises(ConnectionResetError):
            read_all(plain)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port))


def test_the_service_is_given_the_proxys_address(cache: Proxied) -> None:
    assert cache.seam.address == RedisAddress("127.0.0.1", cache.seam.port)
    assert cache.seam.address.url == f"redis://127.0.0.1:{cache.seam.port}/0"


def test_a_monitored_connection_is_a_stream_and_stays_one() -> None:
    stream = b'+OK\r\n+1.5 [0 127.0.0.1:1] "GET" "a"\r\n'
    with answering({"MONITOR": stream}) as port, scripted(port) as one, one.dial(b"MONITOR\r\n") as plain:
        assert read(plain, len(stream)) == stream
        plain.sendall(b"PING\r\n")
        assert read(plain, 5) == b"+OK\r\n"

        assert one.trace() == [("MONITOR", "ok")]


RARE = (
    b"|1\r\n+ttl\r\n:5\r\n$1\r\nv\r\n",
    b"$?\r\n;3\r\nabc\r\n;0\r\n",
    b"*?\r\n:1\r\n.\r\n",
    b">2\r\n+invalidate\r\n*1\r\n+a\r\n$1\r\nv\r\n",
    b"%1\r\n+a\r\n~2\r\n#t\r\n,1.5\r\n",
)


@pytest.mark.parametrize("reply", RARE)
def test_rare_replies_pass_as_they_are_and_settle_one_request(reply: bytes) -> None:
    with answering({"GET": reply}) as port, scripted(port) as one:
        with one.dial(b"GET a\r\nSET a 1\r\n") as plain:
            assert read(plain, len(reply) + 5) == reply + b"+OK\r\n"

        assert one.trace() == [("GET a", "ok"), ("SET a", "ok")]


def test_a_server_that_talks_nonsense_is_passed_on_untracked() -> None:
    with answering({"GET": b"?what\r\n"}) as port, scripted(port) as one:
        with one.dial(b"GET a\r\n") as plain:
            assert read(plain, 7) == b"?what\r\n"
            plain.sendall(b"SET a 1\r\n")
            assert read(plain, 5) == b"+OK\r\n"

        assert "no longer tracked" in one.seam.notes[0]


def scripted(port: int) -> AbstractContextManager[Proxied]:
    """A seam in front of a server that answers what a test wants."""
    return proxied(RedisAddress("127.0.0.1", port), empty=False)


class proxied_nothing:  # noqa: N801
    """A seam in front of a port where nobody listens."""

    def __enter__(self) -> Proxied:
        self.one = Proxied(RedisAddress("127.0.0.1", free_port()))
        self.one.run(self.one.seam.start())
        return self.one

    def __exit__(self, *_: object) -> None:
        self.one.close()
