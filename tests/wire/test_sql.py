"""Operations of statements: what stays of a text once its values are gone."""

from __future__ import annotations

import logging
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ripstop.model.trace import Kind
from ripstop.wire import sql, sqlshape
from ripstop.wire.sql import parse
from ripstop.wire.sqltext import shape_text, words

READ, WRITE, OTHER = Kind.READ, Kind.WRITE, Kind.OTHER

OPERATIONS = [
    ("INSERT INTO orders (id, total) VALUES ($1, $2) RETURNING id", "INSERT orders", WRITE),
    ("insert into Orders (id) values (1), (2), (3)", "INSERT orders", WRITE),
    ("INSERT INTO public.orders DEFAULT VALUES", "INSERT orders", WRITE),
    ('INSERT INTO billing."Order" (id) VALUES (1)', "INSERT billing.Order", WRITE),
    ("INSERT INTO orders (id) OVERRIDING SYSTEM VALUE VALUES (1)", "INSERT orders", WRITE),
    ("INSERT INTO orders (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET total = 2", "INSERT orders", WRITE),
    ("UPDATE ONLY stock SET n = n - 1 WHERE sku = 'a' AND n > 0", "UPDATE stock", WRITE),
    ("DELETE FROM carts USING users WHERE carts.user_id = users.id", "DELETE carts", WRITE),
    ("MERGE INTO a USING b ON a.id = b.id WHEN MATCHED THEN UPDATE SET x = 1", "MERGE a", WRITE),
    ("WITH x AS (INSERT INTO orders (id) VALUES (1) RETURNING id) SELECT id FROM x", "INSERT orders", WRITE),
    ("WITH x AS (DELETE FROM a RETURNING *) UPDATE b SET n = 1 FROM x", "DELETE a, UPDATE b", WRITE),
    ("SELECT * FROM orders o JOIN users u ON u.id = o.user_id", "SELECT orders, users", READ),
    ("SELECT 1 FROM a, b, c, d, e, f", "SELECT a, b, c, d, +2", READ),
    ("WITH recent AS (SELECT * FROM orders) SELECT * FROM recent", "SELECT orders", READ),
    ("(SELECT id FROM a) UNION (SELECT id FROM b)", "SELECT a, b", READ),
    ("TABLE orders", "SELECT orders", READ),
    ("SELECT n FROM stock WHERE id = 3 FOR UPDATE SKIP LOCKED", "SELECT stock FOR UPDATE", READ),
    ("SELECT n FROM stock s FOR NO KEY UPDATE OF s NOWAIT", "SELECT stock FOR UPDATE", READ),
    ("SELECT n FROM stock FOR SHARE", "SELECT stock FOR SHARE", READ),
    ("SELECT 1", "SELECT 1", READ),
    ("SELECT $1::int", "SELECT 1", READ),
    ("SELECT pg_advisory_lock(42)", "SELECT pg_advisory_lock", READ),
    ("SELECT * FROM place_order(1, 'x')", "SELECT place_order", READ),
    ("SELECT pg_catalog.set_config('search_path', '', false)", "SELECT set_config", OTHER),
    ("SELECT t.oid FROM pg_catalog.pg_type t WHERE t.typname = 'hstore'", "SELECT pg_type", OTHER),
    ("VALUES (1, 2), (3, 4)", "SELECT 1", READ),
    ("BEGIN ISOLATION LEVEL SERIALIZABLE", "BEGIN", Kind.BEGIN),
    ("start transaction read only", "BEGIN", Kind.BEGIN),
    ("COMMIT WORK", "COMMIT", Kind.COMMIT),
    ("END", "COMMIT", Kind.COMMIT),
    ("COMMIT AND CHAIN", "COMMIT AND CHAIN", Kind.COMMIT),
    ("COMMIT AND NO CHAIN", "COMMIT", Kind.COMMIT),
    ("PREPARE TRANSACTION 'x'", "PREPARE TRANSACTION", Kind.COMMIT),
    ("COMMIT PREPARED 'x'", "COMMIT PREPARED", Kind.COMMIT),
    ("ABORT", "ROLLBACK", Kind.ROLLBACK),
    ("ROLLBACK TRANSACTION", "ROLLBACK", Kind.ROLLBACK),
    ("SAVEPOINT sa_savepoint_12", "SAVEPOINT", OTHER),
    ("RELEASE SAVEPOINT sa_savepoint_12", "RELEASE", OTHER),
    ("ROLLBACK TO SAVEPOINT sa_savepoint_12", "ROLLBACK TO", OTHER),
    ("COPY orders (id, total) FROM STDIN (FORMAT binary)", "COPY orders", WRITE),
    ("COPY orders TO STDOUT", "COPY orders TO", READ),
    ("COPY (SELECT * FROM orders) TO STDOUT", "COPY SELECT orders", READ),
    ("SET search_path TO app, public", "SET search_path", OTHER),
    ("SET SESSION statement_timeout = 5", "SET statement_timeout", OTHER),
    ("SET LOCAL app.user_id = '7'", "SET LOCAL app.user_id", OTHER),
    ("SET TIME ZONE 'UTC'", "SET timezone", OTHER),
    ("SET TRANSACTION READ ONLY", "SET TRANSACTION", OTHER),
    ("SHOW server_version", "SHOW server_version", OTHER),
    ("RESET ALL", "RESET all", OTHER),
    ("DISCARD ALL", "DISCARD", OTHER),
    ("DEALLOCATE pg3_17", "DEALLOCATE", OTHER),
    ("TRUNCATE TABLE a, s.b RESTART IDENTITY", "TRUNCATE a, s.b", WRITE),
    ("LOCK TABLE orders IN EXCLUSIVE MODE", "LOCK orders", OTHER),
    ("CALL settle(1)", "CALL settle", WRITE),
    ("DO $$ BEGIN DELETE FROM a; END $$", "DO", WRITE),
    ("DECLARE c_7f3a NO SCROLL CURSOR FOR SELECT * FROM orders", "DECLARE CURSOR SELECT orders", READ),
    ("FETCH 100 FROM c_7f3a", "FETCH", READ),
    ("CLOSE c_7f3a", "CLOSE", OTHER),
    ("LISTEN jobs", "LISTEN jobs", OTHER),
    ("EXPLAIN (COSTS off) SELECT * FROM orders", "EXPLAIN SELECT orders", READ),
    ("CREATE TABLE IF NOT EXISTS orders (id int)", "CREATE TABLE orders", OTHER),
    ("ALTER TABLE orders ADD COLUMN x int", "ALTER TABLE orders", OTHER),
    ("INSERT INTO a (id) VALUES (1); UPDATE b SET n = 2", "INSERT a; UPDATE b", WRITE),
    ("SELECT 1 FROM a; UPDATE b SET n = 2", "SELECT a; UPDATE b", WRITE),
    ("BEGIN; INSERT INTO a (id) VALUES (1); COMMIT", "BEGIN; INSERT a; COMMIT", WRITE),
    ("DELETE FROM a; COMMIT", "DELETE a; COMMIT", Kind.COMMIT),
    (
        "SELECT pg_advisory_unlock_all();\nCLOSE ALL;\nUNLISTEN *;\nRESET ALL;",
        "SELECT pg_advisory_unlock_all; CLOSE; UNLISTEN; RESET all",
        OTHER,
    ),
    ("", "EMPTY", OTHER),
    (" ; -- nothing\n", "EMPTY", OTHER),
]


@pytest.mark.parametrize(("text", "operation", "kind"), OPERATIONS)
def test_a_statement_has_its_operation_and_kind(text: str, operation: str, kind: Kind) -> None:
    found = parse(text)

    assert (found.operation, found.kind) == (operation, kind)


@pytest.mark.parametrize(
    "text",
    [
        "INSERT INTO orders (id, note) VALUES ($1, $2)",
        "insert into ORDERS(id,note)values(7,'it''s ; here')",
        "INSERT /* app:'shop' /* nested */ */ INTO orders (id, note) -- why\n VALUES (1, E'a\\'b')",
        "INSERT INTO orders (id, note) VALUES (1, $tag$ ; DELETE FROM x; $tag$);",
        "INSERT INTO public.orders (id, note) VALUES (%s, %(note)s)",
        "INSERT INTO orders (id, note) VALUES ($1::INTEGER, $2::VARCHAR), ($3::INTEGER, $4::VARCHAR)",
    ],
)
def test_values_spelling_and_comments_do_not_change_a_statement(text: str) -> None:
    assert parse(text) == parse("INSERT INTO orders (id, note) VALUES (0, '')")


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ('INSERT INTO a (id, "Name") VALUES (1, 2)', ("id", "Name")),
        ("INSERT INTO a VALUES (1)", ()),
        ("INSERT INTO a (id) OVERRIDING SYSTEM VALUE VALUES (1)", ("id",)),
        ("UPDATE a SET (x, y) = (1, 2), z = w + 1 WHERE k = 3", ("x", "y", "z")),
        ("COPY a (id, name) FROM STDIN", ("id", "name")),
        ("DELETE FROM a WHERE id = 1", ()),
    ],
)
def test_the_columns_written_are_known(text: str, columns: tuple[str, ...]) -> None:
    assert parse(text).columns == columns


def test_the_table_written_comes_before_the_tables_read() -> None:
    assert parse("INSERT INTO orders (id) SELECT id FROM carts").tables == ("orders", "carts")


@pytest.mark.parametrize(
    ("clause", "conflict"),
    [("", None), ("ON CONFLICT DO NOTHING", ()), ("ON CONFLICT (id, b) DO UPDATE SET b = 1", ("id", "b"))],
)
def test_an_upsert_says_which_columns_it_covers(clause: str, conflict: tuple[str, ...] | None) -> None:
    assert parse(f"INSERT INTO a (id, b) VALUES (1, 2) {clause}").conflict == conflict


@pytest.mark.parametrize(
    "text",
    [
        "INSERT INTO orders (id, note) VALUES (1, 2) ON CONFLICT (id) DO UPDATE SET note = 3",
        "UPDATE s.stock SET n = 1, m = 2 WHERE id = 3",
        "DELETE FROM carts WHERE id = 1",
        "SELECT * FROM orders JOIN s.users ON true WHERE x IS DISTINCT FROM 3",
        "SELECT n FROM stock WHERE id = 1 FOR NO KEY UPDATE",
        "WITH x AS (DELETE FROM a RETURNING id) SELECT * FROM x",
    ],
)
def test_words_alone_tell_the_same_as_the_parser(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed = sqlshape.shape(words(text))
    monkeypatch.setattr(sqlshape.sqlglot, "parse", _cannot_parse)

    assert sqlshape.shape(words(text)) == parsed
    assert parsed != sqlshape.Shape()


def _cannot_parse(*_: object, **__: object) -> None:
    raise RecursionError


def test_a_statement_no_parser_knows_still_has_a_stable_operation() -> None:
    first, second = (f"UPDATE stock SET n = {n} FROBNICATE !! (((" for n in (1, 22))

    assert parse(first).operation == parse(second).operation == "UPDATE stock"


PIECES = ["select", "from", "insert", "into", "(", ")", "'", '"', "$$", "$1", ",", ";", "a", ".", "update"]
TEXTS = st.text(max_size=60) | st.lists(st.sampled_from([*PIECES, "set", "=", "/*", "--", "values"])).map(
    " ".join
)


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_no_text_makes_it_raise(text: str) -> None:
    assert len(parse(text).operation) < 1_000


def test_the_parsers_warnings_stay_out_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        sqlshape.shape(words("CALL a_call_sqlglot_warns_about(1)"))
        logging.getLogger("sqlglot").warning("someone else's")

    assert [record.message for record in caplog.records] == ["someone else's"]


def test_a_long_list_of_rows_costs_as_little_as_one() -> None:
    rows = ", ".join(f"({n}, 'x{n}', now())" for n in range(2_000))

    text = shape_text(words(f"INSERT INTO a (id, b, at) VALUES {rows} ON CONFLICT (id) DO NOTHING"))

    row = "( 0 , '?' , now ( ) )"
    assert text == f"insert into a ( id , b , at ) values {row} on conflict ( id ) do nothing"


@pytest.mark.parametrize("unit", ["(", "a,", "insert into t (a", "with a as (", "$", "a;", "on conflict ( "])
def test_a_text_of_any_size_is_read_in_bounded_time_and_not_remembered(unit: str) -> None:
    started, remembered = time.process_time(), sql._remembered.cache_info().currsize
    parse(f"SELECT {unit * (4_000_000 // len(unit))}")

    assert time.process_time() - started < 5
    assert sql._remembered.cache_info().currsize == remembered


def test_an_insert_too_long_to_be_read_to_its_end_may_resolve_every_conflict() -> None:
    text = f"INSERT INTO t (a) VALUES {', '.join(['(1)'] * 100_000)} ON CONFLICT (a) DO NOTHING"
    found = parse(text)

    assert (found.operation, found.columns, found.conflict) == ("INSERT t", ("a",), ())
