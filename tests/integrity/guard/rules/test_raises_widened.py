"""Waits for an error that take more errors."""

from __future__ import annotations

import pytest

from ..differences import PATH, short, told

TEST = "import pytest\nfrom shop.errors import *\ndef test_a():\n    with pytest.raises({}):\n        pay()\n"
ERRORS = "class ShopError(ValueError): ...\nclass Declined(ShopError): ...\n"


def difference(before: str, after: str) -> list[tuple[str, str]]:
    old, new = ({"shop/errors.py": ERRORS, PATH: TEST.format(one)} for one in (before, after))
    return short(told(old, new))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("KeyError", "LookupError"),
        ("Declined", "ShopError"),
        ("Declined", "ValueError"),
        ("KeyError", "(KeyError, OSError)"),
        ("KeyError, match='no mug'", "KeyError"),
        ("KeyError, match='no mug left'", "KeyError, match='mug'"),
    ],
)
def test_a_wider_one_is_told(before: str, after: str) -> None:
    assert difference(before, after) == [("raises-widened", "sure")]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("LookupError", "KeyError"),
        ("ShopError", "Declined"),
        ("KeyError", "KeyError, match='mug'"),
        ("IOError", "OSError"),
    ],
)
def test_one_as_wide_or_narrower_is_not(before: str, after: str) -> None:
    assert difference(before, after) == []


def test_a_class_that_has_nothing_to_do_with_it_is_another_expectation() -> None:
    assert difference("KeyError", "OSError") == [("expected-value-changed", "likely")]


def test_a_match_may_become_an_assertion_on_the_error_and_the_other_way_round() -> None:
    match = "import pytest\ndef test_a():\n    with pytest.raises(KeyError, match='no mug'):\n        pay()\n"
    asked = (
        "import pytest\ndef test_a():\n    with pytest.raises(KeyError) as e:\n        pay()\n"
        "    assert 'no mug' in str(e.value)\n"
    )

    assert (told(match, asked), told(asked, match)) == ([], [])
