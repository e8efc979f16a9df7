"""Any order of odd clients and faults: the Redis seam never hangs, never fails, and comes to rest."""

from __future__ import annotations

import contextlib
import socket
import struct
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import Phase as Stage
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from ripstop.faults import catalogue
from ripstop.model.fault import FaultSpec
from ripstop.model.plan import Armed, Injection
from ripstop.model.trace import CrossingId, Phase
from ripstop.service.redis import RedisServer
from ripstop.wire.redis.requests import encode

from .redis_harness import Proxied, proxied

KEYS = ("a", "b", "cart:1")
OPERATIONS = (
    "SET a",
    "GET a",
    "INCRBY b",
    "EXEC",
    "MULTI",
    "CONNECT",
    "LPUSH cart:{id}",
    "BLPOP b",
    "SUBSCRIBE a",
)
FAULTS = (
    *map(FaultSpec, ("reply_lost", "connection_reset", "hang", "readonly", "out_of_memory", "loading")),
    *map(FaultSpec, ("evicted", "wrong_key_type", "stale_connection", "connection_refused")),
    FaultSpec.of("slow", delay_ms=5),
)
COMMANDS = st.sampled_from(
    [
        ("SET", "a", "1"), ("GET", "a"), ("INCRBY", "b", "1"), ("LPUSH", "cart:1", "x" * 300), ("DEL", "b"),
        ("MULTI",), ("EXEC",), ("DISCARD",), ("WATCH", "a"), ("SUBSCRIBE", "a"), ("UNSUBSCRIBE",), ("RESET",),
        ("PUBLISH", "a", "hi"), ("BLPOP", "b", "0.01"), ("HELLO", "3"), ("HELLO", "2"), ("NONSENSE",),
        ("CLIENT", "REPLY", "SKIP"), ("SELECT", "2"), ("SET", "large", "x" * 100_000), ("GET", "large"),
        ("GET",), ("QUIT",),
    ]
)  # fmt: skip
JUNK = st.sampled_from(
    [b"*1\r\n:1\r\n", b"*-7\r\n", b"\0\0\r\n", b'SET "\r\n', b"$5\r\nhello\r\n", b"\r\n", b"*2\r\n$3\r\n"]
)


class Machine(RuleBasedStateMachine):
    """Up to six clients at one seam. ``shared`` is set by the test that runs it."""

    shared: Proxied

    def __init__(self) -> None:
        super().__init__()
        self.peers: list[socket.socket] = []
        self.shared.call(self.shared.board.begin)
        self.shared.call(lambda: self.shared.board.enter(Phase.CALL, "step"))

    @rule()
    def connect(self) -> None:
        if len(self.peers) < 6:
            with contextlib.suppress(ConnectionRefusedError):
                self.peers.append(self.shared.dial())

    @precondition(lambda self: self.peers)
    @rule(
        commands=st.lists(COMMANDS, min_size=1, max_size=12), who=st.integers(0, 5), cut=st.integers(0, 300)
    )
    def ask(self, commands: list[tuple[str, ...]], who: int, cut: int) -> None:
        """A pipeline, sometimes in two pieces, sometimes without its end."""
        data = b"".join(encode(*command) for command in commands)
        self.send(who, data[:cut] if cut < 60 else data)
        if cut >= 200:
            self.send(who, data)

    @precondition(lambda self: self.peers)
    @rule(junk=JUNK, who=st.integers(0, 5))
    def talk_nonsense(self, junk: bytes, who: int) -> None:
        self.send(who, junk)

    @rule(fault=st.sampled_from(FAULTS), operation=st.sampled_from(OPERATIONS), tries=st.integers(0, 2))
    def arm(self, fault: FaultSpec, operation: str, tries: int) -> None:
        built = catalogue.build(fault, "redis")
        armed = Armed(Injection(CrossingId("step", "cache", operation), fault, tries), built)
        self.shared.call(lambda: self.shared.board.arm([armed]))
        self.shared.run(self.shared.seam.at_step(built.at_step()))

    @rule()
    def heal(self) -> None:
        self.shared.call(self.shared.board.disarm)
        self.shared.run(self.shared.seam.heal())

    @precondition(lambda self: self.peers)
    @rule(who=st.integers(0, 5))
    def read_a_little(self, who: int) -> None:
        peer = self.peers[who % len(self.peers)]
        peer.settimeout(0.001)
        with contextlib.suppress(OSError):
            peer.recv(4_096)

    @precondition(lambda self: self.peers)
    @rule(who=st.integers(0, 5), how=st.sampled_from(["half", "end", "reset"]))
    def leave(self, who: int, how: str) -> None:
        peer = self.peers[who % len(self.peers)]
        if how == "half":
            with contextlib.suppress(OSError):
                peer.shutdown(socket.SHUT_WR)
            return
        self.peers.remove(peer)
        if how == "reset":
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        peer.close()

    def send(self, who: int, data: bytes) -> None:
        peer = self.peers[who % len(self.peers)]
        peer.settimeout(2)
        with contextlib.suppress(OSError):
            peer.sendall(data)

    def teardown(self) -> None:
        """Healed and alone again, the seam rests, holds nothing and serves."""
        self.heal()
        for peer in self.peers:
            peer.close()
        seam, board = self.shared.seam, self.shared.board
        self.shared.until(lambda: not seam._around.relays)
        assert self.shared.call(seam.busy) == ()
        assert self.shared.call(lambda: board.under_way) == ()
        assert self.shared.call(lambda: dict(board._writes)) == {}
        assert not [note for note in seam.notes if "internal error" in note]
        with self.shared.dial(encode("SET", "a", "1")) as plain:
            assert plain.recv(5) == b"+OK\r\n"


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    running = RedisServer.start()
    yield running
    running.stop()


def test_no_order_of_clients_and_faults_leaves_the_seam_restless(server: RedisServer) -> None:
    limits: dict[str, Any] = {"max_examples": 60, "stateful_step_count": 25, "derandomize": True}
    limits["phases"] = [Stage.generate]  # looking for a shorter order would take minutes of waiting
    with proxied(server.address, limit_bytes=65_536) as shared:
        Machine.shared = shared
        run_state_machine_as_test(
            Machine, settings=settings(**limits, deadline=None, suppress_health_check=list(HealthCheck))
        )
        assert shared.direct.ping()
