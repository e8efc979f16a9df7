"""Deliveries to a service that answers, refuses, or is not there."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from ripstop.model.fault import CutClient
from ripstop.model.http import Request
from ripstop.seams.webhooks import Deliveries

from .http_harness import CHARGE, Made, served

HOOK = Request("POST", "/hook?a=1", (("x-signature", "s"),), b"{}")


@dataclass
class Service:
    """A server that notes what it was sent and answers as told."""

    statuses: list[int] = field(default_factory=list)
    got: list[tuple[str, str | None, bytes]] = field(default_factory=list)
    url: str = ""
    gate: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def service() -> Iterator[Service]:
    made = Service()
    made.gate.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            made.gate.wait(5)
            made.got.append((self.path, self.headers["x-signature"], body))
            self.send_response(made.statuses.pop(0) if made.statuses else 200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def deliveries(service: Service) -> Iterator[Deliveries]:
    made = Deliveries("payments", lambda: service.url, limit_s=3)
    yield made
    made.stop()


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.002)


def test_a_delivery_arrives_as_it_was_made_and_in_order(service: Service, deliveries: Deliveries) -> None:
    for number in range(3):
        deliveries.deliver(Request("POST", f"/hook?n={number}", HOOK.headers, b"{}"))
    until(lambda: not deliveries.busy())
    assert service.got == [(f"/hook?n={number}", "s", b"{}") for number in range(3)]
    assert deliveries.failed == ()


def test_what_is_on_its_way_is_told(service: Service, deliveries: Deliveries) -> None:
    service.gate.clear()
    deliveries.deliver(HOOK)
    assert deliveries.busy() == ("payments: 1 webhooks on their way",)
    service.gate.set()
    until(lambda: not deliveries.busy())


def test_a_refused_delivery_is_kept_and_sent_again_when_asked(
    service: Service, deliveries: Deliveries
) -> None:
    service.statuses = [500]
    deliveries.deliver(HOOK)
    until(lambda: not deliveries.busy())
    assert deliveries.failed == ((HOOK, "status 500"),)
    assert deliveries.again() == 1
    until(lambda: not deliveries.busy())
    assert (deliveries.failed, len(service.got)) == ((), 2)


def test_a_service_that_is_not_there_fails_the_delivery_and_no_more() -> None:
    deliveries = Deliveries("payments", lambda: "http://127.0.0.1:9", limit_s=3)
    deliveries.deliver(HOOK)
    until(lambda: deliveries.failed)
    assert "ConnectError" in deliveries.failed[0][1]
    deliveries.clear()
    assert (deliveries.failed, deliveries.again()) == ((), 0)
    deliveries.stop()


@pytest.mark.parametrize(("fault", "outcome"), [(None, "status:201"), (Made(at_reply=(CutClient(),)), "cut")])
def test_a_seam_tells_of_each_exchange_s_end_once_it_was_answered_or_cut(
    fault: Made | None, outcome: str
) -> None:
    outcomes: list[str] = []

    def tell(_times: int) -> int:
        outcomes.append(server.board.trace[-1].outcome)
        return 0

    with served(after=tell) as server:
        if fault:
            server.arm(fault)
        with contextlib.suppress(httpx.TransportError):
            httpx.post(f"{server.url}/v1/charges", json=CHARGE, trust_env=False)
        until(lambda: outcomes)
    assert outcomes == [outcome]
