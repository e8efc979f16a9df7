from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import psycopg
import pytest
import trustme

from ripstop.faults.reply_lost import ReplyLost
from ripstop.model.address import PostgresAddress
from ripstop.model.fault import CutBoth
from ripstop.service.postgres import PostgresServer

from .postgres_harness import Made, Proxied, proxied
from .postgres_tls_server import bound_server

Pair = tuple[Path, Path]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """A certificate and its key, as PEM files."""
    return made(tmp_path_factory.mktemp("tls"))


def made(folder: Path) -> Pair:
    issued = trustme.CA().issue_cert("127.0.0.1")
    issued.cert_chain_pems[0].write_to_path(str(folder / "cert.pem"))
    issued.private_key_pem.write_to_path(str(folder / "key.pem"))
    return folder / "cert.pem", folder / "key.pem"


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """A server that asks for SCRAM."""
    one = PostgresServer.start(settings={"auth": "scram-sha-256"})
    yield one
    one.stop()


@pytest.fixture
def secured(server: PostgresServer) -> Iterator[Proxied]:
    """A seam that offers TLS with a certificate of its own."""
    with proxied(server.service, tls="on") as one:
        yield one
        assert one.call(lambda: one.seam.notes) == ()


def used_tls(connection: psycopg.Connection[tuple[int]]) -> bool:
    assert connection.execute("SELECT 1").fetchone() == (1,)
    return bool(connection.pgconn.ssl_in_use)


BOUND = "sslmode=require&channel_binding=require"


@contextmanager
def bound(pair: Pair, cert: Path, key: Path) -> Iterator[Proxied]:
    """A seam with one certificate before a server with another, or the same, that demands binding."""
    with bound_server(*pair, "secret") as port:
        upstream = PostgresAddress("127.0.0.1", port, "ada", "shop", "secret")
        with proxied(upstream, tls="on", cert_file=cert, key_file=key) as proxy:
            yield proxy


def test_channel_binding_passes_where_the_server_has_the_same_certificate(pair: Pair) -> None:
    with bound(pair, *pair) as proxy, psycopg.connect(f"{proxy.url}&{BOUND}", autocommit=True) as connection:
        assert connection.execute("SELECT 1").statusmessage == "SELECT 0"


def test_channel_binding_fails_over_another_certificate(pair: Pair, tmp_path: Path) -> None:
    refused = pytest.raises(psycopg.OperationalError, match="SCRAM")
    with bound(pair, *made(tmp_path)) as proxy, refused:
        psycopg.connect(f"{proxy.url}&{BOUND}")


@pytest.mark.parametrize("sslmode", ["disable", "prefer", "require"])
def test_scram_passes_with_and_without_tls(secured: Proxied, sslmode: str) -> None:
    with psycopg.connect(f"{secured.url}&sslmode={sslmode}") as connection:
        assert used_tls(connection) is (sslmode != "disable")


def test_a_wrong_password_is_refused_by_the_server_itself(secured: Proxied) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(f"{secured.url}&sslmode=require", password="wrong")

    secured.wait(lambda: not secured.call(lambda: secured.seam.sessions))
    (crossing,) = secured.call(lambda: secured.board.trace)
    assert (crossing.id.operation, crossing.outcome) == ("CONNECT", "error:28P01")


def test_tls_without_asking_first_passes(secured: Proxied) -> None:
    with psycopg.connect(f"{secured.url}&sslmode=require&sslnegotiation=direct") as connection:
        assert used_tls(connection)


def test_a_client_that_insists_on_tls_is_refused_once_and_then_gets_it(proxy: Proxied) -> None:
    insisting = f"{proxy.url}&sslmode=require"
    with pytest.raises(psycopg.OperationalError, match="does not support SSL"):
        psycopg.connect(insisting)
    proxy.wait(lambda: not proxy.call(lambda: proxy.seam.sessions))
    with psycopg.connect(insisting) as connection:
        assert used_tls(connection)


def test_a_client_that_would_rather_have_tls_goes_on_without(proxy: Proxied) -> None:
    for _ in range(2):
        with psycopg.connect(f"{proxy.url}&sslmode=prefer") as connection:
            assert not used_tls(connection)


def test_asyncpg_over_tls_reads_a_large_result(secured: Proxied) -> None:
    async def use() -> int:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection = await asyncpg.connect(secured.address.url, ssl=context)
        found = await connection.fetch("SELECT repeat('x', 1000) FROM generate_series(1, 20000)")
        await connection.close()
        return len(found)

    assert asyncio.run(use()) == 20_000


@pytest.mark.parametrize("fault", [Made((CutBoth(),)), ReplyLost()])
def test_a_cut_goes_through_tls(secured: Proxied, fault: object) -> None:
    with psycopg.connect(f"{secured.url}&sslmode=require", autocommit=True) as connection:
        secured.arm("SELECT 1", fault)
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")

    assert secured.fired


def test_an_encrypted_cancel_request_reaches_the_server(secured: Proxied) -> None:
    with psycopg.connect(f"{secured.url}&sslmode=require", autocommit=True) as connection:
        timer = threading.Thread(
            target=lambda: (secured.wait(lambda: asleep(secured)), connection.cancel_safe())
        )
        timer.start()
        with pytest.raises(psycopg.errors.QueryCanceled):
            connection.execute("SELECT pg_sleep(30)")
        timer.join()


def asleep(proxy: Proxied) -> list[tuple[object, ...]]:
    return proxy.direct("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'")
