"""Injected failures of a provider beside genuine ones: what each client meets, and its next call."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
import requests
import stripe

from ripstop import faults
from ripstop.doubles import Double, Reply, Request
from ripstop.faults import catalogue
from ripstop.model.fault import Facts, FaultSpec

from .http_genuine import (
    CHARGED,
    PAGE,
    Fail,
    answering,
    dead_in_the_body,
    done_and_gone,
    done_and_silent,
    genuine,
    silent,
    unread,
)
from .http_harness import OPERATION, Served, served
from .middleman import nobody, overrun

TIMEOUT_S = 0.3
Story = list[object]
UNAVAILABLE = {"error": {"type": "api_error", "message": "Service Unavailable"}}
DECLINED = {"error": {"code": "card_declined"}}
CASES: list[tuple[FaultSpec, Fail]] = [
    (faults.connection_reset(), unread),
    (faults.reply_lost(), done_and_gone),
    (faults.hang(), silent),
    (faults.late_reply(60_000), done_and_silent),
    (faults.truncated(), dead_in_the_body),
    (faults.malformed(), answering(201, PAGE)),
    (faults.empty(), answering(201, b"")),
    (faults.status(503), answering(503, json.dumps(UNAVAILABLE).encode())),
    (faults.declined("card_declined"), answering(402, json.dumps(DECLINED).encode())),
]


def with_httpx(url: str) -> Story:
    """Two charges over one client's pool; what each gave."""
    with httpx.Client(base_url=url, timeout=TIMEOUT_S, trust_env=False) as client:
        return twice(lambda: client.post("/v1/charges", json={"amountCents": 1}))


def with_requests(url: str) -> Story:
    with requests.Session() as session:
        ask = lambda: session.post(f"{url}/v1/charges", json={"amountCents": 1}, timeout=TIMEOUT_S)  # noqa: E731
        return twice(ask)


def with_stripe(url: str) -> Story:
    client = stripe.StripeClient(
        "sk_test",
        base_addresses={"api": url},
        http_client=stripe.RequestsClient(timeout=TIMEOUT_S),
        max_network_retries=0,
    )
    return twice(lambda: client.v1.charges.create({"amount": 1}))


def twice(ask: Callable[[], Any]) -> Story:
    return [told(ask), told(ask)]


def told(ask: Callable[[], Any]) -> object:
    """A status and a body as far as it can be read; else the error, its causes and their words."""
    try:
        answer = ask()
        if isinstance(answer, stripe.StripeObject):
            return answer.to_dict().get("status")
        return answer.status_code, answer.json().get("status"), answer.json().get("error")
    except Exception as error:
        return chain(error)


def chain(error: BaseException | None) -> list[tuple[str, str]]:
    """Each error of a chain; numbers of ports and objects, and a page that is quoted, are taken out."""
    found = []
    while error is not None:
        words = re.sub(r"0x[0-9a-f]+|port=\d+|:\d{4,5}|<html.*html>", "", str(error), flags=re.DOTALL)
        found.append((f"{type(error).__module__}.{type(error).__qualname__}", words))
        error = error.__cause__ or error.__context__
    return found


@pytest.fixture
def seam() -> Iterator[Served]:
    """A double that takes a charge in any client's form."""
    double = Double("payments")

    @double.route(OPERATION, effect="charge")
    def charge(_: Request) -> Reply:
        return Reply.of(201, CHARGED)

    double.error("card_declined", on=OPERATION, reply=Reply.of(402, DECLINED))
    with served(double) as one:
        yield one


@contextmanager
def broken(seam: Served, spec: FaultSpec) -> Iterator[str]:
    """The seam's URL while a fault is armed for the first charge."""
    errors, shapes = seam.double.facts_for(OPERATION)
    fault = catalogue.build(spec, "http", Facts(errors=errors, error_shapes=shapes))
    seam.arm(fault)
    seam.run(seam.seam.at_step(fault.at_step()))
    yield seam.url
    seam.run(seam.seam.heal())


@pytest.mark.parametrize("tell", [with_httpx, with_requests, with_stripe])
@pytest.mark.parametrize(
    ("spec", "fail"), CASES, ids=lambda one: str(one) if isinstance(one, FaultSpec) else ""
)
def test_a_client_cannot_tell_an_injected_failure_from_a_genuine_one(
    seam: Served, spec: FaultSpec, fail: Fail, tell: Callable[[str], Story]
) -> None:
    with genuine(fail) as server:
        real, effects = tell(server.url), server.effects
    with broken(seam, spec) as url:
        injected = tell(url)

    assert injected == real
    assert injected[0] != injected[1]
    assert len(seam.double.ledger.effects("charge")) == effects


@pytest.mark.parametrize("tell", [with_httpx, with_requests, with_stripe])
def test_a_refused_connection_is_one_to_a_port_where_nobody_listens(
    seam: Served, tell: Callable[[str], Story]
) -> None:
    with nobody() as port:
        real = tell(f"http://127.0.0.1:{port}")
    with broken(seam, faults.connection_refused()) as url:
        injected = tell(url)

    assert injected == real


@pytest.mark.parametrize("tell", [with_httpx, with_requests, with_stripe])
def test_an_unreachable_server_is_one_whose_kernel_drops_what_comes(
    seam: Served, tell: Callable[[str], Story]
) -> None:
    with overrun() as port:
        real = tell(f"http://127.0.0.1:{port}")
    with broken(seam, faults.unreachable()) as url:
        injected = tell(url)

    assert injected == real
