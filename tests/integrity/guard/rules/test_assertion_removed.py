"""Assertions that are gone."""

from __future__ import annotations

from ..differences import PATH, short, told

SHOP = "def total():\n    return 1\n"


def test_it_names_the_line_before_and_the_test_after() -> None:
    (one,) = told(
        "def test_a():\n    x = f()\n    assert x == 1\n    assert y == 2\n",
        "def test_a():\n    x = f()\n    assert x == 1\n",
    )

    assert (one.rule, one.test, one.before.line, one.before.text) == (
        "assertion-removed",
        f"{PATH}::test_a",
        4,
        "assert y == 2",
    )
    assert (one.after.path, one.after.line, one.after.text) == (PATH, 1, "")


def test_it_is_less_sure_where_something_else_is_asked() -> None:
    before = "def test_a():\n    r = get()\n    assert r.total == 42\n"
    after = "def test_a():\n    r = get()\n    assert r.ok\n"

    assert short(told(before, after)) == [("assertion-removed", "likely")]


def test_it_asks_for_a_look_where_the_sources_no_longer_define_what_was_asked_for() -> None:
    test = "from shop import cart\ndef test_a():\n    c = cart.Cart()\n    assert c.total == 1\n{}"
    old = {
        "shop/cart.py": "class Cart:\n    total = 1\n    owner = 'ann'\n",
        PATH: test.format("    assert c.owner == 'ann'\n"),
    }
    new = {"shop/cart.py": "class Cart:\n    total = 1\n", PATH: test.format("")}

    assert short(told(old, new)) == [("assertion-removed", "look")]


def test_a_helper_that_asserts_less_is_told_once_with_its_tests() -> None:
    tests = "def test_a():\n    check(f())\ndef test_b():\n    check(g())\n"
    (one,) = told(
        f"def check(x):\n    assert x.a == 1\n    assert x.b == 2\n{tests}",
        f"def check(x):\n    assert x.a == 1\n{tests}",
    )

    assert (one.before.line, one.tests) == (3, 3)


def test_a_check_before_and_after_something_happens_is_two_checks() -> None:
    before = "def test_a(cart):\n    assert cart.n == 1\n    cart.add(-1)\n    assert cart.n == 1\n"
    after = "def test_a(cart):\n    assert cart.n == 1\n    cart.add(-1)\n"

    assert short(told(before, after)) == [("assertion-removed", "sure")]


def test_a_test_without_assertions_that_does_nothing_any_more_is_told() -> None:
    assert short(told("def test_a():\n    run()\n", "def test_a():\n    pass\n")) == [
        ("assertion-removed", "sure")
    ]


def test_a_test_that_does_other_things_and_asks_anew_is_left_to_a_reader() -> None:
    before = "def test_a():\n    one = parse('a')\n    two = parse('b')\n    assert one.kind == two.kind\n"
    after = "def test_a(client):\n    answer = client.post('/pairs', json=['a', 'b'])\n    assert answer.ok\n"

    assert short(told(before, after)) == [("assertion-removed", "look")]
