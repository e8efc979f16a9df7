"""Injected equals genuine for the pool a service takes its connections from: is it poisoned, does it mend."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest

from ripstop import faults
from ripstop.model.trace import CONNECT
from ripstop.wire import sql

from .conftest import Rival, Shop
from .drivers import Seen, seen
from .pools import POOLS, Before, Pool
from .rows import ROWS, Row

NAMES = (
    "a duplicate primary key in a transaction",
    "a duplicate key outside a transaction",
    "write skew, found at commit",
    "a deadlock",
    "a hang ended by the statement time-out",
    "a deferred constraint, the model of an error at commit",
)
PING = (("SELECT 'ping'",),)


@pytest.mark.parametrize("pool", POOLS)
@pytest.mark.parametrize("row", [r for r in ROWS if r.name in NAMES], ids=lambda row: row.name)
def test_a_pool_goes_on_as_after_a_genuine_failure(shop: Shop, rival: Rival, row: Row, pool: str) -> None:
    genuine = fail(POOLS[pool], shop.address.url, row, lambda at: rival.moves(row.rival.get(at, ())))
    rival.leaves()
    shop.reset()
    operations = [sql.parse(step[0]).operation for step in row.steps]
    injection = shop.arm(row.fault, operations[-1], operations.count(operations[-1]))
    injected = fail(POOLS[pool], shop.url, row, lambda _: None)

    assert shop.fired(injection)
    shop.heal()
    assert genuine[0].failed
    assert injected == genuine


@pytest.mark.parametrize("told", [True, False], ids=["the server ends them", "the proxy speaks for it"])
@pytest.mark.parametrize("pool", POOLS)
def test_a_stale_connection_is_one_whose_backend_was_terminated(
    shop: Shop, rival: Rival, pool: str, told: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    genuine = outlive(POOLS[pool], shop.address.url, lambda: terminated(shop))
    if not told:
        monkeypatch.setattr(shop.seam, "_terminate", None)
    injected = outlive(POOLS[pool], shop.url, lambda: shop.arm(faults.stale_connection(), CONNECT))

    shop.heal()
    assert genuine[0].kind == "gave True"
    assert injected == genuine


def fail(make: Callable[[str], Pool], url: str, row: Row, before: Before) -> tuple[Seen, Seen, Seen]:
    """The failure, whether the next check-out gets the same session, and the one after it."""
    pool = make(url)
    try:
        pid = pool.use(PING)
        failure = seen(lambda: pool.use(row.steps, before)).without(row.apart_from)
        again = seen(lambda: pool.use(PING) == pid)
        return failure, again, seen(lambda: pool.use(PING) == pid)
    finally:
        pool.close()


def outlive(make: Callable[[str], Pool], url: str, strike: Callable[[], object]) -> tuple[Seen, ...]:
    pool = make(url)
    try:
        pid = pool.use(PING)
        before = seen(lambda: pool.use(PING) == pid)
        strike()
        return before, *(seen(lambda: pool.use(PING) == pid) for _ in range(3))
    finally:
        pool.close()


def terminated(shop: Shop) -> None:
    """End every session of the database but our own."""
    with psycopg.connect(shop.address.url, autocommit=True) as admin:
        found = admin.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        pids = tuple(pid for (pid,) in found)
    shop.terminate(pids)
