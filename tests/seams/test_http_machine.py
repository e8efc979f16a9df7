"""Rough clients, plain and TLS, and every kind of fault at the http seam: it comes to rest and serves."""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import ssl
import struct
from collections.abc import Iterator
from typing import Any

import pytest
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

from ripstop.doubles import Double, Reply
from ripstop.faults import catalogue
from ripstop.model.fault import FaultSpec
from ripstop.model.plan import Armed, Injection
from ripstop.model.trace import CrossingId, Phase
from ripstop.service.certificates import Authority

from .http_harness import OPERATION, Served, payments, raw_post, read_all, served

NAME = "api.payments.example"
SEEDS = st.integers(0, 2**32)
CONNECTIONS = 5
HELD_BYTES = 600_000
"""What one connection may hold: a chunk read, 64 KiB waiting for their turn, 64 KiB and a reply unsent."""
SOCKETS = 2
"""The seam's own: the one it listens on, and the one that wakes its loop."""
LOOK = b"GET /v1/charges/ch_1 HTTP/1.1\r\nHost: x\r\n\r\n"
LARGE = LOOK.replace(b"/charges/ch_1", b"/large")
BITS = (
    LOOK,
    raw_post(),
    raw_post(b"{}"),
    LARGE,
    LOOK.replace(b"GET", b"HEAD"),
    LOOK.replace(b"/v1", b"//[v1"),
    b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b\r\n{}\r\n0\r\nT: t\r\n\r\n",
    b"POST /v1/charges HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n",
    LOOK.replace(b"Host: x", b"Host: x\r\nUpgrade: h2c\r\nConnection: Upgrade"),
    LOOK.replace(b"Host: x", b"Host: x\r\nX: one\r\n two"),
    LOOK.replace(b"Host: x", b"Host: x\r\nConnection: close"),
    LOOK.replace(b"HTTP/1.1", b"HTTP/1.0"),
    raw_post(b"x" * 300_000),
)
JUNK = (
    b"nonsense\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    LOOK.replace(b"HTTP/1.1", b"HTTP/2.0"),
    b"GET / HTTP/1.1\r\nX: " + b"y" * 70_000,
    b"".join((b"GET / HTTP/1.1\r\n", *(b"X-%d: y\r\n" % one for one in range(3_000)), b"\r\n")),
    raw_post(extra="Content-Length: 3\r\n"),
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
    b"CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\n\r\n",
    b"\0" * 100,
)
FAULTS = (
    *map(FaultSpec, ("connection_reset", "connection_refused", "hang", "reply_lost", "killed", "malformed")),
    *map(FaultSpec, ("truncated", "empty", "duplicate_delivery", "declined")),
    FaultSpec.of("slow", delay_ms=5),
    FaultSpec.of("status", code=503),
)
counted = 0


class Rough(RuleBasedStateMachine):
    """Up to five clients at one seam. ``shared`` and ``trusting`` are set by the test that runs it."""

    shared: Served
    trusting: ssl.SSLContext

    def __init__(self) -> None:
        super().__init__()
        self.peers: list[socket.socket] = []
        self.shared.call(self.start_over)

    def start_over(self) -> None:
        self.shared.board.begin()
        self.shared.board.enter(Phase.CALL, "step")
        self.shared.seam.problems.clear()

    @precondition(lambda self: len(self.peers) < CONNECTIONS)
    @rule(bit=st.sampled_from((b"", *BITS, *JUNK)))
    def connect(self, bit: bytes) -> None:
        with contextlib.suppress(OSError):
            self.peers.append(self.dial())
            self.send(self.peers[-1], bit, 1)

    @precondition(lambda self: len(self.peers) < CONNECTIONS)
    @rule(seed=SEEDS)
    def connect_securely(self, seed: int) -> None:
        with contextlib.suppress(OSError):
            secure = self.trusting.wrap_socket(self.dial(), server_hostname=NAME)
            self.peers.append(secure)
            self.send(secure, random.Random(seed).choice(BITS), 1)

    @precondition(lambda self: len(self.peers) < CONNECTIONS)
    @rule(seed=SEEDS)
    def break_a_handshake_off(self, seed: int) -> None:
        """A ClientHello cut short, or changed in one place."""
        chance, outgoing = random.Random(seed), ssl.MemoryBIO()
        client = self.trusting.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname=NAME)
        with contextlib.suppress(ssl.SSLWantReadError):
            client.do_handshake()
        hello = bytearray(outgoing.read())
        hello[chance.randrange(1, len(hello))] ^= chance.choice((0, 255))
        with contextlib.suppress(OSError):
            self.peers.append(self.dial())
            self.send(self.peers[-1], bytes(hello[: chance.randrange(1, len(hello) + 1)]), 1)

    @precondition(lambda self: self.peers)
    @rule(seed=SEEDS, count=st.sampled_from([1, 5, 60]))
    def ask(self, seed: int, count: int) -> None:
        """A pipeline, sometimes without its end, its answers not read."""
        chance = random.Random(seed)
        data = b"".join(chance.choices(BITS, k=count))
        cut = chance.choice((len(data), len(data), chance.randrange(len(data))))
        self.send(chance.choice(self.peers), data[:cut], count)

    @precondition(lambda self: self.peers)
    @rule(seed=SEEDS, bit=st.sampled_from([LOOK * 20, LARGE]))
    def flood(self, seed: int, bit: bytes) -> None:
        """Send until nothing is taken any more, read nothing."""
        self.send(random.Random(seed).choice(self.peers), bit * 1_000, 1_000)

    @precondition(lambda self: self.peers)
    @rule(seed=SEEDS, junk=st.sampled_from(JUNK))
    def talk_nonsense(self, seed: int, junk: bytes) -> None:
        self.send(random.Random(seed).choice(self.peers), junk, 1)

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

    @rule(fault=st.sampled_from(FAULTS), tries=st.integers(0, 2))
    def arm(self, fault: FaultSpec, tries: int) -> None:
        built = catalogue.build(fault, "http")
        armed = Armed(Injection(CrossingId("step", "payments", OPERATION), fault, tries), built)
        self.shared.call(lambda: self.shared.board.arm([armed]))
        self.shared.run(self.shared.seam.at_step(built.at_step()))

    @rule()
    def heal(self) -> None:
        self.shared.call(self.shared.board.disarm)
        self.shared.run(self.shared.seam.heal())

    @invariant()
    def memory_is_bounded(self) -> None:
        for held in self.shared.call(self.held_bytes):
            assert held < HELD_BYTES

    def held_bytes(self) -> list[int]:
        """Of each connection, what was read and not taken up yet, and what was written and not sent."""
        found = []
        for one in self.shared.seam._connections:
            wire = getattr(one._transport, "_transport", one._transport)
            waiting = 0 if one.conversation._over else len(one.conversation._h11.trailing_data[0])
            found.append(waiting + wire.get_write_buffer_size())
        return found

    def teardown(self) -> None:
        """Healed and alone again, the seam rests, keeps no connection, and serves the next."""
        self.heal()
        for peer in self.peers:
            peer.close()
        shared = self.shared
        shared.until(lambda: not shared.seam._connections)
        assert shared.call(shared.seam.busy) == ()
        shared.until(lambda: shared.board.under_way == ())
        assert not [one for one in shared.seam.problems if "failed: " in one and "TLS" not in one]
        shared.until(lambda: len(shared._loop._selector.get_map()) <= SOCKETS)  # type: ignore[attr-defined]
        with self.dial() as plain:
            plain.sendall(LOOK.replace(b"Host: x", b"Host: x\r\nConnection: close"))
            assert read_all(plain).startswith(b"HTTP/1.1 200 ")

    def dial(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.shared.seam.port), timeout=2)

    def send(self, peer: socket.socket, data: bytes, count: int) -> None:
        global counted
        peer.settimeout(0.1)
        with contextlib.suppress(OSError):
            peer.sendall(data)
            counted += count


def shop() -> Double:
    """The provider of charges, with an answer that fills every buffer on its way."""
    double = payments()
    double.route("GET /v1/large")(lambda request: Reply(200, b"x" * 300_000))
    return double


@pytest.fixture
def authority() -> Iterator[Authority]:
    one = Authority.create()
    yield one
    one.close()


def test_no_order_of_rough_clients_and_faults_leaves_the_seam_restless(authority: Authority) -> None:
    """Derandomized, so that each run takes the same time; a shorter order would take minutes to find."""
    limits: dict[str, Any] = {"max_examples": 60, "stateful_step_count": 20, "derandomize": True}
    limits |= {"phases": [Stage.generate], "deadline": None, "suppress_health_check": list(HealthCheck)}
    failures: list[dict[str, Any]] = []
    trusting = ssl.create_default_context(cafile=str(authority.ca_path))
    with served(shop(), tls=authority.server_context()) as shared:
        shared._loop.set_exception_handler(lambda _loop, context: failures.append(context))
        kind = type("OfThis", (Rough,), {"shared": shared, "trusting": trusting})
        run_state_machine_as_test(kind, settings=settings(**limits))
        assert len(shared.call(asyncio.all_tasks)) == 1
    assert failures == []
    assert counted >= 1_000
