"""Rough clients and every kind of fault at the PostgreSQL seam, a real server behind it: it comes to rest."""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import struct
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import Phase as Stage
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from ripstop.faults import catalogue
from ripstop.model.address import PostgresAddress
from ripstop.model.fault import FaultSpec
from ripstop.model.plan import Armed, Injection
from ripstop.model.trace import CrossingId, Phase
from ripstop.wire.postgres import messages as wire

from .postgres_harness import Proxied, proxied
from .postgres_raw import Raw, prepared

SEEDS = st.integers(0, 2**32)
CONNECTIONS = 5
BUFFER_BYTES = 2_000_000
LIMIT_BYTES = 65_536
COPY = wire.query("COPY t FROM STDIN"), wire.message(b"d", b"1\n" * 50), wire.message(b"c", b"")
BITS = (
    wire.query("SELECT 1"),
    wire.query("INSERT INTO t VALUES (1)"),
    wire.query("BEGIN"),
    wire.query("COMMIT"),
    wire.query("SELECT 1/0"),
    wire.query("SELECT repeat('x', 300000) FROM generate_series(1, 3)"),
    wire.query(f"SELECT '{'y' * 100_000}'"),
    prepared("INSERT INTO t VALUES (2)") + wire.SYNC,
    prepared("SELECT 1/0") * 2 + wire.SYNC,
    prepared("UPDATE t SET a = 3") + wire.FLUSH,
    b"".join(COPY),
    COPY[0] + COPY[1],
    COPY[0] + wire.message(b"f", b"no\0"),
    wire.SYNC,
    wire.TERMINATE,
)
JUNK = (b"!\0\0\0\4", b"Q\0\0\0\3", b"E\xff\xff\xff\xff", b"\x16\x03\x01\x02", b"P\0\0\0\5x", b"\0" * 40)
OPENINGS = (
    struct.pack(">II", 8, 80877103),
    struct.pack(">II", 8, 80877104),
    struct.pack(">II", 8, 80877103) + b"\x16\x03\x01\x00\x05junk!",
    struct.pack(">IIII", 16, 80877102, 1, 2),
    struct.pack(">II", 2**31, 196608),
    struct.pack(">II", 50, 196608) + b"user\0",
    struct.pack(">II", 9, 131072) + b"\0",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"GET / HTTP/1.1\r\n\r\n",
    b"\0\0",
)
OPERATIONS = (
    "CONNECT",
    "SELECT 1",
    "INSERT t",
    "UPDATE t",
    "BEGIN",
    "COMMIT",
    "COPY t",
    "SELECT generate_series",
)
FAULTS = (
    *map(FaultSpec, ("reply_lost", "connection_lost", "hang", "stall", "killed")),
    *map(FaultSpec, ("stale_connection", "connection_refused", "pool_exhausted")),
    FaultSpec.of("slow", delay_ms=5),
    FaultSpec.of("sqlstate", code="40001"),
)
SOCKETS = 2
"""The seam's own: the one it listens on, and the one that wakes its loop."""
counted = 0


def sockets_of(loop: asyncio.AbstractEventLoop) -> list[object]:
    """What the loop waits for."""
    return list(loop._selector.get_map())  # type: ignore[attr-defined]


class Rough(RuleBasedStateMachine):
    """Up to five clients at one seam. ``shared`` is set by the test that runs it."""

    shared: Proxied

    def __init__(self) -> None:
        super().__init__()
        self.peers: list[socket.socket] = []
        self.shared.call(self.shared.board.begin)
        self.shared.call(lambda: self.shared.board.enter(Phase.CALL, "step"))

    @precondition(lambda self: len(self.peers) < CONNECTIONS)
    @rule(cut=st.sampled_from([0, 3, 20, 1_000]), seed=SEEDS)
    def connect(self, cut: int, seed: int) -> None:
        """A start-up packet, whole or in part, followed at once by what a hasty client sends."""
        body = f"user\0{self.shared.upstream.user}\0database\0{self.shared.upstream.database}\0\0".encode()
        packet = struct.pack(">II", len(body) + 8, 196608) + body
        self.dial((packet + random.Random(seed).choice((b"", *BITS)))[:cut] if cut < 1_000 else packet)

    @precondition(lambda self: len(self.peers) < CONNECTIONS)
    @rule(opening=st.sampled_from(OPENINGS))
    def open_oddly(self, opening: bytes) -> None:
        self.dial(opening)

    @precondition(lambda self: self.peers)
    @rule(seed=SEEDS, count=st.sampled_from([1, 5, 60]))
    def ask(self, seed: int, count: int) -> None:
        """A pipeline, sometimes without its end, its answers not read."""
        chance = random.Random(seed)
        data = b"".join(chance.choices(BITS, k=count))
        self.send(chance, data[: chance.choice((len(data), len(data), chance.randrange(len(data))))], count)

    @precondition(lambda self: self.peers)
    @rule(seed=SEEDS)
    def flood(self, seed: int) -> None:
        """Send until nothing is taken any more, read nothing."""
        chance = random.Random(seed)
        self.send(chance, (BITS[0] * 50 + BITS[5] * 5 + BITS[6] * 5) * 10, 600)
        steady = [-1]
        while steady != (now := self.shared.call(self.held_bytes)):
            steady = now
            self.memory_is_bounded()

    @rule()
    def end_backends(self) -> None:
        """The server resets everybody."""
        self.shared.direct(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    @precondition(lambda self: self.peers)
    @rule(seed=SEEDS, junk=st.sampled_from(JUNK))
    def talk_nonsense(self, seed: int, junk: bytes) -> None:
        self.send(random.Random(seed), junk, 1)

    @precondition(lambda self: self.peers)
    @rule(seed=SEEDS)
    def read_a_little(self, seed: int) -> None:
        peer = random.Random(seed).choice(self.peers)
        peer.settimeout(0.002)
        with contextlib.suppress(OSError):
            peer.recv(50_000)

    @precondition(lambda self: self.peers)
    @rule(seed=SEEDS, how=st.sampled_from(["half", "end", "reset"]))
    def leave(self, seed: int, how: str) -> None:
        peer = random.Random(seed).choice(self.peers)
        if how == "half":
            with contextlib.suppress(OSError):
                peer.shutdown(socket.SHUT_WR)
            return
        self.peers.remove(peer)
        if how == "reset":
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        peer.close()

    @rule(fault=st.sampled_from(FAULTS), operation=st.sampled_from(OPERATIONS), tries=st.integers(0, 2))
    def arm(self, fault: FaultSpec, operation: str, tries: int) -> None:
        built = catalogue.build(fault, "postgres")
        armed = Armed(Injection(CrossingId("step", "db", operation), fault, tries), built)
        self.shared.call(lambda: self.shared.board.arm([armed]))
        self.shared.run(self.shared.seam.at_step(built.at_step()))

    @rule()
    def heal(self) -> None:
        self.shared.call(self.shared.board.disarm)
        self.shared.run(self.shared.seam.heal())

    @invariant()
    def memory_is_bounded(self) -> None:
        for held in self.shared.call(self.held_bytes):
            assert held < BUFFER_BYTES

    def held_bytes(self) -> list[int]:
        """Of each session, what was read and neither written nor thrown away yet."""
        relays = tuple(self.shared.seam._around.relays.values())
        return [
            relay.front.waiting_bytes
            + relay.back._kept_bytes
            + sum(
                end._transport.get_write_buffer_size()
                for end in (relay.client, relay.server)
                if end and end._transport
            )
            for relay in relays
        ]

    def teardown(self) -> None:
        """Healed and alone again, the seam rests, the server has nobody left, and the next is served."""
        self.heal()
        for peer in self.peers:
            peer.close()
        shared, around = self.shared, self.shared.seam._around
        shared.wait(lambda: not shared.call(lambda: around.relays or around.opening))
        assert shared.call(shared.seam.busy) == ()
        assert shared.call(lambda: (shared.board.under_way, dict(shared.board._writes))) == ((), {})
        assert not [note for note in shared.seam.notes if "internal error" in note]
        shared.wait(lambda: shared.call(lambda: len(sockets_of(shared.loop)) <= SOCKETS))
        shared.settle()
        with contextlib.closing(Raw(shared.address)) as plain:
            plain.send(BITS[0], wire.TERMINATE)
            assert [tag for tag, _ in plain.until("Z")] == ["T", "D", "C", "Z"]

    def dial(self, data: bytes) -> None:
        with contextlib.suppress(ConnectionRefusedError, ConnectionResetError):
            peer = socket.create_connection(("127.0.0.1", self.shared.seam.port), timeout=2)
            self.peers.append(peer)
            peer.sendall(data)

    def send(self, chance: random.Random, data: bytes, count: int) -> None:
        global counted
        peer = chance.choice(self.peers)
        peer.settimeout(0.1)
        with contextlib.suppress(OSError):
            peer.sendall(data)
            counted += count


def test_no_order_of_rough_clients_and_faults_leaves_the_seam_restless(database: PostgresAddress) -> None:
    """Derandomized, so that each run takes the same time; a shorter order would take minutes to find."""
    limits: dict[str, Any] = {"max_examples": 100, "stateful_step_count": 20, "derandomize": True}
    limits |= {"phases": [Stage.generate], "deadline": None, "suppress_health_check": list(HealthCheck)}
    failures: list[dict[str, Any]] = []
    with proxied(database, limit_bytes=LIMIT_BYTES) as shared:
        shared.loop.set_exception_handler(lambda _loop, context: failures.append(context))
        shared.direct("CREATE TABLE t (a int)")
        run_state_machine_as_test(type("OfThis", (Rough,), {"shared": shared}), settings=settings(**limits))
        shared.wait(
            lambda: (
                shared.direct("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
                == [(1,)]
            )
        )
        assert len(shared.call(asyncio.all_tasks)) == 1
        assert failures == []
    assert counted >= 3_000
