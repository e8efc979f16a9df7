"""Expected values that are other ones."""

from __future__ import annotations

import pytest

from ..differences import PATH, short, told


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("assert total() == 18", "assert total() == 17"),
        ("assert total()", "assert not total()"),
        ("assert total() is None", "assert total() == 17"),
        ("assert 'a' in total()", "assert 'a' not in total()"),
        ("assert (a(), b()) == (1, 2)", "assert (a(), b()) == (1, 3)"),
        ("with pytest.raises(KeyError):\n        total()", "with pytest.raises(TypeError):\n        total()"),
    ],
)
def test_another_value_of_the_same_thing_is_told(before: str, after: str) -> None:
    found = told(f"def test_a():\n    {before}\n", f"def test_a():\n    {after}\n")

    assert short(found) == [("expected-value-changed", "likely")]


def test_it_asks_for_a_look_where_the_sources_were_changed_as_well() -> None:
    test = "from shop.cart import total\ndef test_a():\n    assert total() == {}\n"
    old = {"shop/cart.py": "def total():\n    return 18\n", PATH: test.format(18)}
    new = {"shop/cart.py": "def total():\n    return 17\n", PATH: test.format(17)}

    assert short(told(old, new)) == [("expected-value-changed", "look")]


def test_sources_that_the_test_does_not_import_are_of_no_account() -> None:
    test = "from shop.cart import total\ndef test_a():\n    assert total() == {}\n"
    old = {"shop/cart.py": "", "docs/make.py": "x = 1\n", PATH: test.format(18)}
    new = {"shop/cart.py": "", "docs/make.py": "x = 2\n", PATH: test.format(17)}

    assert short(told(old, new)) == [("expected-value-changed", "likely")]


def test_a_case_names_both_its_lines() -> None:
    head = "import pytest\n@pytest.mark.parametrize('n, want', [\n    (1, 1),\n    (2, {}),\n])\n"
    test = head + "def test_a(n, want):\n    assert f(n) == want\n"
    (one,) = told(test.format(4), test.format(5))

    assert (one.before.line, one.before.text, one.after.text) == (4, "(2, 4)", "(2, 5)")


def test_a_computed_value_that_is_computed_in_another_way_is_left_to_a_reader() -> None:
    before = "def test_a(tmpdir):\n    assert path() == str(tmpdir.join('x'))\n"
    after = "def test_a(tmpdir):\n    assert path() == os.fspath(tmpdir / 'x')\n"

    assert short(told(before, after)) == [("expected-value-changed", "look")]


def test_a_type_is_the_same_by_is_and_by_equality() -> None:
    assert (
        told("def test_a():\n    assert type(f()) == int\n", "def test_a():\n    assert type(f()) is int\n")
        == []
    )
