"""Taking changes back on a real server: type by type, table by table, and what stands in the way."""

from __future__ import annotations

import pytest

from ripstop.errors import ExperimentError
from ripstop.state.decoding import RowChange
from ripstop.state.reset import Limits
from ripstop.state.schema import Schema
from ripstop.state.undo import MARKER, inverse

TYPES = """
CREATE EXTENSION citext; CREATE EXTENSION hstore;
CREATE TYPE mood AS ENUM ('a', 'b''c'); CREATE TYPE pair AS (x int, "y z" text);
CREATE DOMAIN short AS varchar(5) CHECK (value <> ''); CREATE DOMAIN pairs AS pair[];
"""

# type, a value, another that prints otherwise (some of them are equal to the first under "=")
VALUES = [
    ("smallint", "1", "-2"),
    ("bigint", "9223372036854775807", "0"),
    ("numeric", "1.0", "1.00"),
    ("numeric(10,2)", "NaN", "1.25"),
    ("real", "0", "-0"),
    ("double precision", "0.30000000000000004", "Infinity"),
    ("money", "$1.25", "-$3.00"),
    ("boolean", "t", "f"),
    ('"char"', "a", "\\377"),
    ("char(5)", "ab", "ab c"),
    ("varchar(3)", "a  ", "a"),
    ("text", 'it\'s \\ \n\t"q"', ""),
    ("citext", "Ann", "ann"),
    ("short", "x", "'"),
    ("bytea", "\\x00275c", "\\x"),
    ("bit(3)", "010", "111"),
    ("bit varying", "", "01"),
    ("date", "infinity", "0044-03-15 BC"),
    ("time", "24:00:00", "00:00:00.000001"),
    ("timetz", "10:00+02", "08:00+00"),
    ("timestamp(0)", "2024-01-01 10:00:00", "-infinity"),
    ("timestamptz", "2024-01-01 10:00:00.123456+05:30", "infinity"),
    ("interval", "1 mon", "30 days"),
    ("uuid", "00000000-0000-0000-0000-000000000001", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
    ("inet", "10.0.0.1", "10.0.0.1/8"),
    ("cidr", "10.0.0.0/8", "::/0"),
    ("macaddr", "08:00:2b:01:02:03", "08:00:2b:01:02:04"),
    ("json", '{"a":  1, "a": 2}', '{"a": 1}'),
    ("jsonb", '{"a": 1.0}', '{"a": 1.00}'),
    ("jsonpath", "$.a", "$.b[*]"),
    ("point", "(1,2)", "(1,2.5)"),
    ("polygon", "((0,0),(1,1),(1,0))", "((0,0),(1,1))"),
    ("circle", "<(0,0),1>", "<(0,0),2>"),
    ("box", "(1,1),(0,0)", "(2,0.5),(0,0)"),
    ("tsvector", "'a':1 'b''c':2", ""),
    ("int4range", "[1,5)", "empty"),
    ("tstzmultirange", "{[2024-01-01,2024-02-01)}", "{}"),
    ("mood", "a", "b'c"),
    ("pair", '(1,"a ""b"", c")', "(,)"),
    ("pairs", '{"(1,a)",NULL}', "{}"),
    ("text[]", '{NULL,"NULL","a,b","{","\\\\",""}', "{}"),
    ("int[]", "[0:1]={1,2}", "{1,2}"),
    ("hstore", '"a"=>"1", "b"=>NULL', ""),
    ("regclass", "pg_class", "0"),
    ("pg_lsn", "0/16B3748", "FF/0"),
    ("oid", "4294967295", "1"),
]

KEYS = {"keyless": "", "keyed": "id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "}


def literal(value):
    return "'" + value.replace("'", "''") + "'"


@pytest.mark.parametrize("key", KEYS)
def test_every_type_comes_back_as_it_was(open_state, key):
    tables = {f"t{n}": one for n, one in enumerate(VALUES)}
    state, client = open_state(
        TYPES
        + ";".join(f"CREATE TABLE {t} ({KEYS[key]}a {one[0]}, b int DEFAULT 1)" for t, one in tables.items())
        + ";"
        + ";".join(
            f"INSERT INTO {t} (a) VALUES ({literal(x)}), ({literal(y)}), (NULL), ({literal(x)})"
            for t, (_, x, y) in tables.items()
        ),
        template=False,
    )
    stood = state.checksum()

    for table, (_, x, y) in tables.items():
        client.run(
            f"INSERT INTO {table} (a) VALUES ({literal(y)}), (NULL); UPDATE {table} SET a = {literal(y)},"
            f" b = NULL WHERE ctid IN ('(0,1)', '(0,3)'); UPDATE {table} SET a = NULL WHERE ctid = '(0,2)';"
            f"DELETE FROM {table} WHERE ctid = '(0,4)'; INSERT INTO {table} (a, b) VALUES ({literal(x)}, 9)"
        )
    touched = {one.table for one in state.read()}
    undone = state.undo()

    now = state.checksum()
    assert touched == set(tables)
    assert [tables[name] for name in stood if now[name] != stood[name]] == []
    assert undone.fallback == ""


def test_changes_say_what_was_committed_and_in_which_transaction(open_state):
    state, client = open_state(
        "CREATE TABLE a (id int PRIMARY KEY, n numeric(5,2), v int GENERATED ALWAYS AS (id))"
    )
    client.run("INSERT INTO a VALUES (1, 2.5)")
    client.run("BEGIN; INSERT INTO a VALUES (9); ROLLBACK")
    client.run("BEGIN; UPDATE a SET n = NULL; DELETE FROM a; COMMIT")

    inserted, updated, deleted = state.read()

    assert (inserted.kind, inserted.table, inserted.new) == ("insert", "a", {"id": "1", "n": "2.50"})
    assert (updated.old, updated.new) == ({"id": "1", "n": "2.50"}, {"id": "1", "n": None})
    assert (deleted.old, deleted.new) == ({"id": "1", "n": None}, None)
    assert deleted.types == {"id": "integer", "n": "numeric"}
    assert [one.transaction for one in (inserted, updated, deleted)] == [1, 2, 2]


def test_a_reading_is_cumulative_until_the_mark_and_never_shows_our_own_undo(open_state):
    state, client = open_state("CREATE TABLE a (id int)")
    client.run("INSERT INTO a VALUES (1)")
    assert len(state.read()) == 1
    client.run("INSERT INTO a VALUES (2)")
    assert len(state.read()) == 2

    state.mark()
    assert state.read() == ()
    client.run("INSERT INTO a VALUES (3)")
    state.undo()

    assert state.read() == ()
    assert state.rows("a") == [{"id": 1}, {"id": 2}]


def test_a_commit_the_service_did_not_wait_for_is_read_all_the_same(open_state):
    state, client = open_state("CREATE TABLE a (id int)", template=False)
    client.run("SET synchronous_commit = off")
    for number in range(1, 51):
        client.run(f"INSERT INTO a VALUES ({number})")
        assert len(state.read()) == number


def test_of_two_rows_alike_only_the_one_that_was_added_goes(open_state):
    state, client = open_state("CREATE TABLE a (j json); INSERT INTO a VALUES ('{}'), ('{}')")
    client.run("INSERT INTO a VALUES ('{}'), ('{ }')")

    assert state.undo().changes == 2
    assert state.rows("a") == [{"j": {}}, {"j": {}}]


def test_null_is_not_taken_for_an_empty_value(open_state):
    state, client = open_state("CREATE TABLE a (x text); INSERT INTO a VALUES (NULL), (NULL)")
    client.run("INSERT INTO a VALUES ('')")

    assert state.undo().fallback == ""
    assert state.rows("a") == [{"x": None}] * 2


def test_a_row_of_a_child_table_alike_in_all_is_left_alone(open_state):
    state, client = open_state(
        "CREATE TABLE a (x text); CREATE TABLE b () INHERITS (a); INSERT INTO b VALUES ('same'), ('same')"
    )
    client.run("INSERT INTO a VALUES ('other'), ('same')")

    assert (state.undo().fallback, state.rows("a"), state.count("b")) == ("", [{"x": "same"}] * 2, 2)


def test_a_unique_column_that_admits_null_is_no_key(open_state):
    state, client = open_state(
        "CREATE TABLE a (x int UNIQUE, y int); INSERT INTO a VALUES (NULL, 1), (NULL, 2)"
    )
    client.run("UPDATE a SET y = 3 WHERE y = 2")

    assert state.undo().fallback == ""
    assert [row["y"] for row in state.rows("a")] == [1, 2]


def test_a_float_comes_back_to_its_last_bit(open_state):
    state, client = open_state(
        "CREATE TABLE a (id int PRIMARY KEY, x float8, y real);"
        "INSERT INTO a VALUES (1, 0.1::float8 + 0.2, 0.1)"
    )
    client.run("DELETE FROM a")
    state.undo()

    assert client.run("SELECT x = 0.1::float8 + 0.2, y = 0.1::real FROM a") == [[True, True]]


def test_a_row_that_is_not_there_any_more_leads_to_a_copy(open_state):
    state, client = open_state("CREATE TABLE a (id int PRIMARY KEY); INSERT INTO a VALUES (1)")
    client.run("INSERT INTO a VALUES (2), (3)")
    client.run(f"BEGIN; {MARKER}; DELETE FROM a WHERE id < 3; COMMIT")

    undone = state.undo(before_clone=client.close)

    assert (undone.fallback, undone.detail) == ("undo-failed", "2 rows found of 3")
    assert state.rows("a") == [{"id": 1}]


def test_a_row_without_columns_is_taken_back(open_state):
    state, client = open_state("CREATE TABLE a (); INSERT INTO a DEFAULT VALUES")
    client.run("INSERT INTO a DEFAULT VALUES; INSERT INTO a DEFAULT VALUES")

    assert state.undo().fallback == ""
    assert state.count("a") == 1


def test_an_update_that_changes_nothing_is_told_and_needs_no_undo(open_state):
    state, client = open_state("CREATE TABLE a (id int PRIMARY KEY); INSERT INTO a VALUES (1)")
    client.run("UPDATE a SET id = id")

    (change,) = state.read()

    assert change.old == change.new
    assert state.undo().fallback == ""


def test_unlogged_tables_old_and_new_are_read_and_taken_back(open_state):
    state, client = open_state("CREATE UNLOGGED TABLE a (id int); CREATE UNLOGGED TABLE b (id int UNIQUE)")
    client.run("INSERT INTO a VALUES (1); INSERT INTO b VALUES (1)")
    assert [one.table for one in state.read()] == ["a", "b"]
    assert state.undo().fallback == ""

    client.run("CREATE UNLOGGED TABLE c (id int)")
    client.run("INSERT INTO c VALUES (1)")
    assert [one.table for one in state.read()] == ["c"]


def test_temporary_tables_are_neither_told_nor_ddl(open_state):
    state, client = open_state("CREATE TABLE a (id int)", template=False)
    client.run("CREATE TEMP TABLE t (id int); INSERT INTO t VALUES (1); CREATE INDEX ON t (id); DROP TABLE t")
    client.run("CREATE TABLE IF NOT EXISTS a (id int)")
    client.run("INSERT INTO a VALUES (1)")

    assert [one.table for one in state.read()] == ["a"]
    assert state.undo().fallback == ""


def test_always_triggers_do_not_disturb_undo_and_stand_as_before(open_state):
    state, client = open_state(
        """CREATE TABLE a (id int); CREATE TABLE said (id int);
        CREATE FUNCTION say() RETURNS trigger LANGUAGE plpgsql AS
          $$ BEGIN INSERT INTO said VALUES (1); RETURN NULL; END $$;
        CREATE TRIGGER one AFTER INSERT OR DELETE ON a EXECUTE FUNCTION say();
        CREATE TRIGGER two AFTER DELETE ON a EXECUTE FUNCTION say();
        ALTER TABLE a ENABLE ALWAYS TRIGGER one, ENABLE REPLICA TRIGGER two;
        CREATE RULE three AS ON DELETE TO a DO INSTEAD NOTHING; ALTER TABLE a ENABLE REPLICA RULE three"""
    )
    modes = "SELECT tgname, tgenabled FROM pg_trigger UNION SELECT rulename, ev_enabled FROM pg_rewrite"
    before = sorted(client.run(modes))
    client.run("INSERT INTO a VALUES (1)")

    assert state.undo().fallback == ""
    assert (state.count("a"), state.count("said")) == (0, 0)
    assert sorted(client.run(modes)) == before


def test_sequences_run_on_after_an_undo(open_state):
    state, client = open_state("CREATE TABLE a (id serial)")
    client.run("INSERT INTO a DEFAULT VALUES")
    state.undo()
    client.run("INSERT INTO a DEFAULT VALUES")

    assert state.rows("a") == [{"id": 2}]


def test_a_truncate_is_told_row_by_row_and_taken_back(open_state):
    state, client = open_state(
        """CREATE TABLE a (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "x" text);
        CREATE TABLE "b ""c" (a int REFERENCES a ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED);
        CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'deleted'; END $$;
        CREATE TRIGGER guard BEFORE DELETE ON a FOR EACH ROW EXECUTE FUNCTION no();
        INSERT INTO a (x) VALUES ('1'), (NULL); INSERT INTO "b ""c" VALUES (2), (2)"""
    )
    stood = state.checksum()
    client.run("TRUNCATE a RESTART IDENTITY CASCADE")
    kinds = [(one.kind, one.table) for one in state.read()]
    undone = state.undo()

    assert kinds.count(("delete", "a")) == kinds.count(("delete", 'b "c')) == 2
    assert {("truncate", "a"), ("truncate", 'b "c')} < set(kinds)
    assert (undone.fallback, state.checksum()) == ("", stood)
    assert client.run("INSERT INTO a DEFAULT VALUES RETURNING id") == [[3]]


def test_a_table_made_later_is_as_well_watched(open_state):
    state, client = open_state("SELECT 1")
    client.run("CREATE TABLE a (id int) PARTITION BY LIST (id); CREATE TABLE b PARTITION OF a DEFAULT")
    client.run("INSERT INTO a VALUES (1), (2)")
    state.mark()
    client.run("UPDATE a SET id = 7 WHERE id = 2; TRUNCATE a")

    assert state.read()[0].old == {"id": "2"}
    assert (state.undo().fallback, state.rows("a")) == ("", [{"id": 1}, {"id": 2}])


def test_a_lock_in_the_way_is_named_within_the_bound(open_state, connect):
    state, client = open_state("CREATE TABLE a (id int); ", limits=Limits(lock_timeout_ms=100))
    client.run("INSERT INTO a VALUES (1)")
    blocker = connect()
    blocker.run("BEGIN; SELECT * FROM a FOR UPDATE")

    with pytest.raises(ExperimentError) as caught:
        state.undo()

    assert caught.value.slug == "undo-blocked"
    assert "FOR UPDATE" in caught.value.details[0]
    blocker.run("ROLLBACK")
    assert (state.undo().fallback, state.count("a")) == ("", 0)


def test_a_change_of_a_table_nobody_knows_cannot_be_taken_back():
    with pytest.raises(ExperimentError) as caught:
        inverse([RowChange("insert", "public", "gone", None, {"id": "1"})], Schema())

    assert caught.value.slug == "undo-unknown-table"
