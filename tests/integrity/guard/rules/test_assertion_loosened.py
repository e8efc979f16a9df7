"""Assertions that take more than they took."""

from __future__ import annotations

import pytest

from ..differences import short, told

TEST = "def test_a(r):\n    x = get()\n    {}\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("assert x == 1", "assert x in (1, 2)"),
        ("assert x == compute()", "assert x"),
        ("assert x['a'] == [1, 2]", "assert len(x['a']) == 2"),
        ("assert x == {'a': 1, 'b': other()}", "assert x['a'] == 1"),
        ("assert x < 3", "assert x < 4"),
        ("assert x > 3", "assert x >= 3"),
        ("assert x.startswith('abc')", "assert x.startswith('abc') or x == ''"),
        ("x.m.assert_called_once_with(1)", "x.m.assert_called_once()"),
        ("assert x is not None", "assert x is not None or r"),
    ],
)
def test_a_weaker_assertion_of_the_same_thing_is_told(before: str, after: str) -> None:
    assert short(told(TEST.format(before), TEST.format(after))) == [("assertion-loosened", "likely")]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("assert x in (1, 2)", "assert x == 1"),
        ("assert x", "assert x == compute()"),
        ("assert len(x['a']) == 2", "assert x['a'] == [1, 2]"),
        ("assert x['a'] == 1", "assert x == {'a': 1, 'b': other()}"),
        ("assert x < 4", "assert x < 3"),
        ("assert len(x) > 0", "assert x"),
        ("assert x == True", "assert x"),
        ("assert x == 1 or x == 2", "assert x in {1, 2}"),
        ("assert str(x) == '[1]'", "assert x == [1]"),
        ("assert x == [1]", "assert str(x) == '[1]'"),
    ],
)
def test_one_that_says_as_much_or_more_is_not(before: str, after: str) -> None:
    assert told(TEST.format(before), TEST.format(after)) == []


def test_a_condition_with_checks_on_both_sides_is_left_to_a_reader() -> None:
    after = "if r.fast:\n        assert x.t < 1\n    else:\n        assert x == 1"

    assert short(told(TEST.format("assert x == 1"), TEST.format(after))) == [("assertion-loosened", "look")]


def test_an_empty_list_that_becomes_falsehood_is_left_to_a_reader() -> None:
    assert short(told(TEST.format("assert x == []"), TEST.format("assert not x"))) == [
        ("assertion-loosened", "look")
    ]
