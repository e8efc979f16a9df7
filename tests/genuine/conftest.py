"""One database, one proxy in front of it, and a rival who can be told what to do."""

from __future__ import annotations

import contextlib
import itertools
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import psycopg
import pytest

from ripstop.faults import catalogue
from ripstop.model.address import PostgresAddress
from ripstop.model.fault import FaultSpec
from ripstop.model.plan import Armed, Injection
from ripstop.model.trace import CrossingId, Phase
from ripstop.rig.loop import WireThread
from ripstop.seams.board import Board
from ripstop.seams.postgres import PostgresSeam
from ripstop.service.postgres import PostgresServer

from .rows import SCHEMA

_STEP, _SEAM = "step", "db"


@dataclass(slots=True)
class Shop:
    """A database reached directly (``address``) and through a proxy (``url``)."""

    address: PostgresAddress
    seam: PostgresSeam
    board: Board
    wire: WireThread

    @property
    def url(self) -> str:
        return replace(self.address, port=self.seam.port).url

    def reset(self) -> None:
        own = f"{self.address.url}?options=-c%20default_transaction_read_only%3Doff"
        with psycopg.connect(own, autocommit=True) as admin:
            admin.execute(f"ALTER DATABASE {self.address.database} RESET ALL")
            admin.execute("SET client_min_messages = warning")
            admin.execute(SCHEMA)
        self.wire.call(self._begin)

    def arm(self, spec: FaultSpec, operation: str, nth: int = 1, *, tries: int = 1) -> Injection:
        fault = catalogue.build(spec, "postgres")
        injection = Injection(CrossingId(_STEP, _SEAM, operation, nth), spec, tries)
        self.wire.call(lambda: self.board.arm((Armed(injection, fault),)))
        self.wire.run(self.seam.at_step(fault.at_step()))
        return injection

    def fired(self, injection: Injection) -> bool:
        return injection in self.wire.call(lambda: self.board.fired)

    def heal(self) -> None:
        self.wire.call(self.board.disarm)
        self.wire.run(self.seam.heal())
        self.terminate(self.wire.call(self.seam.take_cut_backends))

    def terminate(self, pids: tuple[int, ...]) -> None:
        """End backends and wait until they are gone."""
        with psycopg.connect(self.address.url, autocommit=True) as admin:
            for pid in pids:
                admin.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))

    def _begin(self) -> None:
        self.board.begin()
        self.board.enter(Phase.CALL, _STEP)


@dataclass(slots=True)
class Rival:
    """Somebody else at the same rows, over a connection of their own."""

    address: PostgresAddress
    connection: psycopg.Connection
    _waiting: list[threading.Thread] = field(default_factory=list)

    def moves(self, statements: tuple[str, ...]) -> None:
        for statement in statements:
            sql = statement.format(database=self.address.database)
            if sql.startswith("&"):
                self._start(sql[1:])
            else:
                self.connection.execute(sql)

    def _start(self, sql: str) -> None:
        def work() -> None:
            with contextlib.suppress(psycopg.Error):
                self.connection.execute(sql)

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        self._waiting.append(thread)
        pid = self.connection.info.backend_pid
        until(self.address, "cardinality(pg_blocking_pids(pid)) > 0", pid)

    def leaves(self) -> None:
        if self.connection.closed:
            return
        with psycopg.connect(self.address.url, autocommit=True) as admin:
            admin.execute("SELECT pg_terminate_backend(%s, 5000)", (self.connection.info.backend_pid,))
        for thread in self._waiting:
            thread.join(5)
        self.connection.close()


def until(address: PostgresAddress, condition: str, pid: int | None = None) -> None:
    """Wait until a session (of this pid, or any other than ours) meets a condition on pg_stat_activity."""
    sql = (
        "SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
        f" AND (%(pid)s::int IS NULL OR pid = %(pid)s) AND {condition}"
    )
    deadline = time.monotonic() + 5
    with psycopg.connect(address.url, autocommit=True) as admin:
        while admin.execute(sql, {"pid": pid}).fetchone() == (0,):
            assert time.monotonic() < deadline, f"no session came to: {condition}"
            time.sleep(0.002)


@pytest.fixture(scope="module")
def shop(postgres_server: PostgresServer) -> Iterator[Shop]:
    with proxied(postgres_server.admin) as shop:
        yield shop


_numbers = itertools.count(1)


@contextlib.contextmanager
def proxied(admin: PostgresAddress) -> Iterator[Shop]:
    """A database of its own on a server, and a proxy in front of it."""
    address = replace(admin, database=f"genuine_{next(_numbers)}")
    with psycopg.connect(admin.url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {address.database}")
    board, wire = Board(), WireThread()
    shop = Shop(address, PostgresSeam(_SEAM, address, board), board, wire)
    shop.seam = PostgresSeam(_SEAM, address, board, terminate=shop.terminate)
    wire.run(shop.seam.start())
    yield shop
    wire.run(shop.seam.stop())
    wire.stop()
    with psycopg.connect(admin.url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {address.database} WITH (FORCE)")


@pytest.fixture
def rival(shop: Shop) -> Iterator[Rival]:
    shop.reset()
    rival = Rival(shop.address, psycopg.connect(shop.address.url, autocommit=True))
    yield rival
    rival.leaves()
