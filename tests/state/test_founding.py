"""One more database on a running server, its owner new or known already."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from ripstop.model.address import PostgresAddress
from ripstop.state.connection import StatementFailed, connect
from ripstop.state.founding import found

ODD = "sa\"les d'été"


@pytest.fixture
def wanted(database: PostgresAddress) -> Iterator[PostgresAddress]:
    one = replace(database, database=ODD, user="an alyst", password="s3'cret")
    yield one
    session = connect(database)
    session.execute(f'DROP DATABASE "{ODD.replace(chr(34), chr(34) * 2)}" WITH (FORCE)')
    session.execute('DROP ROLE "an alyst"')
    session.close()


def test_it_is_there_and_its_owner_s_own(database: PostgresAddress, wanted: PostgresAddress) -> None:
    found(database, wanted)

    session = connect(replace(database, database=ODD))
    session.execute('SET ROLE "an alyst"; CREATE TABLE own (id int)')
    assert session.run("SELECT current_database(), tableowner FROM pg_tables WHERE tablename = 'own'") == [
        [ODD, "an alyst"]
    ]
    session.close()


def test_a_database_that_is_there_is_refused(database: PostgresAddress, wanted: PostgresAddress) -> None:
    found(database, wanted)

    with pytest.raises(StatementFailed, match="already exists") as caught:
        found(database, wanted)
    assert caught.value.sqlstate == "42P04"
