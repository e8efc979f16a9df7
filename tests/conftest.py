"""What all tests share: one PostgreSQL server with a fresh database for each, and the order of the files."""

from __future__ import annotations

import itertools
import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pg8000.native
import pytest

from ripstop.model.address import PostgresAddress
from ripstop.service.postgres import PostgresServer

_numbers = itertools.count(1)
# What every pytest that a test starts would load for nothing, half a second each: the one comes along with
# litestar; the other is for this suite itself, so that only what its workers start goes without.
_NEEDLESS = "-p no:faker -p no:hypothesispytest" if "PYTEST_XDIST_WORKER" in os.environ else "-p no:faker"
os.environ["PYTEST_ADDOPTS"] = f"{os.environ.get('PYTEST_ADDOPTS', '')} {_NEEDLESS}".strip()
# Whatever a shell runs in the background ignores Ctrl-C, and hands that on to what it starts itself.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
_WAITING = ("test_reduction.py", "test_processes.py", "test_exact_findings.py", "test_backfill.py")
_EXPLORING = ("acceptance", "cli", "robustness", "suite")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files of whole explorations first, the longest before all: they wait while others work beside them."""
    items.sort(key=lambda item: _rank(item.path))


def _rank(path: Path) -> tuple[int, int]:
    tests = Path(__file__).parent
    room = path.relative_to(tests).parts[0] if path.is_relative_to(tests) else ""
    exploring = room in _EXPLORING
    longest = exploring and path.name in _WAITING
    return (not longest, _EXPLORING.index(room) if exploring else len(_EXPLORING))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A running server, shared by the session (by each worker of its own under xdist)."""
    server = PostgresServer.start()
    yield server
    server.stop()


@pytest.fixture
def database(postgres_server: PostgresServer) -> Iterator[PostgresAddress]:
    """A fresh, empty database, as its superuser sees it."""
    admin = postgres_server.admin
    name = f"test_{next(_numbers)}"
    with _connect(admin) as connection:
        connection.run(f"CREATE DATABASE {name}")
    yield replace(admin, database=name)
    with _connect(admin) as connection:
        connection.run(
            "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
            " WHERE database = :name AND NOT active",
            name=name,
        )
        connection.run(f"DROP DATABASE {name} WITH (FORCE)")


def _connect(address: PostgresAddress) -> pg8000.native.Connection:
    return pg8000.native.Connection(
        address.user, host=address.host, port=address.port, database=address.database
    )
