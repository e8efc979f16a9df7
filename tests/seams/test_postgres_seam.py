from __future__ import annotations

import contextlib
import random
import socket
import struct
from collections.abc import Callable

import psycopg
import pytest

from ripstop.model.address import PostgresAddress
from ripstop.model.fault import Blackhole, CutClient, CutIdle, Hold, Refuse
from ripstop.wire.postgres.messages import message, query

from .postgres_harness import Made, Proxied, proxied
from .postgres_raw import Raw


def ending(raw: Raw) -> list[tuple[str, bytes]]:
    """What an idle session still hears, and that it is then over."""
    found = [raw.one()]
    with pytest.raises(EOFError):
        raw.one()
    return found


def without_line(found: list[tuple[str, bytes]]) -> list[tuple[str, list[bytes]]]:
    return [(tag, [f for f in body.split(b"\0") if f[:1] != b"L"]) for tag, body in found]


def test_idle_sessions_end_with_the_words_of_a_server_that_restarts(proxy: Proxied) -> None:
    genuine, ours = Raw(proxy.upstream), Raw(proxy.address)
    proxy.direct(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend'"
        f" AND pid = {pid_of(genuine)}"
    )
    proxy.run(proxy.seam.at_step((CutIdle(),)))

    assert without_line(ending(ours)) == without_line(ending(genuine))
    assert proxy.call(proxy.seam.idle_sessions) == 0
    proxy.settle()


def pid_of(raw: Raw) -> int:
    return int.from_bytes(next(body for tag, body in raw.greeting if tag == "K")[:4], "big")


def test_idle_sessions_are_ended_by_the_server_where_it_can_be_told(database: PostgresAddress) -> None:
    def terminate(pids: tuple[int, ...]) -> None:
        told.extend(pids)
        proxy.direct(f"SELECT pg_terminate_backend(pid) FROM unnest(array{list(pids)}::int[]) pid")

    told: list[int] = []
    with proxied(database, terminate=terminate) as proxy:
        raw = Raw(proxy.address)
        proxy.run(proxy.seam.at_step((CutIdle(),)))
        assert ending(raw)[0][0] == "E"
        assert told == [pid_of(raw)]


def test_a_session_in_a_transaction_is_not_idle(proxy: Proxied) -> None:
    with psycopg.connect(proxy.url) as connection:
        connection.execute("SELECT 1")
        proxy.run(proxy.seam.at_step((CutIdle(),)))
        assert connection.execute("SELECT 2").fetchone() == (2,)


def test_a_refused_port_is_open_again_after_healing(proxy: Proxied) -> None:
    proxy.run(proxy.seam.at_step((Refuse(),)))
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", proxy.seam.port), timeout=5)
    proxy.run(proxy.seam.heal())

    assert Raw(proxy.address).greeting[-1] == ("Z", b"I")


def test_a_port_that_vanished_answers_again_after_healing(proxy: Proxied) -> None:
    proxy.run(proxy.seam.at_step((Blackhole(),)))
    with pytest.raises(TimeoutError):
        socket.create_connection(("127.0.0.1", proxy.seam.port), timeout=0.2)
    proxy.run(proxy.seam.heal())

    assert Raw(proxy.address).greeting[-1] == ("Z", b"I")


def test_a_server_that_is_gone_resets_those_who_connect(database: PostgresAddress) -> None:
    nobody = PostgresAddress("127.0.0.1", 1, database.user, database.database)
    with proxied(nobody) as proxy:
        with pytest.raises(ConnectionResetError):
            Raw(proxy.address)
        crossing = proxy.call(lambda: proxy.board.trace)[0]
        assert (crossing.id.operation, crossing.outcome) == ("CONNECT", "refused")


def test_what_is_open_is_told(proxy: Proxied) -> None:
    proxy.direct("CREATE TABLE t (id int)")
    with psycopg.connect(proxy.url) as connection:
        connection.execute("INSERT INTO t VALUES (1)")
        (info,) = proxy.call(lambda: proxy.seam.sessions)
        assert (info.pid, info.status) == (connection.info.backend_pid, "T")
        assert proxy.call(proxy.seam.busy) == (f"db: session 1 (backend {info.pid}) is in a transaction",)


def test_healing_leaves_sessions_alone_that_no_fault_is_at_work_on(proxy: Proxied) -> None:
    with psycopg.connect(proxy.url) as connection:
        connection.execute("SELECT 1")
        proxy.run(proxy.seam.heal())
        assert connection.execute("SELECT 2").fetchone() == (2,)


def test_stopping_resets_a_session_that_is_held(database: PostgresAddress) -> None:
    with proxied(database) as proxy:
        raw = Raw(proxy.address)
        proxy.arm("SELECT 1", Made((Hold(),)))
        raw.send(query("SELECT 1"))
        proxy.wait(lambda: proxy.fired)
    with pytest.raises(ConnectionResetError):
        raw.one()


@pytest.mark.parametrize("garbage", [b"GET / HTTP/1.1\r\n\r\n", b"\0\0\0\x08\0\1\0\0", b"\0\0\0\0" * 4])
def test_a_connection_that_begins_with_garbage_is_closed(proxy: Proxied, garbage: bytes) -> None:
    with socket.create_connection(("127.0.0.1", proxy.seam.port), timeout=5) as stranger:
        stranger.sendall(garbage)
        assert stranger.recv(100) == b""


def test_stopping_leaves_no_end_with_bytes_that_nobody_takes(database: PostgresAddress) -> None:
    with proxied(database) as proxy:
        raw = Raw(proxy.address)
        proxy.call(lambda: patient(proxy))
        raw.send(query("SELECT pg_sleep(60)"), query("-- " + "x" * 5_000_000))
        raw.close()
        proxy.wait(lambda: not proxy.call(lambda: proxy.seam.sessions))
        assert len(proxy.call(lambda: proxy.seam._around.ending)) == 1
        proxy.run(proxy.seam.stop())
        proxy.wait(lambda: not proxy.call(lambda: proxy.seam._around.ending))
        proxy.settle()


def patient(proxy: Proxied) -> None:
    """Let the way to the server take anything, so that the client's end is seen at once."""
    (relay,) = proxy.seam._around.relays.values()
    assert relay.server
    assert relay.server._transport
    relay.server._transport.set_write_buffer_limits(high=100_000_000)


@pytest.mark.parametrize("code", [80877103, 80877104])
def test_who_asks_for_encryption_again_is_closed(proxy: Proxied, code: int) -> None:
    with socket.create_connection(("127.0.0.1", proxy.seam.port), timeout=10) as client:
        client.sendall(struct.pack(">II", 8, code) * 2)
        assert client.recv(2) == b"N"
        assert client.recv(1) == b""


def test_what_follows_a_cancel_request_is_not_heard(proxy: Proxied) -> None:
    startup = struct.pack(">II", 23, 196608) + b"user\0postgres\0\0"
    with socket.create_connection(("127.0.0.1", proxy.seam.port), timeout=10) as client:
        client.sendall(struct.pack(">IIII", 16, 80877102, 1, 2))
        client.sendall(startup * 2)
        with contextlib.suppress(ConnectionResetError):
            assert client.recv(1) == b""
    assert not [c for c in proxy.call(lambda: proxy.board.trace) if c.id.operation == "CONNECT"]


def test_garbage_within_a_session_goes_to_the_server_untracked(database: PostgresAddress) -> None:
    with proxied(database) as proxy:
        raw = Raw(proxy.address)
        raw.send(message(b"!", b"what"))
        assert [tag for tag, _ in ending(raw)] == ["E"]
        assert "no longer tracked" in proxy.call(lambda: proxy.seam.notes)[0]


@pytest.mark.parametrize(
    ("fault", "sql", "note"),
    [
        (lambda: Made((CutClient(),)), "SELECT '{x}'", "too large to be broken"),
        (lambda: Made(at_reply=(CutClient(),)), "SELECT repeat('x', 300000)", "too large to be kept"),
    ],
)
def test_what_is_beyond_the_limit_passes_with_a_note(
    database: PostgresAddress, fault: Callable[[], Made], sql: str, note: str
) -> None:
    with proxied(database, limit_bytes=100_000) as proxy:
        with psycopg.connect(proxy.url, autocommit=True) as connection:
            statement = sql.replace("{x}", "x" * 300_000)
            operation = "SELECT repeat" if "repeat" in sql else "SELECT 1"
            proxy.arm(operation, fault())
            row = connection.execute(statement).fetchone()
            assert row is not None
            assert len(row[0]) == 300_000
        assert note in proxy.call(lambda: proxy.seam.notes)[0]
        assert not proxy.fired


def test_a_statement_of_which_a_part_went_on_before_the_fault_was_armed_passes_whole(proxy: Proxied) -> None:
    raw, sent = Raw(proxy.address), query("SELECT 'one'")
    raw.send(sent[:9])
    proxy.wait(
        lambda: proxy.call(lambda: any(r.front.waiting_bytes for r in proxy.seam._around.relays.values()))
    )
    proxy.arm("SELECT 1", Made((CutClient(),)))
    raw.send(sent[9:])

    assert [tag for tag, _ in raw.until("Z")] == ["T", "D", "C", "Z"]
    assert not proxy.fired


def test_bytes_pass_once_however_they_are_cut_up(proxy: Proxied) -> None:
    raw, chance = Raw(proxy.address), random.Random(7)
    sent = query("SELECT repeat('x', 100000)") + query("SELECT 1/0") + query(f"SELECT '{'y' * 50_000}'")
    while sent:
        size = chance.choice((1, 3, 17, 4_000, 30_000))
        raw.send(sent[:size])
        sent = sent[size:]
    answers = [raw.until("Z") for _ in range(3)]

    assert [len(b"".join(body for _, body in one)) > 40_000 for one in answers] == [True, False, True]
    assert ["".join(tag for tag, _ in one) for one in answers] == ["TDCZ", "EZ", "TDCZ"]
    assert [operation for operation, _ in proxy.trace][-3:] == ["SELECT repeat", "SELECT 1", "SELECT 1"]


def test_a_replication_session_passes_untracked(proxy: Proxied) -> None:
    raw = Raw(proxy.address, replication="database")
    raw.send(query("IDENTIFY_SYSTEM"))

    assert [tag for tag, _ in raw.until("Z")] == ["T", "D", "C", "Z"]
