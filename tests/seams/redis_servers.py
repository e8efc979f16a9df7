"""Fixtures of the Redis seam's tests: the embedded server, and a local redis-server where there is one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.local_servers import redis_folders

from ripstop.service.redis import RedisServer

from .redis_harness import Proxied, proxied

SERVERS = (None, *redis_folders())


@pytest.fixture(scope="module", params=SERVERS, ids=lambda bindir: "local" if bindir else "embedded")
def redis_server(request: pytest.FixtureRequest) -> Iterator[RedisServer]:
    running = RedisServer.start(bindir=request.param)
    yield running
    running.stop()


@pytest.fixture
def cache(redis_server: RedisServer) -> Iterator[Proxied]:
    """A seam that must still track every connection when the test is over."""
    with proxied(redis_server.address) as one:
        yield one
        assert one.call(lambda: one.seam.notes) == ()


@pytest.fixture
def frail(redis_server: RedisServer) -> Iterator[Proxied]:
    """A seam that may lose track, and keeps little."""
    with proxied(redis_server.address, limit_bytes=65_536) as one:
        yield one
