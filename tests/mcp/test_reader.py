"""The role that can only SELECT: on a session of its own, with all it could say, it changes nothing."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from pg8000.exceptions import DatabaseError
from pg8000.native import Connection

from ripstop.errors import RipstopError, UsageError
from ripstop.mcp import reader
from ripstop.mcp.reader import Rows, admit, ask, open_as
from ripstop.model.address import PostgresAddress
from ripstop.service.postgres import PostgresServer
from ripstop.state.checksum import checksum
from ripstop.state.connection import Session, connect

HOSTILE = """
CREATE EXTENSION dblink;
CREATE EXTENSION citext;
CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                     amount int NOT NULL CHECK (amount > 0), mail citext);
CREATE TABLE everybodys (id int);
CREATE SEQUENCE counter;
CREATE VIEW big AS SELECT * FROM orders WHERE amount > 10;
INSERT INTO orders (amount, mail) VALUES (7, 'Ada@x.org'), (42, 'bob@x.org');
GRANT ALL ON everybodys, counter TO PUBLIC;
GRANT INSERT (amount) ON orders TO PUBLIC;
GRANT CREATE ON SCHEMA public TO PUBLIC;
CREATE FUNCTION as_owner() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'DELETE FROM orders RETURNING 1';
CREATE FUNCTION as_caller() RETURNS int LANGUAGE sql AS 'DELETE FROM orders RETURNING 1';
CREATE FUNCTION twice(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 2';
CREATE FUNCTION read_it(text) RETURNS text LANGUAGE internal VOLATILE AS 'pg_read_file_all';
SELECT lo_from_bytea(4711, 'here');
"""


@dataclass(frozen=True)
class Ground:
    """A database with all that a project may leave open in it, its superuser, and the role."""

    admin: Session
    address: PostgresAddress
    role: PostgresAddress

    def stands(self) -> tuple[object, ...]:
        """Everything a write could show in."""
        counts = self.admin.run(
            "SELECT (SELECT count(*) FROM pg_class), (SELECT count(*) FROM pg_roles),"
            " (SELECT count(*) FROM pg_largeobject), (SELECT last_value FROM counter),"
            " (SELECT is_called FROM counter)"
        )
        return checksum(self.admin), counts


@pytest.fixture(scope="module")
def ground(postgres_server: PostgresServer) -> Iterator[Ground]:
    address = PostgresAddress(
        "127.0.0.1", postgres_server.admin.port, postgres_server.admin.user, "read_only"
    )
    with contextlib.closing(connect(postgres_server.admin)) as first:
        first.run("CREATE DATABASE read_only")
        with contextlib.closing(connect(address)) as admin:
            for statement in HOSTILE.strip().split(";\n"):
                admin.run(statement)
            yield Ground(admin, address, admit(admin, address))
        first.run("DROP DATABASE read_only WITH (FORCE)")
        first.run(f"DROP ROLE {reader.ROLE}")


@pytest.fixture
def freed(ground: Ground) -> Iterator[Connection]:
    """A plain session of the role, its transactions made read-write: only its rights are left to stop it."""
    with contextlib.closing(open_as(ground.role)) as connection:
        connection.execute_simple("SET default_transaction_read_only = off")
        yield connection


NO_RIGHT = "42501"
WRITES = [
    "INSERT INTO orders (amount) VALUES (1)",
    "INSERT INTO big (amount) VALUES (100)",
    "INSERT INTO everybodys VALUES (1)",
    "UPDATE orders SET amount = 1",
    "DELETE FROM orders",
    "TRUNCATE orders",
    "MERGE INTO orders o USING (SELECT 1) s ON true WHEN MATCHED THEN DELETE",
    "WITH gone AS (DELETE FROM orders RETURNING 1) SELECT * FROM gone",
    "SELECT * FROM orders FOR UPDATE",
    "BEGIN; LOCK TABLE orders IN ROW EXCLUSIVE MODE",
    "CREATE TABLE mine (id int)",
    "CREATE TEMP TABLE mine (id int)",
    "SELECT 1 AS id INTO mine",
    "CREATE SCHEMA mine",
    "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "DROP TABLE orders",
    "ALTER TABLE orders ADD COLUMN mine int",
    "CREATE INDEX ON orders (amount)",
    "COMMENT ON TABLE orders IS 'mine'",
    "CREATE ROLE mine",
    "CREATE DATABASE mine",
    "CREATE EXTENSION hstore",
    "ALTER SYSTEM SET work_mem = '1MB'",
    "SET ROLE service",
    "SET SESSION AUTHORIZATION service",
    "SELECT set_config('role', 'service', false)",
    "COPY orders FROM PROGRAM 'echo 1'",
    "COPY orders TO PROGRAM 'cat'",
    "COPY orders TO '/tmp/mine'",
    "SELECT nextval('counter')",
    "SELECT setval('counter', 9)",
    "SELECT as_owner()",
    "SELECT as_caller()",
    "SELECT lo_create(0)",
    "SELECT lo_from_bytea(0, 'mine')",
    "SELECT lo_put(4711, 0, 'mine')",
    "SELECT lo_unlink(4711)",
    "SELECT lo_export(4711, '/tmp/mine')",
    "SELECT lo_import('/etc/hostname')",
    "SELECT pg_read_file('/etc/hostname')",
    "SELECT read_it('/etc/hostname')",
    "SELECT pg_ls_dir('/')",
    "SELECT dblink_connect('host=127.0.0.1 dbname=read_only user=service password=service')",
    "SELECT * FROM dblink('dbname=read_only', 'DELETE FROM orders') AS t (x text)",
    "SELECT pg_notify('mine', 'heard')",
    "SELECT pg_logical_emit_message(false, 'mine', 'heard')",
    "SELECT pg_advisory_lock(1)",
    "SELECT pg_reload_conf()",
    "SELECT pg_terminate_backend(pg_backend_pid())",
    "SELECT pg_create_logical_replication_slot('mine', 'test_decoding')",
    "DO $$ BEGIN DELETE FROM orders; END $$",
]


@pytest.mark.parametrize("statement", WRITES)
def test_the_role_may_not_write_even_where_its_transactions_could(
    ground: Ground, freed: Connection, statement: str
) -> None:
    before = ground.stands()

    with pytest.raises(DatabaseError) as refused:
        freed.execute_simple(statement)

    assert refused.value.args[0]["C"] == NO_RIGHT
    assert ground.stands() == before


def test_the_role_cannot_give_itself_a_right(ground: Ground, freed: Connection) -> None:
    freed.execute_simple("GRANT INSERT ON everybodys TO PUBLIC")

    with pytest.raises(DatabaseError, match="permission denied"):
        freed.execute_simple("INSERT INTO everybodys VALUES (1)")


@pytest.mark.parametrize("statement", WRITES)
def test_no_write_is_a_question(ground: Ground, statement: str) -> None:
    before = ground.stands()

    with pytest.raises(RipstopError, match="PostgreSQL says"):
        ask(ground.role, statement)

    assert ground.stands() == before


@pytest.mark.parametrize(
    "question",
    [
        "SELECT 1; DELETE FROM orders",
        "SELECT 1) AS x; DELETE FROM orders; SELECT * FROM (SELECT 1",
        "SELECT 1) AS x; COMMIT; BEGIN READ WRITE; INSERT INTO everybodys VALUES (1); SELECT (1",
        "COMMIT; BEGIN READ WRITE; INSERT INTO everybodys VALUES (1)",
        "SELECT 1 /*",
        "BEGIN READ WRITE",
        "SET default_transaction_read_only = off",
        "SELECT set_config('transaction_read_only', 'off', true)",
    ],
)
def test_a_question_cannot_become_two_or_leave_its_transaction(ground: Ground, question: str) -> None:
    before = ground.stands()

    with pytest.raises(RipstopError, match="PostgreSQL says"):
        ask(ground.role, question)

    assert ground.stands() == before


@pytest.mark.parametrize(
    "question", ["SELECT as_owner()", "SELECT nextval('counter')", "SELECT lo_create(0)"]
)
def test_even_a_superusers_question_is_asked_in_a_transaction_that_only_reads(
    ground: Ground, question: str
) -> None:
    with pytest.raises(RipstopError, match="in a read-only transaction"):
        ask(ground.address, question)


def test_a_question_cannot_lift_the_limits_of_the_next(ground: Ground) -> None:
    with pytest.raises(RipstopError, match="permission denied for function set_config"):
        ask(ground.role, "SELECT set_config('default_transaction_read_only', 'off', false)")

    assert ask(ground.role, "SELECT current_setting('transaction_read_only')").rows == (("on",),)


def test_the_ground_can_be_written_by_who_may(ground: Ground) -> None:
    """The same statements are refused for want of rights, not for want of a table."""
    ground.admin.run("BEGIN; INSERT INTO everybodys VALUES (1); SELECT nextval('counter'); SELECT as_owner()")
    left = ground.admin.run("SELECT count(*) FROM orders")
    ground.admin.run("ROLLBACK")

    assert left == [[0]]


def test_a_question_is_answered_in_order_with_its_names(ground: Ground) -> None:
    asked = "SELECT id, amount, mail AS id FROM orders WHERE mail = 'ADA@x.org' -- with a remark"

    assert ask(ground.role, asked) == Rows(("id", "amount", "id"), ((1, 7, "Ada@x.org"),))
    assert ask(ground.role, "TABLE big;").rows == ((2, 42, "bob@x.org"),)
    assert ask(ground.role, "SELECT twice(amount) FROM orders ORDER BY 1").rows == ((14,), (84,))
    assert ask(ground.role, "SELECT id FROM orders WHERE false") == Rows(("id",), ())
    assert ask(ground.role, """SELECT '{"a": [1, {"b": null}]}'::json""").rows == (
        ({"a": [1, {"b": None}]},),
    )


def test_an_answer_is_bounded_in_rows_and_in_characters(ground: Ground) -> None:
    exact = ask(ground.role, "SELECT generate_series(1, 100)", limit=100)
    assert (len(exact.rows), exact.cut) == (100, False)
    more = ask(ground.role, "SELECT generate_series(1, 101)", limit=100)
    assert (len(more.rows), more.cut) == (100, True)
    wide = ask(ground.role, "SELECT repeat('x', 7000) FROM generate_series(1, 1000)", limit=1000)
    assert (len(wide.rows) < 100, wide.cut) == (True, True)
    long = ask(ground.role, "SELECT repeat('x', 10000000)")
    assert (len(long.rows[0][0]) < 9000, long.cut) == (True, True)


def test_a_question_that_takes_too_long_is_ended(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(reader._LIMITS, "statement_timeout", "100")

    with pytest.raises(RipstopError, match="statement timeout"):
        ask(ground.role, "SELECT pg_sleep(60)")


@pytest.mark.parametrize("question", ["", " ; ", "SELECT '" + "x" * 30_000 + "'", "SELECT '\0'"])
def test_what_is_no_question_is_not_sent(ground: Ground, question: str) -> None:
    with pytest.raises(UsageError, match="a question is one SELECT"):
        ask(ground.role, question)


def test_the_role_is_made_anew_with_another_secret(ground: Ground) -> None:
    again = admit(ground.admin, ground.address)

    assert again.password != ground.role.password
    assert ask(again, "SELECT current_user").rows == ((reader.ROLE,),)
