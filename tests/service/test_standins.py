"""Extensions the embedded server is built without: asked for as migrations do, by the service's own role."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pg8000.native
import pytest

from ripstop.service import standins
from ripstop.service.postgres import PostgresServer

NAMES = ("python.org", "", "Grüße, 世界", "x" * 39, "x" * 40, "x" * 47, "x" * 48, "x" * 200)


@pytest.fixture(scope="module")
def session() -> Iterator[pg8000.native.Connection]:
    server = PostgresServer.start()
    try:
        place = server.service
        with pg8000.native.Connection(
            place.user, host=place.host, port=place.port, database=place.database, password=place.password
        ) as connection:
            connection.run('CREATE EXTENSION IF NOT EXISTS "uuid-ossp"')
            yield connection
    finally:
        server.stop()


@pytest.mark.parametrize("name", NAMES)
def test_a_uuid_made_of_a_name_is_the_one_everybody_makes_of_it(
    session: pg8000.native.Connection, name: str
) -> None:
    made = session.run(
        "SELECT uuid_generate_v3(uuid_ns_dns(), :n), uuid_generate_v5(uuid_ns_url(), :n)", n=name
    )

    assert made == [[uuid.uuid3(uuid.NAMESPACE_DNS, name), uuid.uuid5(uuid.NAMESPACE_URL, name)]]


def test_a_uuid_made_of_the_time_tells_it_and_is_made_once(session: pg8000.native.Connection) -> None:
    made = [row[0] for row in session.run("SELECT uuid_generate_v1() FROM generate_series(1, 2000)")]
    now = session.run("SELECT (extract(epoch FROM now()) * 1000)::bigint")[0][0]

    assert len(set(made)) == 2000
    assert {(one.version, one.variant) for one in made} == {(1, uuid.RFC_4122)}
    assert abs((made[0].time - 0x01B21DD213814000) // 10_000 - now) < 10_000


def test_a_random_uuid_can_be_a_column_default(session: pg8000.native.Connection) -> None:
    session.run("CREATE TABLE basket (id uuid DEFAULT uuid_generate_v4() PRIMARY KEY, n int)")
    rows = session.run("INSERT INTO basket (n) VALUES (1), (2) RETURNING id")

    assert [row[0].version for row in rows] == [4, 4]
    assert rows[0] != rows[1]


def test_the_known_namespaces_are_rfc_9562s(session: pg8000.native.Connection) -> None:
    made = session.run("SELECT uuid_nil(), uuid_ns_dns(), uuid_ns_url(), uuid_ns_oid(), uuid_ns_x500()")[0]

    known = [uuid.NAMESPACE_DNS, uuid.NAMESPACE_URL, uuid.NAMESPACE_OID, uuid.NAMESPACE_X500]
    assert made == [uuid.UUID(int=0), *known]


def test_a_renewed_server_has_them_again() -> None:
    server = PostgresServer.start()
    try:
        server.fresh()
        place = server.admin
        with pg8000.native.Connection(
            place.user, host=place.host, port=place.port, database=place.database
        ) as connection:
            connection.run('CREATE EXTENSION "uuid-ossp"')
            assert connection.run("SELECT extversion FROM pg_extension WHERE extname = 'uuid-ossp'") == [
                ["1.1"]
            ]
    finally:
        server.stop()


def test_a_server_too_old_is_told_nothing_of_them() -> None:
    assert standins.settings(standins._SOURCE, "15.14") == {}
