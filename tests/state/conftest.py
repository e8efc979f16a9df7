"""A client that behaves as a service does, and a database opened for reading its changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pg8000.native
import pytest

from ripstop.model.address import PostgresAddress
from ripstop.state.database import Database

Client = pg8000.native.Connection


@pytest.fixture
def connect(database: PostgresAddress) -> Iterator[Callable[[], Client]]:
    """Opens sessions with the test's database; all are closed at the end."""
    opened: list[Client] = []

    def one() -> Client:
        opened.append(
            Client(
                database.user,
                host=database.host,
                port=database.port,
                database=database.database,
                ssl_context=False,
            )
        )
        return opened[-1]

    yield one
    for client in opened:
        try:
            client.close()
        except (pg8000.native.InterfaceError, OSError):
            continue


@pytest.fixture
def open_state(
    database: PostgresAddress, connect: Callable[[], Client]
) -> Iterator[Callable[..., tuple[Database, Client]]]:
    """Runs DDL, opens the database and hands back both it and a client of it."""
    opened: list[Database] = []

    def one(ddl: str, **options: object) -> tuple[Database, Client]:
        setup = connect()
        setup.run(ddl)
        setup.close()
        opened.append(Database.open(database, **options))
        return opened[-1], connect()

    yield one
    for state in opened:
        state.close()
