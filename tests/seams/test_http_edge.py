"""TLS at the http seam: every fault is over TLS what it is without, and a reset stays a reset."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ripstop.doubles import Double, Reply
from ripstop.faults import catalogue
from ripstop.model.fault import CutClient, CutIdle, Facts, FaultSpec, Forward, Hold
from ripstop.model.trace import Crossing, CrossingId, Kind
from ripstop.service.certificates import Authority

from .http_harness import CHARGE, OPERATION, WAIT_S, Made, Served, dial, raw_post, read_all, served

NAME = "api.payments.example"


@pytest.fixture(scope="module")
def authority() -> Iterator[Authority]:
    one = Authority.create()
    yield one
    one.close()


@pytest.fixture
def server(authority: Authority) -> Iterator[Served]:
    with served(tls=authority.server_context()) as one:
        yield one


@pytest.fixture
def trusting(authority: Authority) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(authority.ca_path))
    context.set_alpn_protocols(["h2", "http/1.1"])
    return context


def dial_tls(server: Served, context: ssl.SSLContext, data: bytes = b"") -> ssl.SSLSocket:
    secure = context.wrap_socket(dial(server), server_hostname=NAME)
    secure.sendall(data)
    return secure


class Spoken:
    """TLS spoken over memory, so that what happens to the socket below is seen as it is."""

    def __init__(self, server: Served, context: ssl.SSLContext) -> None:
        self._socket = dial(server)
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=NAME)
        self._until(lambda: self._tls.do_handshake() or True)

    def __enter__(self) -> Spoken:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def say(self, data: bytes, *, last: bool = False) -> None:
        self._tls.write(data)
        if last:
            with contextlib.suppress(ssl.SSLWantReadError):
                self._tls.unwrap()
        self._socket.sendall(self._outgoing.read())

    def rest(self) -> bytes:
        """All that comes until TLS is ended in order; raises what the socket raises."""
        received = b""
        while piece := self._until(lambda: self._tls.read(65_536)):
            received += piece
        return received

    def _until(self, action: Callable[[], Any]) -> Any:
        while True:
            try:
                result = action()
            except ssl.SSLZeroReturnError:
                result = b""
            except ssl.SSLWantReadError:
                result = None
            if self._outgoing.pending:
                self._socket.sendall(self._outgoing.read())
            if result is not None:
                return result
            self._incoming.write(self._socket.recv(65_536))


@contextlib.contextmanager
def resetting(context: ssl.SSLContext) -> Iterator[int]:
    """The port of a TLS server that takes one request and resets."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with context.wrap_socket(listening.accept()[0], server_side=True) as client:
                while b"}" not in client.recv(65_536):
                    pass
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

        thread = threading.Thread(target=serve)
        thread.start()
        yield listening.getsockname()[1]
        thread.join(WAIT_S)


def test_one_port_takes_both_and_keeps_each_connection(server: Served, trusting: ssl.SSLContext) -> None:
    with dial(server) as plain, dial_tls(server, trusting) as secure:
        for client in (plain, secure, plain, secure):
            client.sendall(raw_post())
            assert client.recv(65_536).startswith(b"HTTP/1.1 201")

        assert secure.selected_alpn_protocol() == "http/1.1"
    assert [outcome for _, outcome, _ in server.trace()] == ["status:201"] * 4


FACTS = Facts(budget_ms=40)
CROSSING = Crossing(CrossingId("step", "payments", OPERATION), "http", Kind.CALL)
SPECS = [fault.spec for fault in catalogue.offered(CROSSING, FACTS)]


def charged(server: Served, url: str, spec: FaultSpec, verify: Any) -> tuple[object, ...]:
    """What a pooled client, the double and the board see of a charge under a fault."""
    fault = catalogue.build(spec, "http", FACTS)
    seen: object = "failed"
    with httpx.Client(base_url=url, verify=verify, trust_env=False, timeout=WAIT_S) as client:
        client.get("/v1/charges/c")
        server.arm(fault)
        server.run(server.seam.at_step(fault.at_step()))
        with contextlib.suppress(httpx.TransportError):
            reply = client.post("/v1/charges", json=CHARGE, timeout=0.5)
            seen = (reply.status_code, reply.content)
        server.run(server.seam.heal())
        server.until(lambda: not server.board.under_way)
        assert client.get("/v1/charges/c").status_code == 200
    return (seen, len(server.double.ledger.effects("charge")), server.trace()[1:2], server.fired())


@pytest.mark.parametrize("spec", SPECS, ids=str)
def test_a_fault_is_over_tls_what_it_is_without(authority: Authority, spec: FaultSpec) -> None:
    context = ssl.create_default_context(cafile=str(authority.ca_path))
    with served() as bare, served(tls=authority.server_context()) as server:
        plain = charged(bare, bare.url, spec, False)
        secure = charged(server, f"https://localhost:{server.seam.port}", spec, context)

        assert secure == plain
        assert server.seam.problems == []


CUTS = [Made((CutClient(),)), Made(at_reply=(CutClient(),))]


@pytest.mark.parametrize("fault", CUTS, ids=["before", "after"])
def test_a_cut_is_a_reset_on_the_wire_below_tls(
    server: Served, trusting: ssl.SSLContext, fault: Made
) -> None:
    server.arm(fault)
    with Spoken(server, trusting) as client:
        client.say(raw_post())
        with pytest.raises(ConnectionResetError):
            client.rest()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_cut_is_to_a_client_what_a_servers_own_reset_is(
    server: Served, authority: Authority, trusting: ssl.SSLContext, version: ssl.TLSVersion
) -> None:
    trusting.maximum_version = version
    server.arm(CUTS[0])
    with resetting(authority.server_context()) as genuine_port:
        urls = [f"https://localhost:{port}/v1/charges" for port in (genuine_port, server.seam.port)]
        genuine, injected = [error(url, trusting) for url in urls]

    assert injected == genuine


def error(url: str, context: ssl.SSLContext) -> tuple[object, ...]:
    with pytest.raises(httpx.TransportError) as caught:
        httpx.post(url, json=CHARGE, verify=context, trust_env=False)
    return (type(caught.value), *caught.value.args, type(caught.value.__cause__))


def test_healing_resets_what_is_held_over_tls(server: Served, trusting: ssl.SSLContext) -> None:
    server.arm(Made((Hold(), Forward())))
    with Spoken(server, trusting) as client:
        client.say(raw_post())
        server.until(lambda: server.seam.busy())
        server.run(server.seam.heal())
        with pytest.raises(ConnectionResetError):
            client.rest()


def test_an_idle_tls_connection_is_ended_in_order(server: Served, trusting: ssl.SSLContext) -> None:
    with dial_tls(server, trusting, raw_post()) as client:
        client.suppress_ragged_eofs = False
        assert client.recv(65_536).startswith(b"HTTP/1.1 201")
        server.run(server.seam.at_step((CutIdle(),)))

        assert client.recv(1) == b""


def test_a_client_that_said_that_it_ends_is_still_answered(server: Served, trusting: ssl.SSLContext) -> None:
    with Spoken(server, trusting) as client:
        client.say(raw_post(), last=True)

        assert client.rest().startswith(b"HTTP/1.1 201")


def test_what_is_no_request_is_answered_and_ended_in_order(server: Served, trusting: ssl.SSLContext) -> None:
    with dial_tls(server, trusting, b"nonsense\r\n\r\n") as client:
        assert read_all(client).startswith(b"HTTP/1.1 400")
        client.unwrap()

    server.until(lambda: not server.seam.idle_sessions())
    assert len(server.seam.problems) == 1


def test_a_client_that_does_not_trust_us_is_told_of(server: Served) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        dial_tls(server, ssl.create_default_context())

    server.until(lambda: server.seam.problems)
    assert "UNKNOWN_CA" in server.seam.problems[0]
    assert "pinning" in server.seam.problems[0]


def test_what_only_looks_like_tls_is_ended_and_told_of(server: Served) -> None:
    with dial(server, b"\x16\x03\x01\x00\x05junk!") as client:
        read_all(client)

    server.until(lambda: server.seam.problems)
    server.until(lambda: not server.seam.idle_sessions())


def test_a_large_reply_reaches_a_slow_tls_reader_whole(
    authority: Authority, trusting: ssl.SSLContext
) -> None:
    double = Double("files")
    double.route("GET /big")(lambda request: Reply(200, b"x" * 12_000_000))
    with (
        served(double, tls=authority.server_context()) as server,
        dial_tls(server, trusting, b"GET /big HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") as client,
    ):
        assert client.recv(1) == b"H"
        assert server.call(server.seam.busy) == ("step > payments: GET /big",)
        assert read_all(client).count(b"x") == 12_000_000


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_handshake_cut_short_or_garbled_anywhere_leaves_nothing(
    server: Served, trusting: ssl.SSLContext, data: st.DataObject
) -> None:
    outgoing = ssl.MemoryBIO()
    client = trusting.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname=NAME)
    with contextlib.suppress(ssl.SSLWantReadError):
        client.do_handshake()
    hello = bytearray(outgoing.read())
    for place in data.draw(st.lists(st.integers(1, len(hello) - 1), max_size=3)):
        hello[place] ^= data.draw(st.integers(1, 255))
    cut = data.draw(st.integers(1, len(hello)))
    with dial(server, bytes(hello[:cut])) as raw:
        raw.shutdown(socket.SHUT_WR)
        read_all_whatever(raw)
    server.until(lambda: not server.seam.idle_sessions())


def read_all_whatever(client: socket.socket) -> None:
    client.settimeout(WAIT_S)
    started = time.monotonic()
    with contextlib.suppress(ConnectionError):
        read_all(client)
    assert time.monotonic() - started < WAIT_S
