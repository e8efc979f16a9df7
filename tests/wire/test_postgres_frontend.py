from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ripstop.wire.postgres import messages as wire
from ripstop.wire.postgres.frontend import PREFIX_BYTES, Frontend, Stop
from ripstop.wire.postgres.messages import WireError
from ripstop.wire.postgres.session import Asked, Session

names = st.sampled_from(["", "s1", "s2"])
statements = st.sampled_from(["BEGIN", "SELECT 1", "INSERT INTO t VALUES ($1)", "COMMIT", ""])
sent = st.one_of(
    st.builds(wire.query, statements),
    st.builds(wire.parse, names, statements),
    st.builds(wire.bind, names, names),
    st.builds(wire.execute, names),
    st.builds(wire.close_statement, names),
    st.builds(wire.close_portal, names),
    st.builds(lambda size: wire.message(b"d", bytes(size)), st.integers(0, 200_000)),
    st.sampled_from([wire.SYNC, wire.FLUSH, wire.message(b"c", b""), wire.message(b"p", b"secret\0")]),
)


def read(chunks: list[bytes]) -> tuple[list[tuple[str, bool, bool]], bytes]:
    """What was asked, and the bytes handed out."""
    front = Frontend(Session())
    asked, out = [], b""
    for chunk in chunks:
        front.receive(chunk)
        while (found := front.advance()) is not None:
            assert isinstance(found, Asked)
            asked.append((found.sql, found.simple, found.in_transaction))
            out += front.take()
        out += front.take()
    return asked, out + front.rest()


def cut(data: bytes, sizes: list[int]) -> list[bytes]:
    chunks, at = [], 0
    for size in sizes:
        chunks.append(data[at : at + size])
        at += size
    return [*chunks, data[at:]]


@given(st.lists(sent, max_size=12), st.lists(st.integers(1, 60), max_size=40))
def test_any_chunking_asks_the_same_and_changes_no_byte(stream: list[bytes], sizes: list[int]) -> None:
    data = b"".join(stream)

    assert read(cut(data, sizes)) == read([data])
    assert read([data])[1] == data


@given(st.lists(st.binary(max_size=80), max_size=20))
def test_garbage_raises_nothing_but_the_codecs_own_error(chunks: list[bytes]) -> None:
    front = Frontend(Session())
    try:
        for chunk in chunks:
            front.receive(chunk)
            while front.advance() is not None:
                front.take()
    except WireError:
        assert b"".join(chunks).endswith(front.rest())


def test_a_large_bind_streams_and_its_portal_is_known() -> None:
    front = Frontend(Session())
    front.receive(wire.parse("", "SELECT 1 FROM big"))
    body = wire.text("") + wire.text("") + bytes(5_000_000)
    data = wire.message(b"B", body) + wire.execute("")
    asked, most = None, 0
    for at in range(0, len(data), 50_000):
        front.receive(data[at : at + 50_000])
        most = max(most, front.waiting_bytes)
        asked = front.advance()
        front.take()

    assert isinstance(asked, Asked)
    assert asked.sql == "SELECT 1 FROM big"
    assert most < 4 * PREFIX_BYTES


def test_a_query_beyond_the_limit_streams_and_says_it_is_not_whole() -> None:
    front = Frontend(Session(), limit_bytes=100_000)
    front.receive(wire.query("SELECT '" + "x" * 400_000 + "'")[:200_000])
    asked = front.advance()

    assert isinstance(asked, Asked)
    assert (asked.whole, asked.statement.operation) == (False, "SELECT 1")
    assert len(front.take()) == 200_000


def test_a_query_within_the_limit_is_kept_until_it_is_whole() -> None:
    front = Frontend(Session(), limit_bytes=1_000_000)
    data = wire.query("SELECT '" + "x" * 400_000 + "'")
    front.receive(data[:-1])
    assert (front.advance(), front.take()) == (None, b"")
    front.receive(data[-1:])

    assert isinstance(front.advance(), Asked)
    assert front.take() == data


def test_a_portal_that_goes_on_is_asked_once() -> None:
    front = Frontend(Session())
    front.receive(wire.parse("", "SELECT 1") + wire.bind("p", "") + wire.execute("p") * 3)

    assert isinstance(front.advance(), Asked)
    assert front.advance() is None


def test_a_watched_client_is_stopped_at_flush_and_sync() -> None:
    front = Frontend(Session())
    front.watch = True
    front.receive(wire.FLUSH + wire.SYNC)

    assert (front.advance(), front.advance(), front.advance()) == (Stop.FLUSH, Stop.SYNC, None)


def test_splitting_sets_the_statement_apart_from_what_came_before() -> None:
    front = Frontend(Session())
    before, execute = wire.parse("", "SELECT 1") + wire.bind("", ""), wire.execute("")
    front.receive(before + execute + wire.SYNC)
    front.advance()

    assert front.split() == (before, execute)
    assert front.advance() is None
    assert front.take() == wire.SYNC
