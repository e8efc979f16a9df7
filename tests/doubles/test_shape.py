"""Tests for declared shapes and their differences."""

from __future__ import annotations

from typing import Any

import pytest

from ripstop.doubles.shape import differences


@pytest.mark.parametrize(
    ("shape", "value"),
    [
        (int, 3),
        (float, 3),
        (str, ""),
        (bool, True),
        (int | None, None),
        (("usd", "eur"), "eur"),
        ("usd", "usd"),
        (None, None),
        (object, {"any": 1}),
        (dict, {}),
        ([{"sku": str}], [{"sku": "a"}, {"sku": "b"}]),
        ([], [1, "x"]),
        ({"note?": str}, {}),
        ({"user": {"id": str}}, {"user": {"id": "u", "more": 1}}),
        ({"amount": lambda amount: amount > 0}, {"amount": 1}),
    ],
)
def test_what_is_of_the_shape_differs_in_nothing(shape: Any, value: Any) -> None:
    assert differences(shape, value) == ()


@pytest.mark.parametrize(
    ("shape", "value", "difference"),
    [
        ({"amountCents": int}, {"amountCents": "abc"}, "body.amountCents: expected int, got 'abc'"),
        ({"amountCents": int}, {"amountCents": True}, "body.amountCents: expected int, got True"),
        ({"amountCents": int}, {}, "body.amountCents: missing, expected int"),
        (
            {"currency": ("usd", "eur")},
            {"currency": "gbp"},
            "body.currency: expected 'usd' or 'eur', got 'gbp'",
        ),
        ({"n": int | None}, {"n": "x"}, "body.n: expected int or null, got 'x'"),
        ({"user": {"id": str}}, {"user": {"id": 7}}, "body.user.id: expected str, got 7"),
        ({"user": {"id": str}}, {"user": None}, "body.user: expected an object, got null"),
        (
            {"lines": [{"sku": str}]},
            {"lines": [{"sku": "a"}, {}]},
            "body.lines[1].sku: missing, expected str",
        ),
        ({"lines": [int]}, {"lines": 3}, "body.lines: expected a list, got 3"),
        ({"note?": str}, {"note": 1}, "body.note: expected str, got 1"),
        (1, True, "body: expected 1, got True"),
    ],
)
def test_a_difference_names_the_field_what_was_expected_and_what_came(
    shape: Any, value: Any, difference: str
) -> None:
    assert differences(shape, value) == (difference,)


def test_a_strict_shape_refuses_fields_that_are_not_declared_at_any_depth() -> None:
    found = differences({"user": {"id": str}}, {"user": {"id": "u", "x": 1}, "y": 2}, strict=True)
    assert found == ("body.user.x: not declared, got 1", "body.y: not declared, got 2")


def test_a_long_value_is_cut_in_the_difference() -> None:
    (difference,) = differences({"note": int}, {"note": "x" * 1_000})
    assert len(difference) < 130
