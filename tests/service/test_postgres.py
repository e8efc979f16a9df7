from __future__ import annotations

import pg8000.native

from ripstop.model.address import PostgresAddress
from ripstop.service.postgres import PostgresServer


def ask(address: PostgresAddress, sql: str) -> list[object]:
    with pg8000.native.Connection(
        address.user,
        host=address.host,
        port=address.port,
        database=address.database,
        password=address.password,
    ) as connection:
        return connection.run(sql)[0]


def test_the_service_owns_its_database_and_is_no_superuser(postgres_server: PostgresServer) -> None:
    facts = ask(
        postgres_server.service,
        "SELECT rolsuper, pg_get_userbyid(datdba) = current_user"
        " FROM pg_roles, pg_database WHERE rolname = current_user AND datname = current_database()",
    )

    assert facts == [False, True]


def test_changes_of_a_fresh_database_can_be_decoded(database: PostgresAddress) -> None:
    facts = ask(database, "SELECT count(*) FROM pg_create_logical_replication_slot('mine', 'test_decoding')")

    assert facts == [1]
