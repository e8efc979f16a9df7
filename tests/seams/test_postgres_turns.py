"""A statement that waits for its turn at the PostgreSQL seam: it looks at the rows of its own moment."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import asyncpg
import psycopg
import pytest

from ripstop.faults.race import Race
from ripstop.model.trace import Phase
from ripstop.seams.turns import Racer, Turns

from .postgres_harness import Proxied

Ask = Callable[[str], Any]


def by_psycopg(url: str) -> Any:
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute("SELECT count(*) FROM t WHERE id > %s", (0,)).fetchone()[0]


def by_psycopg_simply(url: str) -> Any:
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute("SELECT count(*) FROM t").fetchone()[0]


def by_asyncpg(url: str) -> Any:
    async def ask() -> Any:
        connection = await asyncpg.connect(url.partition("?")[0])
        try:
            return await connection.fetchval("SELECT count(*) FROM t WHERE id > $1", 0)
        finally:
            await connection.close()

    return asyncio.run(ask())


def in_a_pipeline(url: str) -> Any:
    with psycopg.connect(url, autocommit=True) as connection, connection.pipeline():
        connection.execute("INSERT INTO t VALUES (%s)", (7,))
        return connection.execute("SELECT count(*) FROM t WHERE id > %s", (0,)).fetchone()[0]


@pytest.fixture
def turns(proxy: Proxied) -> Turns:
    proxy.direct("CREATE TABLE t (id int)")
    proxy.arm("SELECT t", Race())
    first = Racer("step", Phase.CALL, sent=True)
    made = proxy.board.turns = Turns(first, Racer("rival: step", Phase.RIVAL), proxy.board.fire)
    return made


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as one:
        yield one


def held(proxy: Proxied, turns: Turns, asking: Future[Any]) -> None:
    proxy.wait(lambda: turns.held_at or asking.done())
    assert not asking.done()


@pytest.mark.parametrize(
    ("ask", "rows"), [(by_psycopg, 1), (by_psycopg_simply, 1), (by_asyncpg, 1), (in_a_pipeline, 2)]
)
def test_a_read_that_was_held_sees_what_was_committed_meanwhile(
    proxy: Proxied, turns: Turns, pool: ThreadPoolExecutor, ask: Ask, rows: int
) -> None:
    asking = pool.submit(ask, proxy.url)
    held(proxy, turns, asking)
    proxy.direct("INSERT INTO t VALUES (1)")
    proxy.call(turns.release)

    assert asking.result(20) == rows
    assert proxy.trace[-1] == ("SELECT t", "ok")


def test_what_is_held_when_all_is_healed_is_aborted_and_not_passed_on(
    proxy: Proxied, turns: Turns, pool: ThreadPoolExecutor
) -> None:
    asking = pool.submit(by_psycopg, proxy.url)
    held(proxy, turns, asking)
    proxy.run(proxy.seam.heal())

    with pytest.raises(psycopg.OperationalError):
        asking.result(20)
    assert proxy.call(proxy.seam.busy) == ()


def test_without_a_race_a_turn_is_nothing_to_wait_for(
    proxy: Proxied, turns: Turns, pool: ThreadPoolExecutor
) -> None:
    proxy.board.turns = None

    assert pool.submit(by_psycopg, proxy.url).result(20) == 0
    assert not turns.held_at
