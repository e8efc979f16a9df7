"""The embedded Redis server: started, answering, ended with whoever started it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
from tests.local_servers import redis_folders

from ripstop.errors import StartError, UsageError
from ripstop.service import redis as embedded
from ripstop.service.clock import Clock
from ripstop.service.redis import RedisServer


@pytest.fixture
def server() -> Iterator[RedisServer]:
    running = RedisServer.start()
    yield running
    running.stop()


def connect(server: RedisServer, **options: Any) -> redis.Redis:
    return redis.Redis(port=server.address.port, decode_responses=True, **options)


def test_it_answers_at_its_url_and_is_gone_after_stop(server: RedisServer) -> None:
    assert redis.from_url(server.address.url).ping()
    assert server.kind == "fakeredis"
    assert server.alive

    server.stop()
    server.stop()

    assert not server.alive
    with pytest.raises(redis.ConnectionError):
        connect(server, retry=None).ping()


@pytest.mark.parametrize("protocol", [2, 3])
def test_it_speaks_both_protocols(server: RedisServer, protocol: int) -> None:
    client = connect(server, protocol=protocol)
    client.hset("h", mapping={"a": "1"})
    client.zadd("z", {"m": 1.5})

    assert client.hgetall("h") == {"a": "1"}
    assert client.zscore("z", "m") == 1.5
    assert client.info("server")["redis_mode"] == "standalone"
    assert client.config_get("save") == {}


def test_a_worker_that_is_gone_takes_nothing_from_the_queue(server: RedisServer) -> None:
    gone = connect(server, socket_timeout=0.1, retry=None)
    with pytest.raises(redis.TimeoutError):
        gone.blpop(["jobs"], 0)
    gone.close()

    connect(server).rpush("jobs", "mail")

    assert connect(server).lrange("jobs", 0, -1) == ["mail"]


def test_a_worker_that_waits_is_woken(server: RedisServer) -> None:
    got: list[Any] = []
    thread = threading.Thread(target=lambda: got.append(connect(server).blpop(["jobs"], 5)))
    thread.start()
    connect(server).rpush("jobs", "mail")
    thread.join()

    assert [list(pair) for pair in got] == [["jobs", "mail"]]


def test_what_it_refuses_to_queue_makes_the_exec_fail(server: RedisServer) -> None:
    pipe = connect(server).pipeline()
    pipe.set("a", 1).execute_command("GET")

    with pytest.raises(redis.ResponseError, match="wrong number of arguments"):
        pipe.execute()
    assert connect(server).get("a") is None


def test_a_subscriber_in_resp3_may_go_on_asking(server: RedisServer) -> None:
    client = connect(server, protocol=3, single_connection_client=True)
    client.execute_command("SET", "a", "1")
    connection = client.connection
    assert connection is not None
    connection.send_command("SUBSCRIBE", "news")
    connection.send_command("GET", "a")

    assert connection.read_response(push_request=True) == ["subscribe", "news", 1]
    assert connection.read_response() == "1"


def test_a_password_is_demanded() -> None:
    server = RedisServer.start(password="s3cret")
    try:
        assert redis.from_url(server.address.url).ping()
        assert connect(server, protocol=3, username="default", password="s3cret").ping()
        for wrong in ({}, {"password": "other"}):
            with pytest.raises(redis.AuthenticationError):
                connect(server, protocol=2, **wrong).ping()
    finally:
        server.stop()


def test_it_dies_with_whoever_started_it(
    running: Callable[[int], bool], eventually: Callable[..., None]
) -> None:
    code = (
        "import time\nfrom ripstop.service.redis import RedisServer\n"
        "print(RedisServer.start().pid, flush=True)\ntime.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as owner:
        assert owner.stdout is not None
        pid = int(owner.stdout.readline())
        assert running(pid)
        owner.kill()

    eventually(lambda: not running(pid))


def test_a_program_that_ends_at_once_is_told_with_its_last_words(tmp_path: Path) -> None:
    program = tmp_path / "redis-server"
    program.write_text("#!/bin/sh\necho this is the reason\nexit 7\n")
    program.chmod(0o755)

    with pytest.raises(StartError, match="ended with status 7") as raised:
        RedisServer.start(bindir=str(tmp_path))

    assert raised.value.slug == "redis-died"
    assert "this is the reason" in raised.value.details


def test_another_port_is_asked_for_where_one_was_taken(tmp_path: Path) -> None:
    program = tmp_path / "redis-server"
    program.write_text("#!/bin/sh\necho 'bind: Address already in use'\nexit 1\n")
    program.chmod(0o755)

    with pytest.raises(StartError, match="no port was free in 5 tries"):
        RedisServer.start(bindir=str(tmp_path))


def test_a_folder_without_the_program_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=str(tmp_path)) as raised:
        RedisServer.start(bindir=str(tmp_path))

    assert raised.value.slug == "no-redis"


def test_settings_are_for_a_local_server_only() -> None:
    with pytest.raises(UsageError, match="takes no settings") as raised:
        RedisServer.start(settings={"maxmemory": "1mb"})

    assert raised.value.details == ("maxmemory",)


def test_a_missing_extra_is_told_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded.importlib.util, "find_spec", lambda name: None)

    with pytest.raises(UsageError, match="needs the package fakeredis") as raised:
        RedisServer.start()

    assert raised.value.slug == "extra-missing"
    assert 'pip install "ripstop[redis]"' in raised.value.way_out


def test_a_killed_server_is_seen_to_be_dead(server: RedisServer, eventually: Callable[..., None]) -> None:
    assert server.pid
    os.kill(server.pid, signal.SIGKILL)

    eventually(lambda: not server.alive)


@pytest.mark.parametrize("bindir", [*redis_folders(), None])
def test_local_servers_are_found_on_the_path(bindir: str | None) -> None:
    kinds = {"redis-server", "valkey-server"} if bindir else {"fakeredis"}
    server = RedisServer.start(bindir=bindir)
    try:
        assert server.kind in kinds
        assert connect(server).ping()
    finally:
        server.stop()


def test_its_keys_expire_by_a_clock_that_is_moved() -> None:
    clock = Clock.start()
    timed = RedisServer.start(env=clock.environment({"LD_PRELOAD": ""}))
    try:
        client = connect(timed)
        client.set("session", "ann", ex=86_400)
        clock.advance(timedelta(hours=23, minutes=59))
        assert client.get("session") == "ann"
        clock.advance(timedelta(minutes=2))
        assert client.get("session") is None
    finally:
        timed.stop()
        clock.close()
