from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any

import asyncpg
import psycopg
import pytest

from ripstop.faults.hang import Hang
from ripstop.faults.reply_lost import ReplyLost
from ripstop.faults.sqlstate import Sqlstate
from ripstop.model.fault import CutBoth, CutClient, Delay, Fatal, Forward, Hold, SendBackend
from ripstop.wire.postgres.messages import FLUSH, SYNC, query

from .postgres_harness import Made, Proxied
from .postgres_raw import Raw, prepared

Run = Callable[[psycopg.Connection[Any], str], Any]
RAISE = "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40001', MESSAGE = 'no luck'; END $$"


def simply(connection: psycopg.Connection[Any], statement: str) -> Any:
    return connection.execute(statement)


def extended(connection: psycopg.Connection[Any], statement: str) -> Any:
    return connection.execute(f"{statement.replace('1)', '%s)')}", (1,))


@pytest.fixture(params=[simply, extended], ids=["simple", "extended"])
def run(request: pytest.FixtureRequest, proxy: Proxied) -> Run:
    proxy.direct("CREATE TABLE t (id int PRIMARY KEY)")
    return request.param  # type: ignore[no-any-return]


INSERT = "INSERT INTO t VALUES (1)"


def rows(proxy: Proxied) -> int:
    proxy.settle()
    return int(proxy.direct("SELECT count(*) FROM t")[0][0])


@pytest.mark.parametrize("cut", [CutBoth(), CutClient()])
def test_a_cut_at_a_statement_means_it_never_ran(proxy: Proxied, run: Run, cut: Any) -> None:
    with psycopg.connect(proxy.url, autocommit=True) as connection:
        proxy.arm("INSERT t", Made((cut,)))
        with pytest.raises(psycopg.OperationalError):
            run(connection, INSERT)

    assert rows(proxy) == 0
    assert (proxy.fired, proxy.outcome("INSERT t")) == (True, "cut")


@pytest.mark.parametrize("fault", [Made((CutBoth(),)), Made(at_reply=(CutClient(),))])
@pytest.mark.parametrize("sent", [query(INSERT), prepared(INSERT) + SYNC], ids=["simple", "extended"])
def test_a_cut_is_a_reset_without_one_byte_of_a_reply(proxy: Proxied, fault: Any, sent: bytes) -> None:
    proxy.direct("CREATE TABLE t (id int PRIMARY KEY)")
    raw = Raw(proxy.address)
    proxy.arm("INSERT t", fault)
    raw.send(sent)
    with pytest.raises(ConnectionResetError):
        raw.one()


def test_a_reply_lost_outside_a_transaction_leaves_the_row(proxy: Proxied, run: Run) -> None:
    with psycopg.connect(proxy.url, autocommit=True) as connection:
        proxy.arm("INSERT t", ReplyLost())
        with pytest.raises(psycopg.OperationalError):
            run(connection, INSERT)

    assert rows(proxy) == 1
    assert (proxy.fired, proxy.outcome("INSERT t")) == (True, "cut")


def test_a_reply_lost_within_a_transaction_leaves_nothing(proxy: Proxied, run: Run) -> None:
    with psycopg.connect(proxy.url) as connection:
        proxy.arm("INSERT t", Made(at_reply=(CutClient(),)))
        with pytest.raises(psycopg.OperationalError):
            run(connection, INSERT)

    assert rows(proxy) == 0


def test_a_reply_lost_at_commit_leaves_the_row(proxy: Proxied, run: Run) -> None:
    with psycopg.connect(proxy.url) as connection:
        proxy.arm("COMMIT", ReplyLost())
        run(connection, INSERT)
        with pytest.raises(psycopg.OperationalError):
            connection.commit()

    assert rows(proxy) == 1
    assert proxy.trace[-1] == ("COMMIT", "cut")


def test_a_commit_lost_before_it_ran_leaves_nothing(proxy: Proxied, run: Run) -> None:
    with psycopg.connect(proxy.url) as connection:
        proxy.arm("COMMIT", Made((CutBoth(),)))
        run(connection, INSERT)
        with pytest.raises(psycopg.OperationalError):
            connection.commit()

    assert rows(proxy) == 0


def test_a_delay_passes_the_statement_on_afterwards(proxy: Proxied, run: Run) -> None:
    with psycopg.connect(proxy.url, autocommit=True) as connection:
        proxy.arm("INSERT t", Made((Delay(120), Forward())))
        began = time.monotonic()
        run(connection, INSERT)

    assert time.monotonic() - began >= 0.12
    assert (proxy.fired, rows(proxy), proxy.outcome("INSERT t")) == (True, 1, "ok")


def test_a_delayed_reply_comes_whole_and_late(proxy: Proxied, run: Run) -> None:
    fault = Made(at_reply=(Delay(120), Forward()))
    with psycopg.connect(proxy.url, autocommit=True) as connection:
        proxy.arm("INSERT t", fault)
        began = time.monotonic()
        assert run(connection, INSERT).rowcount == 1
        assert time.monotonic() - began >= 0.12
        assert connection.execute("SELECT 1").fetchone() == (1,)

    assert fault.heard[-1].outcome == "ok"


def test_an_error_of_the_backend_fails_the_transaction_truly(proxy: Proxied, run: Run) -> None:
    with psycopg.connect(proxy.url) as connection:
        proxy.arm("INSERT t", Made((SendBackend(RAISE, {"W": None}),)))
        with pytest.raises(psycopg.errors.SerializationFailure, match="no luck") as failure:
            run(connection, INSERT)
        assert connection.info.transaction_status == psycopg.pq.TransactionStatus.INERROR
        assert failure.value.diag.context is None
        connection.rollback()
        run(connection, INSERT)

    assert rows(proxy) == 1
    assert [o for n, o in proxy.trace if n == "INSERT t"] == ["error:40001", "ok"]


def test_nothing_of_ours_is_left_in_the_session(proxy: Proxied, run: Run) -> None:
    with psycopg.connect(proxy.url, autocommit=True) as connection:
        proxy.arm("INSERT t", Made((SendBackend(RAISE),)))
        with pytest.raises(psycopg.errors.SerializationFailure):
            run(connection, INSERT)
        left = connection.execute(
            "SELECT count(*) FROM pg_prepared_statements UNION ALL SELECT count(*) - 1 FROM pg_cursors"
        )
        assert max(left.fetchall()) <= (0,)


def test_what_succeeds_is_hidden_and_the_next_command_follows(proxy: Proxied, run: Run) -> None:
    quietly = SendBackend("SELECT set_config('work_mem', '2MB', false)")
    with psycopg.connect(proxy.url, autocommit=True) as connection:
        proxy.arm("INSERT t", Made((quietly, Forward())))
        assert run(connection, INSERT).rowcount == 1
        assert connection.execute("SHOW work_mem").fetchone() == ("2MB",)

    assert (rows(proxy), proxy.fired) == (1, True)


def test_an_error_at_commit_leaves_the_session_idle(proxy: Proxied, run: Run) -> None:
    with psycopg.connect(proxy.url) as connection:
        proxy.arm("COMMIT", Sqlstate("40001"))
        run(connection, INSERT)
        with pytest.raises(psycopg.errors.SerializationFailure):
            connection.commit()
        assert connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
        run(connection, INSERT)

    assert rows(proxy) == 1


def test_a_hang_ends_with_the_statement_timeout(proxy: Proxied, run: Run) -> None:
    with psycopg.connect(f"{proxy.url}&options=-cstatement_timeout%3D100") as connection:
        proxy.arm("INSERT t", Hang())
        with pytest.raises(psycopg.errors.QueryCanceled, match="statement timeout") as failure:
            run(connection, INSERT)
        assert failure.value.diag.context is None
        connection.rollback()
        assert connection.execute("SELECT 1").fetchone() == (1,)

    assert (rows(proxy), proxy.fired) == (0, True)


def test_a_hang_at_commit_that_is_cancelled_leaves_the_session_idle(proxy: Proxied, run: Run) -> None:
    with psycopg.connect(proxy.url) as connection:
        proxy.arm("COMMIT", Hang())
        run(connection, INSERT)
        timer = threading.Thread(target=lambda: (hanging(proxy), connection.cancel_safe()))
        timer.start()
        with pytest.raises(psycopg.errors.QueryCanceled):
            connection.commit()
        timer.join()
        assert connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE

    assert rows(proxy) == 0


def test_a_hang_can_be_cancelled(proxy: Proxied, run: Run) -> None:
    with psycopg.connect(proxy.url, autocommit=True) as connection:
        proxy.arm("INSERT t", Hang())
        timer = threading.Thread(target=lambda: (hanging(proxy), connection.cancel_safe()))
        timer.start()
        with pytest.raises(psycopg.errors.QueryCanceled):
            run(connection, INSERT)
        timer.join()


def hanging(proxy: Proxied) -> None:
    proxy.wait(lambda: proxy.direct("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'"))


@pytest.mark.parametrize("wait", [Made((Hold(),)), Hang()])
def test_healing_aborts_what_waits_and_forwards_nothing(proxy: Proxied, run: Run, wait: Any) -> None:
    with psycopg.connect(proxy.url, autocommit=True) as connection:
        proxy.arm("INSERT t", wait)
        failures: list[BaseException] = []
        caller = threading.Thread(target=lambda: failures.append(failure_of(run, connection)))
        caller.start()
        proxy.wait(lambda: proxy.fired)
        assert proxy.call(proxy.seam.busy)
        proxy.run(proxy.seam.heal())
        caller.join()

    assert isinstance(failures[0], psycopg.OperationalError)
    assert (rows(proxy), proxy.call(proxy.seam.busy), proxy.outcome("INSERT t")) == (0, (), "held")


def failure_of(run: Run, connection: psycopg.Connection[Any]) -> BaseException:
    try:
        run(connection, INSERT)
    except psycopg.Error as failure:
        return failure
    return AssertionError("it was forwarded")


def test_a_stall_does_not_end_with_the_statement_timeout(proxy: Proxied) -> None:
    async def use() -> None:
        connection = await asyncpg.connect(proxy.address.url, server_settings={"statement_timeout": "50"})
        proxy.arm("SELECT 1", Made((Hold(),)))
        with pytest.raises(TimeoutError):
            await connection.fetchval("SELECT 1", timeout=0.3)
        connection.terminate()

    asyncio.run(use())
    proxy.wait(lambda: not proxy.call(lambda: proxy.seam.sessions))
    assert proxy.outcome("SELECT 1") == "held"


def test_a_session_can_be_refused_when_it_starts(proxy: Proxied) -> None:
    proxy.arm("CONNECT", Made((Fatal("53300", "sorry, too many clients already"),)))
    with pytest.raises(psycopg.OperationalError, match="FATAL:  sorry, too many clients already"):
        psycopg.connect(proxy.url)

    assert proxy.fired
    with psycopg.connect(proxy.url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.parametrize("cut", [Made((CutBoth(),)), Made(at_reply=(CutClient(),))])
def test_connecting_can_be_cut(proxy: Proxied, cut: Any) -> None:
    proxy.arm("CONNECT", cut)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(proxy.url)

    assert proxy.fired


def tags_until_reset(raw: Raw) -> list[str]:
    tags: list[str] = []
    try:
        while True:
            tags.append(raw.one()[0])
    except ConnectionResetError:
        return tags


def test_a_cut_in_a_pipeline_leaves_what_was_committed_before_it(proxy: Proxied) -> None:
    proxy.direct("CREATE TABLE t (id int PRIMARY KEY)")
    raw = Raw(proxy.address)
    proxy.arm("INSERT t", Made((CutBoth(),)), nth=2)
    first = [prepared(sql) for sql in ("BEGIN", "INSERT INTO t VALUES (1)", "COMMIT", "SELECT pg_sleep(0.1)")]
    raw.send(*first, prepared("INSERT INTO t VALUES (2)"), SYNC)
    tags = tags_until_reset(raw)

    assert (rows(proxy), tags.count("C")) == (1, 4)
    assert [outcome for _, outcome in proxy.trace] == ["ok", "ok", "ok", "cut", "cut"]


def test_a_reply_lost_in_a_pipeline_lets_the_whole_batch_commit(proxy: Proxied) -> None:
    proxy.direct("CREATE TABLE t (id int PRIMARY KEY)")
    raw = Raw(proxy.address)
    proxy.arm("INSERT t", ReplyLost(), nth=2)
    raw.send(*(prepared(f"INSERT INTO t VALUES ({n})") for n in (1, 2, 3)), SYNC)
    tags = tags_until_reset(raw)

    assert (rows(proxy), tags) == (3, ["1", "2", "n", "C"])


def test_a_reply_that_the_client_flushes_for_is_lost_before_its_sync(proxy: Proxied) -> None:
    proxy.direct("CREATE TABLE t (id int PRIMARY KEY)")
    raw = Raw(proxy.address)
    proxy.arm("INSERT t", ReplyLost())
    raw.send(prepared("INSERT INTO t VALUES (1)"), FLUSH)
    with pytest.raises(ConnectionResetError):
        raw.one()

    assert (rows(proxy), proxy.fired) == (0, True)


@pytest.mark.parametrize("end", [b"", SYNC], ids=["no sync", "sync"])
def test_a_commit_sent_without_a_sync_is_really_committed_when_its_reply_is_lost(
    proxy: Proxied, end: bytes
) -> None:
    proxy.direct("CREATE TABLE t (id int PRIMARY KEY)")
    raw = Raw(proxy.address)
    proxy.arm("COMMIT", ReplyLost())
    raw.send(*(prepared(sql) for sql in ("BEGIN", "INSERT INTO t VALUES (1)", "COMMIT")), end)
    tags_until_reset(raw)

    assert rows(proxy) == 1


@pytest.mark.parametrize("driver", ["psycopg", "asyncpg"])
def test_the_reply_to_a_copy_can_be_lost(proxy: Proxied, driver: str) -> None:
    proxy.direct("CREATE TABLE t (id int PRIMARY KEY)")
    proxy.arm("COPY t", ReplyLost())
    copy = copy_by_psycopg if driver == "psycopg" else copy_by_asyncpg
    with pytest.raises((psycopg.OperationalError, asyncpg.PostgresConnectionError, OSError)):
        copy(proxy)

    assert (rows(proxy), proxy.fired) == (500, True)


def copy_by_psycopg(proxy: Proxied) -> None:
    connection = psycopg.connect(proxy.url, autocommit=True)
    with connection, connection.cursor().copy("COPY t FROM STDIN") as copy:
        for number in range(500):
            copy.write_row((number,))


def copy_by_asyncpg(proxy: Proxied) -> None:
    async def use() -> None:
        connection = await asyncpg.connect(proxy.address.url)
        await connection.copy_records_to_table("t", records=[(n,) for n in range(500)], columns=["id"])

    asyncio.run(use())


def test_what_follows_an_error_at_an_extended_commit_leaves_the_session_idle(proxy: Proxied) -> None:
    raw = Raw(proxy.address, statement_timeout="100")
    proxy.arm("COMMIT", Made((SendBackend("SELECT pg_sleep(30)", {}, after_error="ROLLBACK"),)))
    raw.send(prepared("BEGIN"), SYNC, prepared("COMMIT"), SYNC, prepared("SELECT 1"), SYNC)
    first, second, third = raw.until("Z"), raw.until("Z"), raw.until("Z")

    assert [tag for tag, _ in second] == ["1", "2", "n", "E", "Z"]
    assert [messages[-1] for messages in (first, second, third)] == [("Z", b"T"), ("Z", b"I"), ("Z", b"I")]


def test_a_failed_transaction_keeps_its_own_error(proxy: Proxied, run: Run) -> None:
    with psycopg.connect(proxy.url) as connection:
        proxy.arm("INSERT t", Made((SendBackend(RAISE),)))
        with pytest.raises(psycopg.errors.UndefinedTable):
            connection.execute("SELECT 1 FROM nowhere")
        with pytest.raises(psycopg.errors.InFailedSqlTransaction):
            run(connection, INSERT)

    assert not proxy.fired


def test_an_error_earlier_in_the_pipeline_keeps_the_fault_from_happening(proxy: Proxied) -> None:
    raw = Raw(proxy.address)
    proxy.arm("SELECT 1", Made((SendBackend(RAISE),)))
    raw.send(
        prepared("SELECT 1 / (relpages * 0) FROM pg_class"),
        prepared("SELECT 1"),
        SYNC,
        prepared("SELECT 2"),
        SYNC,
    )
    first, second = raw.until("Z"), raw.until("Z")

    assert [tag for tag, _ in first] == ["1", "2", "T", "E", "Z"]
    assert [tag for tag, _ in second] == ["1", "2", "T", "D", "C", "Z"]
    assert (proxy.fired, proxy.trace[1]) == (False, ("SELECT 1", "skipped"))
