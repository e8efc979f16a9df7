"""Untrusted text in Markdown."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ripstop.records.markdown import LIMIT, code, listed, plain, table, text

BARE = re.compile(r"(?<!\\)[|`*_{}\[\]<>~$#!]")


@given(some.text())
def test_prose_holds_no_bare_markup_and_stays_on_its_line(value: str) -> None:
    shown = text(value)

    assert not BARE.search(re.sub(r"&#?\w+;", "", re.sub(r"\\\\", "", shown)))
    assert "\n" not in shown
    assert "@" not in shown


@given(some.text(alphabet="ab|`\\<>*_& "))
def test_code_ends_where_it_should_and_breaks_no_table(value: str) -> None:
    shown = code(value)
    inner = shown.removeprefix("<code>").removesuffix("</code>")

    assert "|" not in shown
    assert not shown or shown.count("`") == 2 or not re.search("[`<>*_|]", inner)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("<!-- ripstop:end record -->", r"\<\!-- ripstop:end record --\>"),
        ("see https://evil.example", "see https&#58;//evil.example"),
        ("www.evil.example", "www&#46;evil.example"),
        ("tell @ada", "tell &#64;ada"),
        ("a\x1b[31m\u202eb", r"a\\u001b\[31m\\u202eb"),
    ],
)
def test_nothing_becomes_a_comment_a_link_a_mention_or_a_trick(value: str, shown: str) -> None:
    assert text(value) == shown


def test_a_long_text_is_cut() -> None:
    assert len(plain("a" * 5_000)) == LIMIT


def test_a_row_has_as_many_cells_as_its_table() -> None:
    lines = table(["a", "b"], [[text("x|y"), code("p|q")]])

    assert [len(re.findall(r"(?<!\\)\|", line)) for line in lines] == [3, 3, 3]


def test_words_are_joined_as_in_a_sentence() -> None:
    assert [listed([]), listed(["a"]), listed(["a", "b"])] == ["", "a", "a and b"]
