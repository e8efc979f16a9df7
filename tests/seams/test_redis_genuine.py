"""An injected failure is what a real one is: the error, the connection after it, the next command."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
import redis
import redis.asyncio
from redis.backoff import NoBackoff
from redis.retry import Retry
from tests.local_servers import redis_folders

from ripstop.model.fault import FaultSpec
from ripstop.service.redis import RedisServer

from .redis_genuine import ERRORS, PROVOKE, provoked, recorded
from .redis_harness import Proxied
from .redis_servers import cache, redis_server

__all__ = ["cache", "redis_server"]
Picture = tuple[str, str, bool, Any]
LOCAL = redis_folders()
CASES = [("recorded", name) for name in ERRORS] + [("local", name) for name in PROVOKE if LOCAL]
QUEUED = [(source, name) for source, name in CASES if name != "wrong_key_type"]


@pytest.fixture(scope="module")
def local() -> Iterator[RedisServer | None]:
    server = RedisServer.start(bindir=LOCAL[0]) if LOCAL else None
    yield server
    if server:
        server.stop()


def genuine(source: str, name: str, local: RedisServer | None) -> AbstractContextManager[int]:
    return provoked(local, name) if source == "local" and local else recorded(name)


def told(error: Exception, connected: bool, after: Any) -> Picture:
    return (f"{type(error).__module__}.{type(error).__qualname__}", str(error), connected, after)


def by_sync(port: int, protocol: int, *, in_multi: bool) -> Picture:
    """One refused INCR through redis-py, and a GET after it."""
    client: Any = redis.Redis(
        port=port, protocol=protocol, retry=Retry(NoBackoff(), 0), decode_responses=True
    )
    with client, pytest.raises(redis.RedisError) as raised:
        client.pipeline().incr("visits").execute() if in_multi else client.incr("visits")
    with client:
        connected = all(one.is_connected for one in client.connection_pool._available_connections)
        return told(raised.value, connected, client.get("a"))


def by_async(port: int, protocol: int, *, in_multi: bool) -> Picture:
    """The same through redis.asyncio."""

    async def work() -> Picture:
        client: Any = redis.asyncio.Redis(
            port=port,
            protocol=protocol,
            retry=redis.asyncio.retry.Retry(NoBackoff(), 0),
            decode_responses=True,
        )
        async with client:
            with pytest.raises(redis.RedisError) as raised:
                await (client.pipeline().incr("visits").execute() if in_multi else client.incr("visits"))
            connected = all(one.is_connected for one in client.connection_pool._available_connections)
            return told(raised.value, connected, await client.get("a"))

    return asyncio.run(work())


@pytest.mark.parametrize("protocol", [2, 3])
@pytest.mark.parametrize("ask", [by_sync, by_async])
@pytest.mark.parametrize(("source", "name"), CASES)
def test_a_refused_command_looks_like_a_real_one(
    cache: Proxied, local: RedisServer | None, source: str, name: str, ask: Any, protocol: int
) -> None:
    with genuine(source, name, local) as port:
        real = ask(port, protocol, in_multi=False)
    cache.direct.set("a", "v")
    cache.arm(FaultSpec(name), "INCRBY visits")

    assert ask(cache.seam.port, protocol, in_multi=False) == real
    assert cache.fired() == 1


@pytest.mark.parametrize("protocol", [2, 3])
@pytest.mark.parametrize("ask", [by_sync, by_async])
@pytest.mark.parametrize(("source", "name"), QUEUED)
def test_a_refused_command_of_a_transaction_looks_like_a_real_one(
    cache: Proxied, local: RedisServer | None, source: str, name: str, ask: Any, protocol: int
) -> None:
    with genuine(source, name, local) as port:
        real = ask(port, protocol, in_multi=True)
    cache.direct.set("a", "v")
    cache.arm(FaultSpec(name), "INCRBY visits")

    assert ask(cache.seam.port, protocol, in_multi=True) == real


@pytest.mark.parametrize("ask", [by_sync, by_async])
def test_a_server_that_goes_away_looks_like_a_cut_connection(cache: Proxied, ask: Any) -> None:
    cache.direct.set("a", "v")
    cache.arm(FaultSpec("connection_reset"), "INCRBY visits")

    kind, _, _, after = ask(cache.seam.port, 2, in_multi=False)

    assert kind == "redis.exceptions.ConnectionError"
    assert after == "v"
