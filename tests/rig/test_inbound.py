"""Faults of the caller's own side on the wire: what arrives is what is said, and hanging up is a reset."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import httpx
import pytest

from ripstop import faults
from ripstop.faults import catalogue
from ripstop.model.fault import FaultSpec
from ripstop.model.plan import Armed, Injection
from ripstop.model.trace import CLIENT, CrossingId, Kind, Phase
from ripstop.rig.caller import Caller, NoAnswer
from ripstop.rig.inbound import Identity
from ripstop.seams.board import Board

BODY = b'{"sku": "tea", "lines": [{"count": 3}], "gift": true}'
HEADERS = {"Content-Type": "application/json", "Authorization": "Bearer ann", "X-Trace": "t"}
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


@dataclass
class Listener:
    """Reads whole requests and keeps their bytes. With ``silent`` it works and answers nothing."""

    board: Board
    silent: bool = False
    heard: list[bytes] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    server: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.getsockname()[1]}"

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self.server.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection:
            while request := _whole(connection):
                self.heard.append(request)
                if not self.silent:
                    connection.sendall(OK)
                    continue
                self.board.open("db", "postgres", "INSERT orders", Kind.WRITE)
                try:
                    self.ended.append("FIN" if connection.recv(1) == b"" else "bytes")
                except ConnectionResetError:
                    self.ended.append("RST")
                self.over.set()
                return


def _whole(connection: socket.socket) -> bytes:
    """One request with its head and as many body bytes as it says."""
    read = b""
    while b"\r\n\r\n" not in read:
        try:
            more = connection.recv(65_536)
        except ConnectionResetError:
            return b""
        if not more:
            return b""
        read += more
    head, _, body = read.partition(b"\r\n\r\n")
    sizes = [
        line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
    ]
    while len(body) < int(sizes[0] if sizes else 0):
        body += connection.recv(65_536)
    return head + b"\r\n\r\n" + body


@pytest.fixture
def listener() -> Iterator[Listener]:
    board = Board()
    made = Listener(board)
    threading.Thread(target=made.serve, daemon=True).start()
    yield made
    made.server.close()


Send = Callable[..., httpx.Response]


@pytest.fixture
def send(listener: Listener) -> Iterator[Send]:
    """Sends one order as a workflow does, with a fault armed for it."""
    board = listener.board
    caller = Caller(2.0, board.enter, lambda _step: None, board=board)
    caller.phase = Phase.CALL

    def one(spec: FaultSpec | None, *, target: str = "/orders", body: bytes = BODY, **headers: str) -> object:
        caller.who = Identity(other=(("Authorization", "Bearer eve"),), key="header:Idempotency-Key")
        step = f"POST {target}"
        if spec is not None:
            where = Injection(CrossingId("*", CLIENT, step), spec)
            board.arm([Armed(where, catalogue.build(spec, CLIENT))])
        with caller.client(listener.url) as client:
            return client.post(target, content=body, headers={**HEADERS, **headers})

    yield one
    caller.close()


def heard(listener: Listener) -> tuple[bytes, bytes]:
    """Head and body of the one request that arrived."""
    (request,) = listener.heard
    head, _, body = request.partition(b"\r\n\r\n")
    assert f"content-length: {len(body)}".encode() in head.lower()
    return head, body


BROKEN = [
    (faults.field_missing("/sku"), b'{"lines": [{"count": 3}], "gift": true}'),
    (faults.field_missing("/lines/0/count"), b'{"sku": "tea", "lines": [{}], "gift": true}'),
    (faults.field_null("/lines/0/count"), b'{"sku": "tea", "lines": [{"count": null}], "gift": true}'),
    (faults.field_empty("/lines"), b'{"sku": "tea", "lines": [], "gift": true}'),
    (faults.field_empty("/sku"), b'{"sku": "", "lines": [{"count": 3}], "gift": true}'),
    (
        faults.field_mistyped("/lines/0/count"),
        b'{"sku": "tea", "lines": [{"count": "not a number"}], "gift": true}',
    ),
    (faults.field_mistyped("/gift"), b'{"sku": "tea", "lines": [{"count": 3}], "gift": "not a boolean"}'),
    (faults.field_too_long("/sku", 6), b'{"sku": "xxxtea", "lines": [{"count": 3}], "gift": true}'),
    (
        faults.field_out_of_range("/lines/0/count", -1),
        b'{"sku": "tea", "lines": [{"count": -1}], "gift": true}',
    ),
    (faults.unknown_id("/sku", "no-such-one"), BODY.replace(b"tea", b"no-such-one")),
]


@pytest.mark.parametrize(
    ("spec", "body"), BROKEN, ids=lambda one: str(one) if isinstance(one, FaultSpec) else ""
)
def test_the_bytes_that_arrive_are_the_broken_request(
    spec: FaultSpec, body: bytes, send: Send, listener: Listener
) -> None:
    send(spec)

    head, arrived = heard(listener)
    assert arrived == body
    assert b"x-trace: t" in head.lower()
    assert [i.fault for i in listener.board.fired] == [spec]


def test_without_a_fault_the_request_arrives_as_the_test_wrote_it(send: Send, listener: Listener) -> None:
    send(None)

    assert heard(listener)[1] == BODY
    assert listener.board.fired == ()


def test_a_request_without_the_field_is_left_alone_and_the_fault_did_not_happen(
    send: Send, listener: Listener
) -> None:
    send(faults.field_missing("/elsewhere"))

    assert heard(listener)[1] == BODY
    assert listener.board.fired == ()


def test_an_id_in_the_path_is_another_one_and_the_query_stays(send: Send, listener: Listener) -> None:
    send(faults.unknown_id("path:2", 2147483646), target="/orders/42/pay?now=1")

    assert heard(listener)[0].startswith(b"POST /orders/2147483646/pay?now=1 HTTP/1.1\r\n")


def test_without_credentials_no_header_says_who_asks(send: Send, listener: Listener) -> None:
    send(faults.no_credentials("authorization,cookie"), Cookie="session=ann")

    head, body = heard(listener)
    assert b"ann" not in head
    assert body == BODY


def test_with_somebody_elses_credentials_only_theirs_are_sent(send: Send, listener: Listener) -> None:
    send(faults.other_credentials(), Cookie="session=ann")

    head, _ = heard(listener)
    assert b"ann" not in head
    assert head.count(b"Bearer eve") == 1


def test_a_form_is_broken_as_a_form(send: Send, listener: Listener) -> None:
    kind = {"Content-Type": "application/x-www-form-urlencoded"}

    send(faults.field_out_of_range("/count", -1), body=b"sku=a+b&count=3", **kind)

    assert heard(listener)[1] == b"sku=a+b&count=-1"


def test_hanging_up_is_a_reset_once_the_service_is_at_work(send: Send, listener: Listener) -> None:
    listener.silent = True

    with pytest.raises(NoAnswer, match="the caller hung up"):
        send(faults.client_gone())

    assert listener.over.wait(2)
    assert listener.ended == ["RST"]
    assert heard(listener)[1] == BODY
    assert [i.fault.name for i in listener.board.fired] == ["client_gone"]


def test_a_service_that_answers_without_having_worked_was_not_left_at_work(
    send: Send, listener: Listener
) -> None:
    with pytest.raises(NoAnswer):
        send(faults.client_gone())

    assert listener.board.fired == ()
