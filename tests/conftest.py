"""One embedded PostgreSQL server for the whole test session, a fresh database on it for each test."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace

import pg8000.native
import pytest

from ripstop.model.address import PostgresAddress
from ripstop.service.postgres import PostgresServer

_numbers = itertools.count(1)


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
