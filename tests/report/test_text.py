"""What may reach a screen."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ripstop.report.text import clean, fit, width, wrapped


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J\x1b[31mred", "\\e[2J\\e[31mred"),
        ("\x9b31m", "\\x9b31m"),
        ("a\r\nb\tc\x07", "a\\r\\nb\\tc\\x07"),
        ("abc\u202edcba", "abc\\u202edcba"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
        ("line\u2028break", "line\\u2028break"),
        ("lone\ud800", "lone\\ud800"),
        ("tag\U000e0041", "tag\\ue0041"),
        ("no\u00a0break", "no break"),
        ("Käse 茶 é", "Käse 茶 é"),
        ("e" + "\u0301" * 4, "e\u0301\u0301\\u0301\\u0301"),
    ],
)
def test_what_does_not_print_shows_as_an_escape(text: str, shown: str) -> None:
    assert clean(text) == shown


@given(st.text(), st.integers(2, 50))
def test_clean_text_is_bounded_and_holds_nothing_that_acts(text: str, limit: int) -> None:
    shown = clean(text, limit)

    assert len(shown) <= limit
    assert not [c for c in shown if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")]


def test_a_cut_text_says_so() -> None:
    assert clean("x" * 500, 10) == "x" * 9 + "…"


@given(st.text().map(clean), st.integers(2, 40))
def test_fitted_text_takes_exactly_its_columns(text: str, columns: int) -> None:
    assert width(fit(text, columns)) == columns


def test_wide_characters_take_two_columns() -> None:
    assert (width("茶a"), fit("茶茶茶", 4)) == (3, "茶… ")


def test_wrapped_lines_keep_within_their_columns() -> None:
    lines = wrapped("a sentence of several words and averyveryverylongoneindeed", 20, "  ")

    assert max(map(len, lines)) <= 20
    assert all(line.startswith("  ") for line in lines[1:])
