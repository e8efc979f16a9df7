"""Tests of every fault of HTTP end to end: the catalogue's fault, the seam, a double, a real client."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import requests

from ripstop import faults
from ripstop.faults import catalogue
from ripstop.model.fault import Facts, FaultSpec
from ripstop.model.trace import Crossing, CrossingId, Kind

from .http_harness import CHARGE, OPERATION, Served, dial, raw_post, served


@pytest.fixture
def server() -> Iterator[Served]:
    with served() as one:
        yield one


@dataclass(frozen=True)
class Seen:
    """What came of one charge under a fault: by the client, at the double, on the board."""

    reply: httpx.Response | None
    error: type[Exception] | None
    effects: int
    outcome: str
    fired: int


def charged(server: Served, spec: FaultSpec, *, timeout_s: float = 3.0) -> Seen:
    """Arm the fault, charge once as a service does, heal."""
    reply, error = None, None
    enter(server, spec)
    try:
        reply = httpx.post(server.url + "/v1/charges", json=CHARGE, trust_env=False, timeout=timeout_s)
    except httpx.TransportError as caught:
        error = type(caught)
    server.run(server.seam.heal())
    server.until(lambda: not server.board.under_way)
    crossings = server.call(lambda: server.board.trace)
    outcome = crossings[0].outcome if crossings else ""
    return Seen(reply, error, len(server.double.ledger.effects("charge")), outcome, server.fired())


def enter(server: Served, spec: FaultSpec) -> None:
    """Arm a fault for the first charge and do what it does before the step."""
    errors, shapes = server.double.facts_for(OPERATION)
    fault = catalogue.build(spec, "http", Facts(errors=errors, error_shapes=shapes))
    server.arm(fault)
    server.run(server.seam.at_step(fault.at_step()))


def test_connection_reset_is_a_read_error_without_effect(server: Served) -> None:
    seen = charged(server, faults.connection_reset())
    assert (seen.error, seen.effects, seen.outcome, seen.fired) == (httpx.ReadError, 0, "cut", 1)


def test_reply_lost_is_the_same_read_error_with_the_effect(server: Served) -> None:
    seen = charged(server, faults.reply_lost())
    assert (seen.error, seen.effects, seen.outcome, seen.fired) == (httpx.ReadError, 1, "cut", 1)


def test_a_lost_reply_is_replayed_to_a_retry_with_the_same_key(server: Served) -> None:
    enter(server, faults.reply_lost())
    with httpx.Client(base_url=server.url, trust_env=False, headers={"Idempotency-Key": "k"}) as client:
        with pytest.raises(httpx.ReadError):
            client.post("/v1/charges", json=CHARGE)
        retry = client.post("/v1/charges", json=CHARGE)
    assert (retry.status_code, retry.headers["idempotent-replayed"]) == (201, "true")
    assert len(server.double.ledger.effects("charge")) == 1


def test_a_reset_request_left_nothing_under_its_key(server: Served) -> None:
    enter(server, faults.connection_reset())
    with httpx.Client(base_url=server.url, trust_env=False, headers={"Idempotency-Key": "k"}) as client:
        with pytest.raises(httpx.ReadError):
            client.post("/v1/charges", json=CHARGE)
        assert "idempotent-replayed" not in client.post("/v1/charges", json=CHARGE).headers


def test_hang_is_a_read_timeout_without_effect(server: Served) -> None:
    seen = charged(server, faults.hang(), timeout_s=0.2)
    assert (seen.error, seen.effects, seen.outcome, seen.fired) == (httpx.ReadTimeout, 0, "held", 1)


def test_late_reply_is_a_read_timeout_with_the_effect(server: Served) -> None:
    seen = charged(server, faults.late_reply(60_000), timeout_s=0.2)
    assert (seen.error, seen.effects, seen.fired) == (httpx.ReadTimeout, 1, 1)


def test_slow_comes_whole_and_late(server: Served) -> None:
    started = time.monotonic()
    seen = charged(server, faults.slow(delay_ms=60))
    assert time.monotonic() - started >= 0.06
    assert (seen.reply and seen.reply.status_code, seen.effects, seen.fired) == (201, 1, 1)


def test_a_dribble_outlasts_a_read_timeout_that_starts_anew_with_each_byte(server: Served) -> None:
    started = time.monotonic()
    seen = charged(server, faults.slow(dribble_ms=5), timeout_s=0.15)
    assert time.monotonic() - started > 0.15
    assert (seen.error, seen.reply and seen.reply.json()["status"]) == (None, "succeeded")


@pytest.mark.parametrize("code", [500, 502, 503, 429, 401, 404])
def test_a_status_comes_with_the_providers_own_body_and_without_effect(server: Served, code: int) -> None:
    seen = charged(server, faults.status(code))
    assert seen.reply is not None
    assert (seen.reply.status_code, "message" in seen.reply.json()["error"]) == (code, True)
    assert (seen.effects, seen.outcome, seen.fired) == (0, f"status:{code}", 1)


def test_a_429_says_when_to_come_back(server: Served) -> None:
    seen = charged(server, faults.status(429, retry_after_s=7))
    assert seen.reply is not None
    assert seen.reply.headers["retry-after"] == "7"


def test_declined_is_the_error_the_double_declares(server: Served) -> None:
    seen = charged(server, faults.declined("card_declined"))
    assert seen.reply is not None
    assert (seen.reply.status_code, seen.reply.json()["error"]["code"]) == (402, "card_declined")
    assert (seen.effects, seen.fired) == (0, 1)


def test_truncated_breaks_off_in_the_body_after_the_effect(server: Served) -> None:
    seen = charged(server, faults.truncated())
    assert (seen.error, seen.effects, seen.outcome) == (httpx.RemoteProtocolError, 1, "cut")


def test_truncated_is_a_chunked_encoding_error_to_requests(server: Served) -> None:
    enter(server, faults.truncated())
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        requests.post(server.url + "/v1/charges", json=CHARGE, timeout=3)


def test_malformed_is_a_success_nobody_can_read(server: Served) -> None:
    seen = charged(server, faults.malformed())
    assert seen.reply is not None
    assert (seen.reply.status_code, seen.effects, seen.fired) == (201, 1, 1)
    with pytest.raises(ValueError):
        seen.reply.json()


def test_empty_is_a_success_without_a_byte(server: Served) -> None:
    seen = charged(server, faults.empty())
    assert seen.reply is not None
    assert (seen.reply.status_code, seen.reply.content, seen.effects, seen.fired) == (201, b"", 1, 1)


def test_missing_field_leaves_the_id_out(server: Served) -> None:
    seen = charged(server, faults.missing_field())
    assert seen.reply is not None
    assert (seen.reply.json(), seen.effects) == ({"status": "succeeded"}, 1)


def test_wrong_type_gives_a_field_another_type(server: Served) -> None:
    seen = charged(server, faults.wrong_type("status"))
    assert seen.reply is not None
    assert (isinstance(seen.reply.json()["status"], str), seen.effects) == (False, 1)


def test_connection_refused_is_a_refusal_by_the_kernel_also_to_a_pooled_client(server: Served) -> None:
    with httpx.Client(base_url=server.url, trust_env=False) as client:
        client.get("/v1/charges/c")
        enter(server, faults.connection_refused())
        with pytest.raises(httpx.ConnectError, match="Connection refused"):
            client.post("/v1/charges", json=CHARGE)
        assert server.call(server.seam.attempts) >= 1
        server.run(server.seam.heal())
        assert client.post("/v1/charges", json=CHARGE).status_code == 201


def test_unreachable_is_a_connect_timeout_also_to_a_pooled_client(server: Served) -> None:
    with httpx.Client(base_url=server.url, trust_env=False, timeout=httpx.Timeout(3, connect=0.1)) as client:
        client.get("/v1/charges/c")
        enter(server, faults.unreachable())
        with pytest.raises(httpx.ConnectTimeout):
            client.post("/v1/charges", json=CHARGE)
        assert server.call(server.seam.attempts) >= 1
        server.run(server.seam.heal())
        assert client.post("/v1/charges", json=CHARGE).status_code == 201


def test_every_fault_offered_at_a_recorded_call_can_be_obeyed(server: Served) -> None:
    errors, shapes = server.double.facts_for(OPERATION)
    httpx.post(server.url + "/v1/charges", json=CHARGE, trust_env=False)
    facts = Facts(errors=errors, error_shapes=shapes, reply=server.seam.last_reply(OPERATION), budget_ms=40)
    crossing = Crossing(CrossingId("step", "payments", OPERATION), "http", Kind.CALL)
    offered: tuple[Any, ...] = catalogue.offered(crossing, facts)
    for fault in offered:
        server.call(server.board.begin)
        server.call(lambda: setattr(server.board, "phase", crossing.phase))
        server.call(lambda: setattr(server.board, "step", "step"))
        assert charged(server, fault.spec, timeout_s=0.1).fired or fault.at_step(), fault.spec
    assert len(offered) >= 15
    assert server.seam.problems == []


def test_a_reset_reaches_a_client_that_is_still_sending(server: Served) -> None:
    enter(server, faults.connection_reset())
    with dial(server, raw_post()) as client, pytest.raises(ConnectionError):
        client.sendall(b"POST /v1/charges HTTP/1.1\r\n" * 500_000)
