"""Recorded values become code only as what they are."""

from __future__ import annotations

import ast
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ripstop.backfill import encode
from ripstop.backfill.encode import Call, CannotRender, Merged, Raw

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(json_values)
def test_any_json_value_comes_back_from_its_source(value: Any) -> None:
    assert ast.literal_eval(encode.one_line(value)) == value
    assert ast.literal_eval(encode.laid_out(value, indent=4, lead=20)) == value


@given(st.text())
def test_any_text_stays_one_literal_on_one_line_of_printable_characters(text: str) -> None:
    literal = encode.string(text)

    assert literal.isprintable()
    assert ast.literal_eval(literal) == text


@given(st.text(max_size=30), st.text(max_size=30))
def test_fixed_parts_of_an_f_string_stay_fixed(before: str, after: str) -> None:
    source = encode.template([before, Raw("name"), after])

    assert eval(source, {"name": "NAME"}) == f"{before}NAME{after}"


@given(st.text(max_size=40))
def test_any_text_makes_a_name_or_the_default(text: str) -> None:
    name = encode.identifier(text, "fallback")

    assert name.isidentifier()
    assert name.isascii()
    compile(f"{name} = 1", "x", "exec")


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), object(), 10**400, "x" * 3_000, [["y" * 1_500] * 8]],
    ids=["nan", "infinity", "no JSON value", "a huge number", "a huge text", "a huge list"],
)
def test_what_no_readable_literal_can_hold_is_refused(value: object) -> None:
    with pytest.raises(CannotRender):
        encode.one_line(value)


def test_a_value_nested_too_deep_is_refused() -> None:
    value: list[Any] = []
    for _ in range(40):
        value = [value]

    with pytest.raises(CannotRender, match="nested deeper"):
        encode.one_line(value)


def test_a_long_call_is_broken_over_lines_that_fit() -> None:
    call = Call("service.post", ["/orders"], [("json", {f"field{n}": "value" * 3 for n in range(6)})])
    text = encode.statement("response = ", call)

    assert max(map(len, text.splitlines())) <= encode.WIDTH
    assert text.startswith('    response = service.post(\n        "/orders",\n')
    compile(text.strip(), "x", "exec")


def test_a_merged_dict_begins_with_its_base() -> None:
    assert encode.one_line(Merged("ORDER", {"key": Raw("str(uuid4())")})) == '{**ORDER, "key": str(uuid4())}'


def test_prose_cannot_end_a_docstring() -> None:
    text = encode.prose('"""\nimport os\n\\"""')

    assert '"' not in text
    assert "\\" not in text
    assert "\n" not in text
