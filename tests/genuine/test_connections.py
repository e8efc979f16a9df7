"""Injected equals genuine where the connection itself fails: refused, full, lost, or lost too late."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import psycopg
import pytest

from ripstop import faults
from ripstop.model.fault import FaultSpec
from ripstop.model.trace import CONNECT
from ripstop.service.postgres import PostgresServer

from .conftest import Rival, Shop, proxied, until
from .drivers import DRIVERS, Driver, Seen, Step, seen
from .rows import SLOW_STOCK, TAKE, WAIT

# In a pipeline, answers to earlier statements may or may not have left a server that is killed.
ONE_BY_ONE = [name for name in DRIVERS if "pipeline" not in name]
CONNECTING = {name: DRIVERS[name] for name in ("psycopg", "asyncpg")}


@pytest.fixture(scope="module")
def small() -> Iterator[Shop]:
    """A server of our own that takes few sessions and may be hurt."""
    server = PostgresServer.start(
        settings={"max_connections": "6", "superuser_reserved_connections": "0", "restart_after_crash": "on"}
    )
    with proxied(server.admin) as shop:
        yield shop
    server.stop()


@pytest.mark.parametrize("driver", CONNECTING)
def test_a_server_that_is_full_refuses_in_its_own_words(small: Shop, driver: str) -> None:
    small.reset()
    ordinary = replace(small.address, user="service", password="service")
    rooms = []
    while (one := seen(lambda: rooms.append(psycopg.connect(ordinary.url)))).kind == "gave None":
        pass
    genuine = connecting(driver, small, user="service")
    for room in rooms:
        room.close()
    injection = small.arm(faults.pool_exhausted(), CONNECT, tries=0)

    assert connecting(driver, small, user="service") == genuine
    assert "sorry, too many clients already" in str(one)
    assert small.fired(injection)


@pytest.mark.parametrize("driver", CONNECTING)
def test_a_refused_connection_is_one_to_a_port_nobody_listens_on(
    shop: Shop, rival: Rival, driver: str
) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        genuine = seen(lambda: CONNECTING[driver](replace(shop.address, port=nobody.getsockname()[1]).url))
    shop.arm(faults.connection_refused(), CONNECT)
    injected = connecting(driver, shop)
    shop.heal()

    assert injected == genuine
    assert connecting(driver, shop).kind == "gave 'IDLE'"


@pytest.mark.parametrize("driver", ONE_BY_ONE)
def test_a_lost_connection_is_one_whose_backend_was_killed_at_the_statement(small: Shop, driver: str) -> None:
    steps: tuple[Step, ...] = (("BEGIN",), TAKE, WAIT)
    small.reset()
    with psycopg.connect(small.address.url, autocommit=True) as admin:
        admin.execute(SLOW_STOCK[0])
    before = checkpointer(small)
    genuine = lose(DRIVERS[driver], small.address.url, steps, lambda: kill_sleeper(small))
    recover(small, before)
    small.reset()
    injection = small.arm(faults.connection_lost(), "SELECT stock")
    injected = lose(DRIVERS[driver], small.url, steps, lambda: None)

    assert small.fired(injection)
    assert injected == genuine


@pytest.mark.parametrize("driver", DRIVERS)
def test_a_lost_commit_and_a_lost_reply_look_the_same_and_differ_in_the_rows(
    shop: Shop, rival: Rival, driver: str
) -> None:
    looks, rows = zip(
        *(committed(shop, driver, spec) for spec in (faults.connection_lost(), faults.reply_lost())),
        strict=True,
    )

    assert looks[0] == looks[1]
    assert any(one.failed for one in looks[0])
    assert rows == (10, 9)


def committed(shop: Shop, driver: str, spec: FaultSpec) -> tuple[tuple[Seen, ...], int]:
    """What the client sees of its COMMIT and after it, and the number that stands in the row."""
    shop.reset()
    injection = shop.arm(spec, "COMMIT")
    look = lose(DRIVERS[driver], shop.url, (("BEGIN",), TAKE, ("COMMIT",)), lambda: None)
    assert shop.fired(injection)
    shop.heal()
    with psycopg.connect(shop.address.url, autocommit=True) as admin:
        (number,) = admin.execute("SELECT n FROM stock WHERE id = 1").fetchone() or (None,)
    return look, number


def lose(
    connect: Callable[[str], Driver], url: str, steps: tuple[Step, ...], strike: Callable[[], None]
) -> tuple[Seen, ...]:
    """The failure of the last step without its words, the state after, and what the next one does."""
    driver = connect(url)
    striker = threading.Thread(target=strike)
    try:
        for step in steps[:-1]:
            driver.run(step)
        striker.start()
        failure = driver.fail(steps[-1])
        striker.join()
        after = (seen(driver.state), seen(lambda: driver.run(("SELECT 'next'",))))
        return tuple(one.without(frozenset({"text"})) for one in (*failure, *after))
    finally:
        driver.close()


def connecting(driver: str, shop: Shop, user: str | None = None) -> Seen:
    address = replace(shop.address, port=shop.seam.port, user=user or shop.address.user, password="service")

    def connect() -> str:
        opened = CONNECTING[driver](address.url)
        state = opened.state()
        opened.close()
        return state

    return seen(connect)


def kill_sleeper(shop: Shop) -> None:
    until(shop.address, "wait_event = 'PgSleep'")
    with psycopg.connect(shop.address.url, autocommit=True) as admin:
        sql = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
        ((pid,),) = admin.execute(sql).fetchall()
    os.kill(pid, signal.SIGKILL)


def recover(shop: Shop, before: int) -> None:
    """Wait until the server has noticed its crash and is back: its own helpers are new processes then."""
    deadline = time.monotonic() + 20
    while True:
        assert time.monotonic() < deadline, "the server did not come back"
        with contextlib.suppress(psycopg.Error):
            if checkpointer(shop) != before:
                return


def checkpointer(shop: Shop) -> int:
    with psycopg.connect(shop.address.url, autocommit=True) as admin:
        sql = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'"
        ((pid,),) = admin.execute(sql).fetchall()
    return int(pid)
