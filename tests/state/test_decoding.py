"""The parser of test_decoding's output, as a conversation of lines, and against a real server."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ripstop.errors import ExperimentError
from ripstop.state.decoding import changes_of, message_of, transactions
from ripstop.state.sql import literal, name


def one(line: str):
    (change,) = changes_of(line)
    return change


def test_an_insert_gives_every_column_with_its_type():
    change = one("table public.orders: INSERT: id[integer]:7 paid[boolean]:true note[text]:null")

    assert (change.kind, change.schema, change.table) == ("insert", "public", "orders")
    assert change.new == {"id": "7", "paid": "true", "note": None}
    assert change.types == {"id": "integer", "paid": "boolean", "note": "text"}
    assert change.old is None


def test_an_update_gives_both_images_and_null_for_what_the_old_one_leaves_out():
    change = one("table public.a: UPDATE: old-key: id[integer]:1 new-tuple: id[integer]:1 b[text]:'x'")

    assert change.old == {"id": "1", "b": None}
    assert change.new == {"id": "1", "b": "x"}


def test_an_update_of_a_row_of_nulls_has_an_old_image():
    change = one("table public.a: UPDATE: old-key: new-tuple: id[integer]:1")

    assert change.old == {"id": None}


def test_an_update_without_an_old_image_is_not_complete():
    assert not one("table public.a: UPDATE: id[integer]:1").complete


def test_a_delete_without_tuple_data_is_not_complete():
    assert not one("table public.a: DELETE: (no-tuple-data)").complete


def test_an_unchanged_toast_value_is_taken_from_the_old_image():
    change = one(
        "table public.a: UPDATE: old-key: id[integer]:1 big[text]:'long'"
        " new-tuple: id[integer]:2 big[text]:unchanged-toast-datum"
    )

    assert change.new == {"id": "2", "big": "long"}


def test_user_text_that_looks_like_the_grammar_stays_text():
    value = "unchanged-toast-datum' new-tuple: old-key: x[text]:'y''"

    change = one(f"table public.a: INSERT: t[text]:{literal(value)} u[text]:'null'")

    assert change.new == {"t": value, "u": "null"}


def test_truncate_names_each_table_once():
    changes = changes_of('table public.a, "Odd, One"."b: TRUNCATE:": TRUNCATE: restart_seqs cascade')

    assert [(one.kind, one.schema, one.table) for one in changes] == [
        ("truncate", "public", "a"),
        ("truncate", "Odd, One", "b: TRUNCATE:"),
    ]


@pytest.mark.parametrize(
    ("printed", "value"),
    [
        ("numeric]:NaN", "NaN"),
        ("numeric]:-12.500", "-12.500"),
        ("double precision]:1e-300", "1e-300"),
        ("bit]:B'0101'", "0101"),
        ("bit varying]:B''", ""),
        ("integer[]]:'{1,NULL}'", "{1,NULL}"),
        ("timestamp without time zone]:'2024-01-01 00:00:00'", "2024-01-01 00:00:00"),
        ('"Odd Schema"."my ""type"""]:\'(1,"a b")\'', '(1,"a b")'),
        ("\"a]:b\"[]]:'{x}'", "{x}"),
        ("text]:''''", "'"),
        ("text]:''", ""),
    ],
)
def test_values_of_every_shape_are_read(printed, value):
    assert one(f"table public.a: INSERT: c[{printed} last[integer]:1").new == {"c": value, "last": "1"}


def test_names_in_quotes_are_unquoted():
    change = one('table "S.1"."T ""x""": INSERT: "a[b]:c"[text]:\'v\' "new-tuple"[text]:null')

    assert (change.schema, change.table) == ("S.1", 'T "x"')
    assert change.new == {"a[b]:c": "v", "new-tuple": None}


def test_lines_are_grouped_by_their_transaction():
    lines = [
        "BEGIN",
        "table public.a: INSERT: id[integer]:1",
        "message: transactional: 1 prefix: ripstop, sz: 3 content:ddl",
        "COMMIT",
        "message: transactional: 0 prefix: ripstop, sz: 0 content:",
        "BEGIN 7",
        "message: transactional: 1 prefix: someone, sz: 4 content:undo",
        "COMMIT 7",
    ]

    first, second = transactions(lines)

    assert (len(first.changes), first.notes, first.is_undo) == (1, ("ddl",), False)
    assert (second.changes, second.notes, second.is_undo) == ((), (), False)


def test_a_message_may_hold_anything():
    message = message_of("message: transactional: 1 prefix: a, sz: 9 content:BEGIN\nx'y")

    assert (message.prefix, message.content, message.transactional) == ("a", "BEGIN\nx'y", True)


@pytest.mark.parametrize(
    "line",
    [
        "table public.a: MERGE: id[integer]:1",
        "table public.a: INSERT: id[integer]",
        "table public.a: INSERT: t[text]:'open",
        "message: nonsense",
        "opening a streamed block",
    ],
)
def test_a_line_it_cannot_read_is_refused_by_name(line):
    with pytest.raises(ExperimentError) as caught:
        list(transactions([line]))

    assert caught.value.slug == "decoding-unreadable"


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=40)
IDENTIFIER = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=15
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    columns=st.dictionaries(
        IDENTIFIER,
        st.one_of(
            st.tuples(st.just("text"), st.none() | TEXT),
            st.tuples(st.just("varchar(60)[]"), st.none()),
            st.tuples(
                st.just("numeric"), st.decimals(-(10**12), 10**12, places=4).map(lambda d: format(d + 0, "f"))
            ),
            st.tuples(st.just("bytea"), st.binary(max_size=8).map(lambda b: "\\x" + b.hex())),
            st.tuples(st.just("boolean"), st.sampled_from(["true", "false"])),
            st.tuples(st.just("bit varying"), st.text("01", max_size=9)),
        ),
        max_size=5,
    ),
    table=IDENTIFIER,
)
def test_whatever_a_server_stores_is_read_back_and_undone(open_state, columns, table):
    state, client = opened(open_state)
    fields = ", ".join(f"{name(key)} {kind}" for key, (kind, _) in columns.items())
    client.run(f"DROP TABLE IF EXISTS {name(table)}; CREATE TABLE {name(table)} ({fields})")
    state.mark()
    values = ", ".join(literal(value) for _, value in columns.values())
    client.run(f"INSERT INTO {name(table)} " + (f"VALUES ({values})" if columns else "DEFAULT VALUES"))

    (change,) = state.read()

    assert (change.table, change.kind) == (table, "insert")
    assert change.new == {key: value for key, (_, value) in columns.items()}
    assert (state.undo().fallback, state.count(table)) == ("", 0)


_OPENED = {}


def opened(open_state):
    """One database for all examples of the test that asks first."""
    if open_state not in _OPENED:
        _OPENED.clear()
        _OPENED[open_state] = open_state("SELECT 1")
    return _OPENED[open_state]
