"""Rows as tests ask for them."""

from __future__ import annotations

import datetime
import decimal
import uuid

import pytest

from ripstop.state.connection import StatementFailed
from ripstop.state.rows import RowLookupError

DDL = """
CREATE SCHEMA billing; CREATE TYPE pair AS (x int, y text); CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE TABLE orders (id int PRIMARY KEY, status text, total numeric(8,2), at timestamptz, body json,
  tags text[], where_ point, key uuid, "to" text, pair pair, mood mood, paid boolean, raw bytea);
INSERT INTO orders VALUES (1, 'it''s "paid"', 10.5, '2024-01-01 10:00+02', '{"a": [1]}', '{a,NULL}', '(1,2)',
  '00000000-0000-0000-0000-000000000001', 'x:y', '(1,)', 'happy', true, '\\x00ff');
INSERT INTO orders (id, total) VALUES (2, 10.5);
CREATE TABLE billing.invoices (id int); INSERT INTO billing.invoices VALUES (7)
"""


@pytest.fixture
def state(open_state):
    return open_state(DDL, template=False)[0]


def test_a_row_comes_with_python_values(state):
    row = state.row("orders", id=1)

    assert row["total"] == decimal.Decimal("10.50")
    assert row["at"] == datetime.datetime(2024, 1, 1, 8, tzinfo=datetime.UTC)
    assert (row["body"], row["tags"], row["paid"], row["raw"]) == ({"a": [1]}, ["a", None], True, b"\x00\xff")
    assert (row["key"], row["mood"]) == (uuid.UUID(int=1), "happy")


WANTED = [
    {"id": 1},
    {"status": 'it\'s "paid"'},
    {"total": decimal.Decimal("10.5"), "paid": True},
    {"at": datetime.datetime(2024, 1, 1, 8, tzinfo=datetime.UTC)},
    {"body": {"a": [1]}},
    {"tags": ["a", None]},
    {"where_": "(1,2)"},
    {"key": uuid.UUID(int=1)},
    {"to": "x:y"},
    {"pair": "(1,)"},
    {"mood": "happy"},
    {"raw": b"\x00\xff"},
]


def test_a_row_is_found_by_values_of_any_type(state):
    assert [state.row("orders", **where)["id"] for where in WANTED] == [1] * len(WANTED)


def test_values_python_has_no_room_for_come_as_text(open_state):
    state, _ = open_state(
        "CREATE TABLE odd (t time, d date, b timestamp, r int4range, p point, i interval);"
        "INSERT INTO odd VALUES ('24:00', 'infinity', '0044-03-15 BC', '[1,5)', '(1,2)', '1 mon -1 day')",
        template=False,
    )

    assert list(state.row("odd").values()) == [
        "24:00:00", "infinity", "0044-03-15 00:00:00 BC", "[1,5)", "(1,2)", "1 mon -1 days",
    ]  # fmt: skip


def test_none_asks_for_null(state):
    assert state.row("orders", status=None)["id"] == 2


def test_rows_and_count_agree(state):
    assert [row["id"] for row in state.rows("orders", total=10.5)] == [1, 2]
    assert (state.count("orders"), state.count("orders", id=3)) == (2, 0)


def test_a_table_of_another_schema_is_named_with_it(state):
    assert state.row("billing.invoices") == {"id": 7}
    assert state.count("public.orders") == 2


def test_no_row_says_what_is_there(state):
    with pytest.raises(RowLookupError, match=r"no row of orders where id=5; there is:\n.*'id': 1") as caught:
        state.row("orders", id=5)

    assert len(str(caught.value)) < 1000


def test_several_rows_are_listed(state):
    with pytest.raises(RowLookupError, match="2 rows of orders where total=10"):
        state.row("orders", total=10.5)


REFUSED = [
    ("order", {}, "no table 'order'; there are: billing.invoices, orders"),
    ("orders", {"nr": 1}, "no column 'nr' in orders; there are: id, status"),
    ("orders", {"status": "\0"}, "NUL"),
    ("orders", {"id": "seven"}, "invalid input syntax for type integer"),
]


def test_what_cannot_be_is_a_lookup_error(state):
    for table, where, message in REFUSED:
        with pytest.raises(LookupError, match=message):
            state.rows(table, **where)


def test_a_table_made_after_the_opening_is_found(open_state):
    state, client = open_state("SELECT 1", template=False)
    client.run("CREATE TABLE late (id int)")

    assert state.count("late") == 0


def test_unique_indexes_are_told_and_read_anew_after_ddl(open_state):
    state, client = open_state(
        "CREATE TABLE a (id int PRIMARY KEY, x int, y int, UNIQUE (y, x) INCLUDE (id))"
    )
    assert [(one.name, one.columns) for one in state.unique_indexes()] == [
        ("a_pkey", ("id",)),
        ("a_y_x_id_key", ("y", "x")),
    ]

    client.run("CREATE UNIQUE INDEX late ON a (lower(x::text))")
    state.read()

    assert "late" in [one.name for one in state.unique_indexes()]


def test_a_row_put_in_comes_back_with_what_the_schema_fills_in_and_goes_with_the_next_undo(open_state):
    state, _ = open_state(
        "CREATE TABLE users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text,"
        " tags jsonb, born timestamptz DEFAULT now())",
        template=False,
    )

    row = state.insert("users", name="it's Ann", tags=["a"])

    assert (row["name"], row["tags"], row["id"]) == ("it's Ann", ["a"], 1)
    assert row["born"] is not None
    state.undo()
    assert state.rows("users") == []


def test_a_row_that_its_foreign_key_forbids_is_refused_and_leaves_no_transaction_open(open_state):
    state, _ = open_state(
        "CREATE TABLE users (id int PRIMARY KEY); CREATE TABLE orders (id int, buyer int REFERENCES users)",
        template=False,
    )

    with pytest.raises(StatementFailed) as caught:
        state.insert("orders", id=1, buyer=7)

    assert caught.value.sqlstate == "23503"
    assert state.insert("users", id=7) == {"id": 7}
    assert state.insert("orders", id=1, buyer=7)["buyer"] == 7


def test_a_column_that_is_not_there_is_named_before_anything_is_put_in(state):
    with pytest.raises(RowLookupError, match="no column 'colour' in orders"):
        state.insert("orders", id=9, colour="red")
