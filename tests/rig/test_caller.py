"""The caller: requests become steps; no answer is an assertion that fails."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ripstop.model.trace import Phase
from ripstop.rig.caller import Caller, NoAnswer

BUDGET_S = 0.4


class Answering(BaseHTTPRequestHandler):
    """Echoes bodies; holds /hang until the test is over and /late as long as the budget; drops /drop."""

    over = threading.Event()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.path == "/hang":
            self.over.wait(10)
        if self.path == "/late":
            self.over.wait(BUDGET_S)
        if self.path == "/drop":
            self.close_connection = True
            return
        self.send_response(201)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def url() -> Iterator[str]:
    Answering.over.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        Answering.over.set()
        server.shutdown()


@pytest.fixture
def caller() -> Iterator[Caller]:
    made = Caller(BUDGET_S, lambda phase, step: None, lambda step: None)
    yield made
    made.close()


def test_each_request_is_a_step_and_a_repetition_is_numbered(caller: Caller, url: str) -> None:
    with caller.client(url) as client:
        client.post("/orders", json={"n": 1})
        client.post("/orders", json={"n": 2})
        client.post("/orders/42/pay", json={})

    assert [e.step for e in caller.exchanges] == ["POST /orders", "POST /orders (2)", "POST /orders/{id}/pay"]


@pytest.mark.parametrize("address", ["ada@example.com", "b6f1c2@example.com", "ada%40example.com"])
def test_a_step_is_the_same_whoever_s_address_is_in_its_path(caller: Caller, url: str, address: str) -> None:
    with caller.client(url) as client:
        client.post(f"/password-recovery/{address}", json={})

    assert caller.exchanges[0].step == "POST /password-recovery/{id}"


def test_an_answer_is_kept_as_it_came(caller: Caller, url: str) -> None:
    with caller.client(url) as client:
        response = client.post("/orders", content=b'{"n": 1}')

    (exchange,) = caller.exchanges
    assert (exchange.answer.status, exchange.answer.body) == (response.status_code, response.content)
    assert exchange.request.body == b'{"n": 1}'


def test_no_answer_within_the_budget_is_an_assertion_that_says_so(caller: Caller, url: str) -> None:
    with caller.client(url) as client, pytest.raises(NoAnswer, match=r"POST /hang: no answer within 0\.4 s"):
        client.post("/hang", json={})

    assert issubclass(NoAnswer, AssertionError)
    assert caller.exchanges[0].answer.failure == "timeout"


def test_a_dropped_connection_is_told_from_a_slow_one(caller: Caller, url: str) -> None:
    with caller.client(url) as client, pytest.raises(NoAnswer, match="dropped the connection"):
        client.post("/drop", json={})

    assert caller.exchanges[0].answer.failure == "dropped"


def test_a_request_is_repeated_byte_for_byte(caller: Caller, url: str) -> None:
    with caller.client(url) as client:
        client.post("/orders", content=b"\x00\xff odd", headers={"Idempotency-Key": "k"})

    again = caller.repeat(caller.exchanges[0], url, phase=Phase.RETRY)

    assert again.answer.body == b"\x00\xff odd"
    assert again.request.header("idempotency-key") == "k"
    assert len(caller.exchanges) == 1


def test_a_new_run_counts_its_steps_from_the_first(caller: Caller, url: str) -> None:
    with caller.client(url) as client:
        client.post("/orders", json={})
        caller.begin()
        client.post("/orders", json={})

    assert [e.step for e in caller.exchanges] == ["POST /orders"]


def test_an_answer_that_follows_a_time_out_as_long_as_the_budget_is_an_answer(
    caller: Caller, url: str
) -> None:
    with caller.client(url) as client:
        client.post("/orders", json={})
        (usual,) = caller.exchanges
        caller.learn(replace(usual, step="POST /late", answer=replace(usual.answer, duration_ms=2_000)))

        assert client.post("/late", json={}).status_code == 201


def test_a_test_s_own_time_out_is_left_as_it_is(caller: Caller, url: str) -> None:
    with caller.client(url) as client, pytest.raises(NoAnswer):
        client.post("/late", json={}, timeout=0.05)

    assert caller.exchanges[0].answer.duration_ms < BUDGET_S * 1_000
