"""A Redis that is away, injected beside genuine: what the client meets, its next command, what was done."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Any

import pytest
import redis
import redis.asyncio
from redis.backoff import NoBackoff
from redis.retry import Retry

from ripstop import faults
from ripstop.model.fault import FaultSpec

from .middleman import between, nobody, overrun
from .redis_harness import Proxied
from .redis_servers import cache, redis_server

__all__ = ["cache", "redis_server"]
TIMEOUT_S = 0.5
OPTIONS = {"socket_timeout": TIMEOUT_S, "socket_connect_timeout": TIMEOUT_S, "decode_responses": True}
Story = list[object]
CUTS = [
    (faults.connection_reset(), "before"),
    (faults.reply_lost(), "after"),
    (faults.hang(), "silence"),
]
GONE = [(faults.connection_refused(), nobody), (faults.unreachable(), overrun)]


def by_sync(port: int) -> Story:
    """An INCRBY and a GET on one client that tries nothing twice."""
    client: Any = redis.Redis(port=port, retry=Retry(NoBackoff(), 0), **OPTIONS)
    with client:
        return [told(lambda: client.incr("visits")), told(lambda: client.get("a"))]


def by_async(port: int) -> Story:
    async def work() -> Story:
        retry = redis.asyncio.retry.Retry(NoBackoff(), 0)
        client: Any = redis.asyncio.Redis(port=port, retry=retry, **OPTIONS)
        async with client:
            return [await atold(client.incr("visits")), await atold(client.get("a"))]

    return asyncio.run(work())


def told(ask: Callable[[], object]) -> object:
    try:
        return ask()
    except Exception as error:
        return chain(error)


async def atold(ask: Any) -> object:
    try:
        return await ask
    except Exception as error:
        return chain(error)


def chain(error: BaseException | None) -> list[tuple[str, str]]:
    """The errors of a chain and their words, without ports."""
    found = []
    while error is not None:
        kind = f"{type(error).__module__}.{type(error).__qualname__}"
        found.append((kind, re.sub(r":\d{4,5}|, \d{4,5}", "", str(error))))
        error = error.__cause__ or error.__context__
    return found


@pytest.mark.parametrize("ask", [by_sync, by_async])
@pytest.mark.parametrize(("fault", "how"), CUTS, ids=lambda one: getattr(one, "__name__", str(one)))
def test_a_connection_cut_or_silent_is_a_genuine_one(
    cache: Proxied, fault: FaultSpec, how: str, ask: Callable[[int], Story]
) -> None:
    cache.direct.set("a", "v")
    with between(cache.address.port, b"visits", how) as middleman:
        real = ask(middleman.port)
    done = cache.direct.getset("visits", 0)
    cache.arm(fault, "INCRBY visits")
    injected = ask(cache.seam.port)

    assert injected == real
    assert real[1] == "v"
    assert cache.direct.get("visits") == str(int(done or 0))


@pytest.mark.parametrize("ask", [by_sync, by_async])
@pytest.mark.parametrize(("fault", "place"), GONE, ids=lambda one: getattr(one, "__name__", str(one)))
def test_a_server_that_cannot_be_reached_is_a_genuine_one(
    cache: Proxied, fault: FaultSpec, place: Callable[[], Any], ask: Callable[[int], Story]
) -> None:
    with place() as port:
        real = ask(port)
    cache.arm(fault, "CONNECT", tries=0)
    injected = ask(cache.seam.port)
    cache.run(cache.seam.heal())

    assert injected == real
    assert real[0] == real[1]


def test_a_stale_connection_is_one_that_a_restart_ended(cache: Proxied) -> None:
    with between(cache.address.port, b"visits", "restart") as middleman:
        client = cache.client(middleman.port)
        real: Story = [client.incr("visits")]
        assert middleman.ended.wait(5)
        real += [told(lambda: client.get("a")), told(lambda: client.incr("visits"))]
    client = cache.client()
    cache.direct.set("visits", 0)
    injected: Story = [client.incr("visits")]
    cache.arm(faults.stale_connection(), "CONNECT")
    cache.until(lambda: cache.seam.idle_sessions() == 0)
    injected += [told(lambda: client.get("a")), told(lambda: client.incr("visits"))]

    assert injected == real
