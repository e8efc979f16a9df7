"""Tests for the http seam without faults, and for each command it obeys, seen by real clients."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import httpx
import pytest
import requests

from ripstop.doubles import Double, Reply, Request
from ripstop.errors import StartError
from ripstop.model.fault import (
    Blackhole,
    Command,
    CutBoth,
    CutClient,
    CutIdle,
    Delay,
    Fatal,
    Forward,
    Hold,
    Refuse,
    SendClient,
)
from ripstop.model.trace import Kind

from .http_harness import CHARGE, OPERATION, Made, Served, dial, payments, raw_post, read_all, served


@pytest.fixture
def server() -> Iterator[Served]:
    with served() as one:
        yield one


def by_httpx(url: str) -> tuple[int, bytes]:
    with httpx.Client(trust_env=False) as client:
        reply = client.post(url, json=CHARGE)
    return reply.status_code, reply.content


def by_async_httpx(url: str) -> tuple[int, bytes]:
    async def call() -> tuple[int, bytes]:
        async with httpx.AsyncClient(trust_env=False) as client:
            reply = await client.post(url, json=CHARGE)
        return reply.status_code, reply.content

    return asyncio.run(call())


def by_requests(url: str) -> tuple[int, bytes]:
    reply = requests.post(url, json=CHARGE, timeout=5)
    return reply.status_code, reply.content


def by_urllib(url: str) -> tuple[int, bytes]:
    body = json.dumps(CHARGE).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=5) as reply:
        return reply.status, reply.read()


@pytest.mark.parametrize("client", [by_httpx, by_async_httpx, by_requests, by_urllib])
def test_real_clients_are_answered_by_the_double(server: Served, client: object) -> None:
    status, body = client(server.url + "/v1/charges")  # type: ignore[operator]
    assert (status, json.loads(body)["status"]) == (201, "succeeded")
    assert server.trace() == ((OPERATION, "status:201", ""),)
    assert len(server.double.ledger.effects("charge")) == 1
    assert server.seam.problems == []


def test_a_crossing_says_what_was_asked_with_secrets_masked(server: Served) -> None:
    body = {**CHARGE, "cardToken": "tok_secret_1"}
    httpx.post(server.url + "/v1/charges?api_key=sk_live_1234567890", json=body, trust_env=False)
    (crossing,) = server.call(lambda: server.board.trace)
    assert (crossing.protocol, crossing.kind, crossing.session) == ("http", Kind.CALL, 1)
    assert crossing.text.startswith("POST /v1/charges?")
    assert "4200" in crossing.text
    assert "tok_secret" not in crossing.text
    assert "sk_live" not in crossing.text


def test_an_operation_is_the_route_as_the_double_wrote_it(server: Served) -> None:
    httpx.get(server.url + "/v1/charges/strange-name?x=1", trust_env=False)
    httpx.get(server.url + "/nowhere/42", trust_env=False)
    assert [operation for operation, _, _ in server.trace()] == [
        "GET /v1/charges/{charge}",
        "GET /nowhere/{id}",
    ]


def test_one_connection_serves_many_requests(server: Served) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.seam.port, timeout=5)
    for _ in range(3):
        connection.request("POST", "/v1/charges", json.dumps(CHARGE))
        reply = connection.getresponse()
        assert (reply.status, len(reply.read()) > 0) == (201, True)
    assert {c.session for c in server.call(lambda: server.board.trace)} == {1}
    assert server.call(server.seam.idle_sessions) == 1
    connection.close()
    server.until(lambda: server.seam.idle_sessions() == 0)


def test_pipelined_requests_are_answered_in_order(server: Served) -> None:
    gets = b"".join(b"GET /v1/charges/c%d HTTP/1.1\r\nHost: x\r\n\r\n" % n for n in range(5))
    last = b"GET /v1/charges/last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    with dial(server, gets + last) as client:
        received = read_all(client)
    places = [received.index(b'"c%d"' % n) for n in range(5)] + [received.index(b'"last"')]
    assert places == sorted(places)


def test_a_client_that_waits_for_100_continue_gets_it_and_then_its_answer(server: Served) -> None:
    head, _, body = raw_post(extra="Expect: 100-continue\r\nConnection: close\r\n").partition(b"\r\n\r\n")
    with dial(server, head + b"\r\n\r\n") as client:
        assert client.recv(100).startswith(b"HTTP/1.1 100 ")
        client.sendall(body)
        assert read_all(client).startswith(b"HTTP/1.1 201 ")


def test_a_client_that_closed_its_sending_half_is_still_answered(server: Served) -> None:
    with dial(server, raw_post()) as client:
        client.shutdown(socket.SHUT_WR)
        assert read_all(client).startswith(b"HTTP/1.1 201 ")


def test_a_slow_reader_gets_the_whole_of_a_large_reply() -> None:
    double = Double("files")
    double.route("GET /big")(lambda request: Reply(200, b"x" * 12_000_000))
    with served(double) as server, socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        client.connect(("127.0.0.1", server.seam.port))
        client.sendall(b"GET /big HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert client.recv(1) == b"H"
        assert server.call(server.seam.busy) == ("step > payments: GET /big",)
        assert read_all(client).count(b"x") == 12_000_000


def send_megabytes(client: socket.socket, count: int) -> None:
    for _ in range(count):
        client.sendall(b"x" * 1_000_000)


def test_a_client_that_floods_ahead_of_its_answer_is_not_read_without_bound(server: Served) -> None:
    server.arm(Made(at_request=(Hold(),)))
    with dial(server, raw_post()) as client:
        client.settimeout(0.5)
        with pytest.raises(TimeoutError):
            send_megabytes(client, 64)
        server.run(server.seam.heal())


def test_requests_sent_far_ahead_are_all_answered_in_the_end(server: Served) -> None:
    server.arm(Made(at_reply=(Delay(30), Forward())))
    ahead = raw_post(b"x" * 300_000) * 10
    with dial(server, raw_post() + ahead + raw_post(extra="Connection: close\r\n")) as client:
        received = read_all(client)
    assert (received.count(b"HTTP/1.1 201 "), received.count(b"HTTP/1.1 400 ")) == (2, 10)


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"nonsense\r\n\r\n", b"400"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"400"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n" + b"x" * 300_000, b"413"),
        (raw_post()[:-3], b"400"),
    ],
)
def test_what_is_no_request_is_answered_closed_and_told(server: Served, raw: bytes, status: bytes) -> None:
    with dial(server, raw) as client:
        client.shutdown(socket.SHUT_WR)
        assert read_all(client).split(b" ")[1] == status
    assert "sent what is no request" in server.seam.problems[0]
    assert server.trace() == ()


def test_half_a_request_counts_as_busy_and_its_end_as_rest(server: Served) -> None:
    with dial(server, raw_post()[:-3]) as client:
        server.until(lambda: server.seam.busy() == ("payments: a request is arriving",))
        client.sendall(raw_post()[-3:])
        server.until(lambda: server.seam.busy() == ())


def test_a_double_that_raises_gives_a_500_and_is_told_as_a_defect_of_the_double() -> None:
    double = Double("payments")

    @double.route("GET /broken")
    def broken(request: Request) -> Reply:
        raise KeyError("amount")

    with served(double) as server:
        reply = httpx.get(server.url + "/broken", trust_env=False)
        assert reply.status_code == 500
        assert "KeyError('amount')" in reply.json()["ripstop"]["problem"]
        assert "GET /broken" in server.seam.problems[0]


def test_a_reply_that_is_no_http_gives_a_500_and_is_told() -> None:
    double = Double("payments")
    double.route("GET /odd")(lambda request: Reply(200, b"", (("X-Bad", "a\r\nb: c"),)))
    with served(double) as server:
        assert httpx.get(server.url + "/odd", trust_env=False).status_code == 500
        assert "GET /odd" in server.seam.problems[0]


def test_a_double_that_blocks_freezes_nobody_else() -> None:
    blocked, entered = threading.Event(), threading.Event()
    slow = Double("slow")

    @slow.route("GET /blocks")
    def blocks(request: Request) -> Reply:
        entered.set()
        blocked.wait(5)
        return Reply()

    asked = b"GET /blocks HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    with served(slow) as server, dial(server, asked) as client:
        assert entered.wait(5)
        assert httpx.get(server.url + "/other", trust_env=False).status_code == 501
        blocked.set()
        assert read_all(client).startswith(b"HTTP/1.1 200 ")


def test_handlers_of_one_double_run_one_at_a_time_and_in_order() -> None:
    inside, overlaps, order = threading.Semaphore(1), [], []
    double = Double("payments")

    @double.route("GET /{number}")
    def slow(request: Request, number: str) -> Reply:
        overlaps.append(not inside.acquire(blocking=False))
        order.append(number)
        threading.Event().wait(0.01)
        inside.release()
        return Reply()

    with served(double) as server, contextlib.ExitStack() as clients:
        for number in range(4):
            request = b"GET /%d HTTP/1.1\r\nHost: x\r\n\r\n" % number
            clients.enter_context(contextlib.closing(dial(server, request)))
            server.until(lambda n=number: len(server.board.trace) == n + 1)
        server.until(lambda: not server.seam.busy())
    assert (overlaps, order) == ([False] * 4, ["0", "1", "2", "3"])


def test_a_double_that_never_answers_is_given_up_and_the_next_request_is_served() -> None:
    blocked = threading.Event()
    double = Double("slow")
    double.route("GET /blocks")(lambda request: Reply() if blocked.wait(5) else Reply(504))
    double.route("GET /quick")(lambda request: Reply(204))
    with served(double, work_s=0.05) as server:
        reply = httpx.get(server.url + "/blocks", trust_env=False)
        assert (reply.status_code, "0.05 s" in reply.text) == (500, True)
        assert httpx.get(server.url + "/quick", trust_env=False).status_code == 204
        blocked.set()


def test_a_fixed_port_is_used_and_a_taken_one_refused(server: Served) -> None:
    with pytest.raises(StartError, match="port-taken"), served(payments(), port=server.seam.port):
        pass


def test_the_last_good_reply_of_an_operation_is_kept(server: Served) -> None:
    httpx.post(server.url + "/v1/charges", json=CHARGE, trust_env=False)
    httpx.post(server.url + "/v1/charges", json={}, trust_env=False)
    reply = server.call(lambda: server.seam.last_reply(OPERATION))
    assert reply is not None
    assert reply.status == 201


def test_stopping_resets_what_is_open_and_frees_the_port(server: Served) -> None:
    with dial(server) as client:
        server.until(lambda: server.seam.idle_sessions() == 1)
        server.run(server.seam.stop())
        with pytest.raises(ConnectionResetError):
            read_all(client)
    with pytest.raises(ConnectionRefusedError):
        dial(server)


@pytest.mark.parametrize(
    ("fault", "effects"),
    [
        (Made(at_request=(CutClient(),)), 0),
        (Made(at_request=(CutBoth(),)), 0),
        (Made(at_reply=(CutClient(),)), 1),
        (Made(at_request=(Delay(10), CutClient())), 0),
    ],
)
def test_cutting_the_client_is_a_reset_without_a_byte(server: Served, fault: Made, effects: int) -> None:
    server.arm(fault)
    with dial(server, raw_post()) as client, pytest.raises(ConnectionResetError):
        client.recv(1)
    assert len(server.double.ledger.effects()) == effects
    assert server.trace() == ((OPERATION, "cut", "made"),)


def test_holding_says_nothing_and_healing_resets_without_an_answer(server: Served) -> None:
    server.arm(Made(at_request=(Hold(),)))
    with dial(server, raw_post()) as client:
        server.until(lambda: server.seam.busy() == (f"step > payments: {OPERATION} (held)",))
        assert server.fired() == 1
        server.run(server.seam.heal())
        with pytest.raises(ConnectionResetError):
            client.recv(1)
    assert server.double.ledger.effects() == ()
    assert server.trace() == ((OPERATION, "held", "made"),)


@pytest.mark.parametrize("leave", [socket.socket.close, lambda client: client.shutdown(socket.SHUT_WR)])
def test_a_held_crossing_is_over_when_the_client_gives_up(server: Served, leave: object) -> None:
    server.arm(Made(at_reply=(Hold(),)))
    with dial(server, raw_post()) as client:
        server.until(lambda: server.seam.busy())
        leave(client)  # type: ignore[operator]
        server.until(lambda: not server.seam.busy())
    assert server.trace() == ((OPERATION, "held", "made"),)
    assert len(server.double.ledger.effects()) == 1


def test_a_delay_keeps_the_reply_for_so_long(server: Served) -> None:
    server.arm(Made(at_reply=(Delay(80), Forward())))
    started = time.monotonic()
    assert httpx.post(server.url + "/v1/charges", json=CHARGE, trust_env=False).status_code == 201
    assert time.monotonic() - started >= 0.08
    assert server.trace() == ((OPERATION, "status:201", "made"),)


def test_a_client_whose_time_is_up_during_a_delay_has_its_effect_all_the_same(server: Served) -> None:
    server.arm(Made(at_reply=(Delay(60_000), Forward())))
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(server.url + "/v1/charges", json=CHARGE, trust_env=False, timeout=0.1)
    assert len(server.double.ledger.effects("charge")) == 1
    server.run(server.seam.heal())
    server.until(lambda: not server.seam.busy())


def test_a_delayed_request_is_aborted_by_healing_and_never_reaches_the_double(server: Served) -> None:
    server.arm(Made(at_request=(Delay(60_000), Forward())))
    with dial(server, raw_post()) as client:
        server.until(server.seam.busy)
        server.run(server.seam.heal())
        with pytest.raises(ConnectionResetError):
            client.recv(1)
    assert server.double.ledger.effects() == ()
    assert server.trace() == ((OPERATION, "cut", "made"),)


def test_a_reply_of_the_faults_own_is_sent_and_the_double_not_asked(server: Served) -> None:
    server.arm(Made(at_request=(SendClient(Reply.of(503, {"error": "down"})),)))
    reply = httpx.post(server.url + "/v1/charges", json=CHARGE, trust_env=False)
    assert (reply.status_code, reply.json()) == (503, {"error": "down"})
    assert server.double.ledger.effects() == ()
    assert server.trace() == ((OPERATION, "status:503", "made"),)


def test_a_truncated_reply_promises_more_than_it_brings_and_ends_cleanly(server: Served) -> None:
    server.arm(Made(at_request=(SendClient(Reply(200, b"0123456789"), truncate_at=4),)))
    connection = http.client.HTTPConnection("127.0.0.1", server.seam.port, timeout=5)
    connection.request("POST", "/v1/charges", json.dumps(CHARGE))
    reply = connection.getresponse()
    with pytest.raises(http.client.IncompleteRead) as caught:
        reply.read()
    connection.close()
    assert (caught.value.partial, caught.value.expected) == (b"0123", 6)
    assert server.trace() == ((OPERATION, "cut", "made"),)


def test_a_dribbled_reply_comes_byte_by_byte_and_whole(server: Served) -> None:
    server.arm(Made(at_request=(SendClient(Reply(200, b"01234"), dribble_ms=10),)))
    with dial(server, raw_post(extra="Connection: close\r\n")) as client:
        pieces = [client.recv(1_000)]
        while piece := client.recv(1_000):
            pieces.append(piece)
    assert b"".join(pieces).endswith(b"\r\n\r\n01234")
    assert len(pieces) >= 4


def test_a_client_that_leaves_a_dribble_ends_it(server: Served) -> None:
    server.arm(Made(at_request=(SendClient(Reply(200, b"x" * 10_000), dribble_ms=5),)))
    with dial(server, raw_post()) as client:
        client.recv(10)
    server.until(lambda: not server.seam.busy())


def test_a_fault_meets_only_the_crossing_it_is_armed_for(server: Served) -> None:
    server.arm(Made(at_request=(CutClient(),)), nth=2)
    with httpx.Client(base_url=server.url, trust_env=False) as client:
        assert client.post("/v1/charges", json=CHARGE).status_code == 201
        with pytest.raises(httpx.ReadError):
            client.post("/v1/charges", json=CHARGE)
        assert client.post("/v1/charges", json=CHARGE).status_code == 201
    assert [outcome for _, outcome, _ in server.trace()] == ["status:201", "cut", "status:201"]


def test_a_fault_does_not_act_on_a_client_that_has_gone_by_itself(server: Served) -> None:
    entered, go = threading.Event(), threading.Event()

    @server.double.route("GET /waits")
    def waits(request: Request) -> Reply:
        entered.set()
        go.wait(5)
        return Reply()

    server.arm(Made(at_reply=(CutClient(),)), operation="GET /waits")
    client = dial(server, b"GET /waits HTTP/1.1\r\nHost: x\r\n\r\n")
    assert entered.wait(5)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    client.close()
    httpx.get(server.url + "/after-the-reset", trust_env=False)
    go.set()
    server.until(lambda: not server.board.under_way)
    assert server.fired() == 0


@pytest.mark.parametrize("command", [Refuse(), Fatal("53300", "full")])
def test_a_command_no_seam_of_http_can_obey_is_told_as_a_problem(server: Served, command: Command) -> None:
    server.arm(Made(at_request=(command,)))
    with dial(server, raw_post()) as client, pytest.raises(ConnectionResetError):
        client.recv(1)
    assert "can do with a request" in server.seam.problems[0]


def test_before_a_step_only_what_a_port_can_do_is_obeyed(server: Served) -> None:
    with pytest.raises(ValueError, match="before a step"):
        server.run(server.seam.at_step((Hold(),)))


def test_idle_connections_are_cut_and_a_client_connects_anew(server: Served) -> None:
    with httpx.Client(base_url=server.url, trust_env=False) as client:
        client.get("/v1/charges/c")
        server.run(server.seam.at_step((CutIdle(),)))
        server.until(lambda: server.seam.idle_sessions() == 0)
        assert client.get("/v1/charges/c").status_code == 200
    assert {c.session for c in server.call(lambda: server.board.trace)} == {1, 2}


def test_a_refusing_seam_is_refused_by_the_kernel_until_it_heals(server: Served) -> None:
    with httpx.Client(base_url=server.url, trust_env=False) as client:
        client.get("/v1/charges/c")
        server.run(server.seam.at_step((CutIdle(), Refuse())))
        with pytest.raises(httpx.ConnectError, match="Connection refused"):
            client.get("/v1/charges/c")
        assert server.call(server.seam.attempts) >= 1
        server.run(server.seam.heal())
        assert client.get("/v1/charges/c").status_code == 200


def test_connecting_to_a_vanished_seam_times_out_until_it_heals(server: Served) -> None:
    server.run(server.seam.at_step((Blackhole(),)))
    with pytest.raises(httpx.ConnectTimeout):
        httpx.get(server.url, trust_env=False, timeout=httpx.Timeout(5, connect=0.1))
    assert server.call(server.seam.attempts) == 1
    server.run(server.seam.heal())
    assert server.call(server.seam.attempts) == 1
    assert httpx.get(server.url + "/v1/charges/c", trust_env=False).status_code == 200


def test_an_attempt_that_vanished_is_refused_by_healing_and_does_not_get_through_later(
    server: Served,
) -> None:
    server.run(server.seam.at_step((Blackhole(),)))
    caught: list[BaseException] = []

    def call() -> None:
        try:
            httpx.post(server.url + "/v1/charges", json=CHARGE, trust_env=False, timeout=10)
        except httpx.ConnectError as error:
            caught.append(error)

    thread = threading.Thread(target=call)
    thread.start()
    server.until(lambda: server.seam.attempts())
    server.run(server.seam.heal())
    thread.join(5)
    assert len(caught) == 1
    assert server.double.ledger.effects() == ()
