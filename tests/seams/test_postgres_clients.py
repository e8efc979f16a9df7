from __future__ import annotations

import asyncio
import threading
from typing import Any

import asyncpg
import psycopg
import pytest
import sqlalchemy
from psycopg import sql
from sqlalchemy.ext.asyncio import create_async_engine

from .postgres_harness import Proxied


def test_psycopg_runs_transactions_that_the_trace_names(proxy: Proxied) -> None:
    with psycopg.connect(proxy.url) as connection:
        connection.execute("CREATE TABLE t (id int PRIMARY KEY, v text)")
        connection.execute("INSERT INTO t VALUES (%s, %s)", (1, "a"))

    assert proxy.direct("SELECT * FROM t") == [(1, "a")]
    names = [name for name, _ in proxy.trace]
    assert names == ["BEGIN", "CREATE TABLE t", "INSERT t", "COMMIT"]


def test_a_statement_prepared_by_name_is_a_crossing_each_time_it_runs(proxy: Proxied) -> None:
    with psycopg.connect(proxy.url, autocommit=True, prepare_threshold=1) as connection:
        connection.execute("CREATE TABLE t (id int)")
        for number in range(5):
            connection.execute("SELECT id FROM t WHERE id = %s", (number,))

    assert [name for name, _ in proxy.trace].count("SELECT t") == 5


def test_psycopg_pipelines_keep_their_order_and_their_errors(proxy: Proxied) -> None:
    with psycopg.connect(proxy.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE t (id int PRIMARY KEY)")
        with pytest.raises(psycopg.errors.UniqueViolation):
            insert_in_a_pipeline(connection, (1, 2, 2, 3))
        assert connection.execute("SELECT count(*) FROM t").fetchone() == (0,)

    outcomes = [outcome for name, outcome in proxy.trace if name == "INSERT t"]
    assert outcomes == ["ok", "ok", "error:23505", "skipped"]


def insert_in_a_pipeline(connection: psycopg.Connection[Any], numbers: tuple[int, ...]) -> None:
    with connection.pipeline():
        for number in numbers:
            connection.execute("INSERT INTO t VALUES (%s)", (number,))


def test_a_pipeline_that_begins_a_transaction_is_in_it_before_the_server_answers(proxy: Proxied) -> None:
    with psycopg.connect(proxy.url) as connection, connection.pipeline():
        connection.execute("CREATE TABLE t (id int)")
        connection.execute("INSERT INTO t VALUES (%s)", (1,))

    crossings = {c.id.operation: c for c in proxy.call(lambda: proxy.board.trace)}
    assert crossings["INSERT t"].in_transaction
    assert not crossings["BEGIN"].in_transaction
    assert crossings["COMMIT"].open_writes == ("INSERT t",)


def test_psycopg_async_and_its_server_side_cursor_pass(proxy: Proxied) -> None:
    async def use() -> list[Any]:
        connection = await psycopg.AsyncConnection.connect(proxy.url)
        async with connection, connection.cursor(name="many") as cursor:
            await cursor.execute("SELECT generate_series(1, 250)")
            return [row async for row in cursor]

    assert len(asyncio.run(use())) == 250


@pytest.mark.parametrize("rows", [0, 1, 5_000])
def test_copy_passes_both_ways(proxy: Proxied, rows: int) -> None:
    with psycopg.connect(proxy.url, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE t (id int, v text)")
        with cursor.copy("COPY t FROM STDIN") as copy:
            for number in range(rows):
                copy.write_row((number, "x" * 50))
        with cursor.copy(sql.SQL("COPY (SELECT id FROM t WHERE id < {}) TO STDOUT").format(10_000)) as out:
            assert sum(1 for _ in out.rows()) == rows

    assert proxy.trace[-2:] == [("COPY t", "ok"), ("COPY SELECT t", "ok")]


def test_a_copy_that_fails_in_the_middle_leaves_the_session_usable(proxy: Proxied) -> None:
    with psycopg.connect(proxy.url, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE t (id int)")
        with pytest.raises(psycopg.errors.InvalidTextRepresentation):
            copy_nonsense(cursor)
        assert connection.execute("SELECT 1").fetchone() == (1,)

    assert proxy.outcome("COPY t") == "error:22P02"


def copy_nonsense(cursor: psycopg.Cursor[Any]) -> None:
    with cursor.copy("COPY t FROM STDIN") as copy:
        for _ in range(20_000):
            copy.write(b"no number\n")


def test_asyncpg_prepares_iterates_copies_and_commits(proxy: Proxied) -> None:
    async def use() -> tuple[int, int, str]:
        connection = await asyncpg.connect(proxy.address.url)
        await connection.execute("CREATE TABLE t (id int, v text)")
        await connection.executemany("INSERT INTO t VALUES ($1, $2)", [(n, "v") for n in range(120)])
        async with connection.transaction():
            seen = [row async for row in connection.cursor("SELECT id FROM t", prefetch=50)]
        copied = await connection.copy_records_to_table("t", records=[(n, "w") for n in range(30)])
        count = await connection.fetchval("SELECT count(*) FROM t")
        await connection.close()
        return len(seen), count, copied

    assert asyncio.run(use()) == (120, 150, "COPY 30")
    names = [name for name, _ in proxy.trace]
    assert names.count("SELECT t") == 2, "a portal that goes on is one crossing"


def test_asyncpg_transactions_roll_back(proxy: Proxied) -> None:
    async def use() -> None:
        connection = await asyncpg.connect(proxy.address.url)
        await connection.execute("CREATE TABLE t (id int PRIMARY KEY)")
        with pytest.raises(asyncpg.UniqueViolationError):
            await twice_in_a_transaction(connection)
        await connection.close()

    asyncio.run(use())
    assert proxy.direct("SELECT * FROM t") == []
    assert ("INSERT t", "error:23505") in proxy.trace


async def twice_in_a_transaction(connection: asyncpg.Connection) -> None:
    async with connection.transaction():
        await connection.execute("INSERT INTO t VALUES ($1)", 1)
        await connection.execute("INSERT INTO t VALUES ($1)", 1)


@pytest.mark.parametrize("driver", ["psycopg", "asyncpg"])
def test_sqlalchemy_passes_over_either_driver(proxy: Proxied, driver: str) -> None:
    url = proxy.address.url.replace("postgresql://", f"postgresql+{driver}://")

    async def use() -> int:
        engine = create_async_engine(url)
        async with engine.begin() as connection:
            await connection.execute(sqlalchemy.text("CREATE TABLE t (id int)"))
            await connection.execute(sqlalchemy.text("INSERT INTO t VALUES (:id)"), [{"id": 1}, {"id": 2}])
            found = await connection.scalar(sqlalchemy.text("SELECT count(*) FROM t"))
        await engine.dispose()
        return int(found)

    assert asyncio.run(use()) == 2
    assert proxy.trace[-1] == ("COMMIT", "ok")


def test_djangos_backend_passes(proxy: Proxied) -> None:
    from django.db.backends.postgresql.base import DatabaseWrapper

    address = proxy.address
    settings = {
        "NAME": address.database,
        "USER": address.user,
        "PASSWORD": "",
        "HOST": address.host,
        "PORT": address.port,
        "OPTIONS": {},
        "TIME_ZONE": None,
        "CONN_HEALTH_CHECKS": False,
        "CONN_MAX_AGE": 0,
        "AUTOCOMMIT": True,
        "ATOMIC_REQUESTS": False,
        "TEST": {},
    }
    from django.conf import settings as django_settings

    if not django_settings.configured:
        django_settings.configure(USE_TZ=True)
    wrapper = DatabaseWrapper(settings, alias="proxied")
    with wrapper.cursor() as cursor:
        cursor.execute("CREATE TABLE t (id int)")
        cursor.execute("INSERT INTO t VALUES (%s)", [1])
        cursor.execute("SELECT id FROM t")
        assert cursor.fetchall() == [(1,)]
    wrapper.close()
    assert ("INSERT t", "ok") in proxy.trace


def test_a_cancel_request_reaches_the_server(proxy: Proxied) -> None:
    with psycopg.connect(proxy.url, autocommit=True) as connection:
        timer = threading.Thread(target=lambda: (asleep(proxy), connection.cancel_safe()))
        timer.start()
        with pytest.raises(psycopg.errors.QueryCanceled):
            connection.execute("SELECT pg_sleep(30)")
        timer.join()


def asleep(proxy: Proxied) -> None:
    proxy.wait(lambda: proxy.direct("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'"))


def test_long_cancel_keys_of_protocol_3_2_pass(proxy: Proxied) -> None:
    with psycopg.connect(f"{proxy.url}&min_protocol_version=3.2", autocommit=True) as connection:
        timer = threading.Thread(target=lambda: (asleep(proxy), connection.cancel_safe()))
        timer.start()
        with pytest.raises(psycopg.errors.QueryCanceled):
            connection.execute("SELECT pg_sleep(30)")
        timer.join()


def test_notifications_arrive_while_the_session_is_idle(proxy: Proxied) -> None:
    with psycopg.connect(proxy.url, autocommit=True) as connection:
        connection.execute("LISTEN news")
        proxy.direct("NOTIFY news, 'hello'")
        heard = next(connection.notifies(timeout=10, stop_after=1))

    assert heard.payload == "hello"


def test_a_row_of_fifty_megabytes_passes_in_both_directions(proxy: Proxied) -> None:
    with psycopg.connect(proxy.url, autocommit=True) as connection:
        (size,) = connection.execute("SELECT length(%b::bytea)", (b"x" * 50_000_000,)).fetchone() or (0,)
        (back,) = connection.execute("SELECT repeat('y', 50000000)").fetchone() or ("",)

    assert (size, len(back)) == (50_000_000, 50_000_000)


def test_a_client_that_vanishes_in_the_middle_of_a_statement_is_reported(proxy: Proxied) -> None:
    connection = psycopg.connect(proxy.url, autocommit=True)
    pid = connection.info.backend_pid
    connection.pgconn.send_query(b"SELECT pg_sleep(30)")
    proxy.wait(lambda: proxy.call(proxy.seam.busy))
    connection.close()
    proxy.wait(lambda: not proxy.call(lambda: proxy.seam.sessions))

    assert proxy.call(proxy.seam.take_cut_backends) == (pid,)
    assert proxy.outcome("SELECT pg_sleep") == "cut"
