"""Where undo cannot do it, a clone must hold the very state of the mark."""

from __future__ import annotations

import pytest

from ripstop.errors import ExperimentError, StartError
from ripstop.model.address import PostgresAddress
from ripstop.state.database import Database
from ripstop.state.reset import Limits

TABLES = """
CREATE TABLE a (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n numeric,
  v int GENERATED ALWAYS AS (id * 2) STORED);
CREATE TABLE b (a_id int REFERENCES a ON DELETE CASCADE, x text); INSERT INTO a (n) VALUES (1.0), (2.00)
"""


@pytest.mark.parametrize(
    ("act", "reason"),
    [
        ("INSERT INTO a (n) SELECT generate_series(1, 2000); TRUNCATE a CASCADE", "truncate"),
        ("CREATE TABLE c (id int)", "ddl"),
        ("ALTER TABLE a ADD y int DEFAULT 5", "ddl"),
        ("DROP TABLE b", "ddl"),
        ("CREATE SCHEMA other CREATE TABLE c (id int)", "ddl"),
        ("SELECT lo_from_bytea(0, 'x')", "large-object"),
        ("INSERT INTO a (n) SELECT generate_series(1, 30)", "too-many-changes"),
    ],
)
def test_what_undo_cannot_take_back_is_restored_from_a_copy(open_state, act, reason):
    state, client = open_state(TABLES, limits=Limits(max_undo_changes=20))
    client.run(
        "INSERT INTO b VALUES (1, 'kept'); UPDATE a SET n = 1.00 WHERE id = 1; DELETE FROM a WHERE id = 2"
    )
    state.mark()
    stood = state.checksum()
    client.run(act)

    undone = state.undo(before_clone=client.close)

    assert undone.fallback == reason
    assert state.checksum() == stood
    assert state.row("b") == {"a_id": 1, "x": "kept"}


def test_after_a_copy_changes_are_read_and_taken_back_as_before(open_state, connect):
    state, client = open_state(TABLES)
    client.run("DROP TABLE b")
    state.undo(before_clone=client.close)
    stood, client = state.checksum(), connect()
    client.run("INSERT INTO a (n) VALUES (7); CREATE TABLE c (id int)")
    client.run("INSERT INTO c VALUES (1)")

    assert [one.table for one in state.read()] == ["a", "c"]
    assert state.undo().fallback == "ddl"
    assert state.checksum() == stood


def test_no_id_is_given_twice_after_a_copy(open_state, connect):
    state, client = open_state(TABLES)
    client.run("INSERT INTO a (n) VALUES (3), (4); DROP TABLE b")
    state.undo(before_clone=client.close)

    (found,) = connect().run("INSERT INTO a (n) VALUES (9) RETURNING id")

    assert found[0] == 5


def test_an_accepted_truncate_is_repeated_on_the_copy(open_state):
    state, client = open_state(TABLES)
    client.run(
        "INSERT INTO b SELECT 1 FROM generate_series(1, 2500); TRUNCATE a, b; INSERT INTO a (n) VALUES (8)"
    )
    state.mark()
    client.run("DROP TABLE b")

    assert state.undo(before_clone=client.close).fallback == "ddl"
    assert ([row["n"] for row in state.rows("a")], state.count("b")) == ([8], 0)


def test_after_accepted_ddl_a_new_copy_is_taken_once_the_service_may_be_stopped(open_state, connect):
    state, client = open_state(TABLES)
    client.run("CREATE TABLE c (id int)")
    client.run("INSERT INTO c VALUES (1)")
    assert not state.mark()
    assert "CREATE TABLE" in state.stale
    assert state.mark(before_clone=client.close)
    client = connect()
    client.run("DROP TABLE c")

    assert state.undo(before_clone=client.close).fallback == "ddl"
    assert state.rows("c") == [{"id": 1}]


def test_without_a_copy_of_use_the_way_out_is_told(open_state):
    state, client = open_state(TABLES)
    client.run("CREATE TABLE c (id int)")
    state.mark()
    client.run("DROP TABLE c")

    with pytest.raises(ExperimentError) as caught:
        state.undo()

    assert caught.value.slug == "no-template"
    assert "setup" in caught.value.way_out


def test_the_databases_own_settings_and_privileges_survive_a_copy(database, open_state, connect):
    state, client = open_state(
        TABLES + f";ALTER DATABASE {database.database} SET search_path = a, public;"
        f"ALTER DATABASE {database.database} CONNECTION LIMIT 17;"
        f"REVOKE CONNECT ON DATABASE {database.database} FROM PUBLIC"
    )
    kept = (
        "SELECT datconnlimit, datacl::text,"
        " (SELECT setconfig FROM pg_db_role_setting WHERE setdatabase = d.oid)"
        " FROM pg_database d WHERE datname = current_database()"
    )
    before = client.run(kept)
    client.run("DROP TABLE a CASCADE")
    state.undo(before_clone=client.close)

    assert connect().run(kept) == before
    assert connect().run("SHOW search_path") == [["a, public"]]


def test_a_copy_is_refused_while_somebody_is_connected(database, connect):
    connect()

    with pytest.raises(ExperimentError) as caught:
        Database.open(database)

    assert caught.value.slug == "template-refused"
    assert caught.value.details[0].startswith("pid ")


def test_an_open_write_transaction_that_blocks_the_slot_is_told(database, connect):
    connect().run("BEGIN; SELECT pg_current_xact_id()")

    with pytest.raises(ExperimentError) as caught:
        Database.open(database, template=False, limits=Limits(statement_timeout_ms=200))

    assert caught.value.slug == "slot-blocked"


def test_closing_leaves_nothing_of_ours_behind(open_state, connect):
    state, client = open_state(TABLES)
    state.close()

    left = client.run(
        "SELECT slot_name::text FROM pg_replication_slots WHERE database = current_database() UNION ALL"
        " SELECT nspname FROM pg_namespace WHERE nspname = '_ripstop' UNION ALL"
        " SELECT datname FROM pg_database WHERE datname LIKE 'ripstop_spare_' || current_database()"
    )

    assert left == []


def test_a_server_that_does_not_answer_is_named():
    with pytest.raises(StartError) as caught:
        Database.open(PostgresAddress("127.0.0.1", 1, "nobody", "nothing"))

    assert caught.value.slug == "database-unreachable"
