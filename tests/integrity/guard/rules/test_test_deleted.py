"""Tests that are gone."""

from __future__ import annotations

from ..differences import PATH, short, told

TEST = "from shop.cart import total\ndef test_a():\n    assert total(['mug']) == 9\n"
KEPT = "def test_b():\n    assert other() == 1\n"


def test_it_names_the_test_and_its_line() -> None:
    (one,) = told(TEST + KEPT, KEPT)

    assert (one.rule, one.test, one.before.line, one.sure) == ("test-deleted", f"{PATH}::test_a", 2, "sure")


def test_it_is_likely_where_the_sources_were_changed_as_well() -> None:
    old = {"shop/cart.py": "def total(x):\n    return 9\n", PATH: TEST}
    new = {"shop/cart.py": "def total(x):\n    return 8\n"}

    assert short(told(old, new)) == [("test-deleted", "likely")]


def test_it_asks_for_a_look_where_what_it_tested_went_with_it() -> None:
    old = {"shop/cart.py": "def total(x):\n    return 9\ndef other():\n    return 1\n", PATH: TEST}
    new = {"shop/cart.py": "def other():\n    return 1\n"}

    assert short(told(old, new)) == [("test-deleted", "look")]


def test_one_of_which_some_checks_are_made_elsewhere_says_how_many_are_not() -> None:
    old = "def test_a():\n    assert f(1) == 1\n    assert f(2) == 2\n"
    new = """
        def test_completely_different(x, y, z):
            w = x + y + z
            assert w.a.b.c > 3
            assert f(1) == 1
            assert w.d
    """
    (one,) = told(old, new)

    assert one.why == "1 of its 2 checks are made by no other test"
