"""Redis servers for the tests of keys: the embedded one, and a local redis-server where there is one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import redis
from tests.local_servers import redis_folders

from ripstop.service.redis import RedisServer
from ripstop.state.keyspace import Keyspace

SERVERS = (None, *redis_folders())


@pytest.fixture(scope="module", params=SERVERS, ids=lambda bindir: "local" if bindir else "embedded")
def server(request: pytest.FixtureRequest) -> Iterator[RedisServer]:
    running = RedisServer.start(bindir=request.param)
    yield running
    running.stop()


@pytest.fixture
def client(server: RedisServer) -> Iterator[redis.Redis]:
    """A client of the real server, which starts empty."""
    with redis.Redis(port=server.address.port, decode_responses=True) as one:
        one.flushall()
        yield one


@pytest.fixture
def keyspace(server: RedisServer, client: redis.Redis) -> Iterator[Keyspace]:
    """Marked while there was no key."""
    one = Keyspace.open(server.address, seam="cache")
    yield one
    one.close()
