"""The example in TypeScript read whole, and files that are no good code."""

import builtins
from pathlib import Path

import pytest

from ripstop.scan.code import Shape
from ripstop.scan.files import find
from ripstop.scan.javascript import reading, syntax
from ripstop.scan.javascript.reading import read

EXAMPLE = Path(__file__).parents[3] / "examples" / "orders_express"


@pytest.fixture(scope="module")
def example():
    return read(EXAMPLE, find(EXAMPLE).javascript)


def test_the_charge_comes_before_the_insert_each_in_a_try_of_its_own(example):
    handler = example.functions["src.app.<POST /orders>"]

    own = [call for call in handler.calls if call.target in ("src.app.charge", "src.app.store")]
    assert [(call.target, call.place.line, call.caught, call.awaited) for call in own] == [
        ("src.app.charge", 25, ("Error",), True),
        ("src.app.store", 32, ("Error",), True),
    ]


def test_the_insert_is_made_within_the_transaction_it_belongs_to(example):
    (transaction,) = example.functions["src.app.store"].calls

    assert transaction.name == "drizzle.transaction"
    assert [call.name for call in transaction.block] == [
        "drizzle.insert",
        "drizzle.insert.values",
        "drizzle.insert.values.returning",
    ]
    assert transaction.block[0].arguments[0].value.text == "src.schema.orders"


def test_the_charge_states_its_address_its_method_and_its_idempotency_key(example):
    fetch = next(call for call in example.functions["src.app.charge"].calls if call.name == "fetch")

    address, options = (argument.value for argument in fetch.arguments)
    assert address.text == "https://api.payments.example/v1/charges"
    assert options.get("method").text == "POST"
    assert options.get("headers").get("idempotency-key") is not None
    assert options.get("signal") is None


def test_the_ways_out_are_told_with_the_status_answered_in_them(example):
    handler = example.functions["src.app.<POST /orders>"]

    assert [(one.kind, one.what, one.place.line) for one in handler.exits] == [
        ("answer", "400", 20),
        ("except", "Error -> 402", 26),
        ("answer", "402", 27),
        ("except", "Error -> 503", 34),
        ("answer", "503", 35),
    ]


def test_what_the_pool_is_made_of_is_read_from_the_environment(example):
    pool = example.constants["src.database.pool"]

    assert (pool.shape, pool.text) == (Shape.INSTANCE, "pg.Pool")
    assert pool.get("host").shape is Shape.SETTING
    assert pool.get("host").text == "DB_HOST"


def test_a_syntax_error_is_told_with_its_line_and_the_rest_is_read(read_files):
    code = read_files({"app.ts": "export function run() { send() }\n\nconst = = 3\n"})

    assert [(str(one.place), one.why) for one in code.unread] == [
        ("app.ts:3", "syntax error; the rest is read")
    ]
    assert [call.name for call in code.functions["app.run"].calls] == ["send"]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"\0\1\2" * 10, "not a text"),
        (b"x" * (reading._LIMIT_BYTES + 1), "larger than 1,000,000 bytes"),
        (b"var a=1;" * 5000, "made by a program: its lines are too long for a person's"),
    ],
)
def test_what_no_person_wrote_is_left_out_with_the_reason(tmp_path, content, why):
    (tmp_path / "odd.js").write_bytes(content)

    code = read(tmp_path, [Path("odd.js")])

    assert [(str(one.place), one.why) for one in code.unread] == [("odd.js:1", why)]
    assert code.functions == {}


@pytest.mark.parametrize(
    ("deep", "line"),
    [
        ("\nf" + "(f" * 3000 + ")" * 3000, 1),
        ("\nfunction deep() { return " + "f(" * 3000 + ")" * 3000 + "}", 2),
        ("\nconst " + "[" * 3000 + "a" + "]" * 3000 + " = b", 1),
        ("\nconst a = " + "'a' + " * 3000 + "'a'", 1),
    ],
    ids=["at the top", "in a function", "in a pattern", "in a sum"],
)
def test_nesting_without_end_is_told_and_stops_nothing_else(read_files, deep, line):
    code = read_files({"app.js": f"function run() {{ send() }}{deep}", "other.js": "function run() {}"})

    assert [(one.place.line, one.why) for one in code.unread] == [(line, "nested too deeply to be followed")]
    assert "other.run" in code.functions


def test_files_of_one_name_are_told_apart_by_their_endings(read_files):
    code = read_files({"app.js": "function run() {}", "app.ts": "function run() {}"})

    assert {"app.run", "app.ts.run"} <= code.functions.keys()


def test_a_byte_order_mark_is_no_error(tmp_path):
    (tmp_path / "app.ts").write_bytes(b"\xef\xbb\xbfexport function run() {}")

    assert read(tmp_path, [Path("app.ts")]).unread == ()


def test_a_file_that_went_away_is_told(tmp_path):
    code = read(tmp_path, [tmp_path / "gone.ts"])

    assert [str(one.place) for one in code.unread] == ["gone.ts:1"]


def test_without_the_extra_the_command_that_installs_it_is_told(tmp_path, monkeypatch):
    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name.startswith("tree_sitter"):
            raise ImportError(name)
        return real(name, *args, **kwargs)

    syntax.parser_for.cache_clear()
    monkeypatch.setattr(builtins, "__import__", without)
    code = read(tmp_path, [Path("a.ts"), Path("b.ts")])

    assert [str(one.place) for one in code.unread] == ["a.ts:1"]
    assert 'pip install "ripstop[javascript]"' in code.unread[0].why


def test_without_files_nothing_is_asked_for(tmp_path):
    assert read(tmp_path, []).unread == ()
