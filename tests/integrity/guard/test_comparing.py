"""The whole comparison: what is hostile or huge is bounded, and what did not change is not read."""

from __future__ import annotations

import time

import pytest

from ripstop.integrity.guard.comparing import difference

from .differences import PATH, short, told

TEST = "def test_a():\n    assert f() == 1\n"


@pytest.mark.parametrize(
    "body",
    [
        "x = " + "+".join(["a"] * 3_000),
        "for a in range(99):\n        for b in range(99):\n            for c in range(99): g()",
        "assert __import__('re').fullmatch(r'(a|a)*b', 'a' * 60)",
        "assert f() == " + "[" * 90 + "]" * 90,
    ],
)
def test_what_is_made_to_be_slow_or_deep_comes_to_an_end(body: str) -> None:
    began = time.monotonic()
    told(
        f"def test_a():\n    {body}\n    assert f() == 1\n",
        f"def test_a():\n    {body}\n    y()\n    assert f() == 1\n",
    )

    assert time.monotonic() - began < 10


def test_a_pattern_that_would_take_for_ever_is_not_tried() -> None:
    pattern = "import re\ndef test_a():\n    {}\n"
    before, after = (
        "assert f() == 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'",
        "assert re.match(r'(a|aa)+$', f())",
    )

    assert short(told(pattern.format(before), pattern.format(after))) == [("assertion-loosened", "likely")]


def test_a_test_that_is_the_same_is_counted_and_not_read() -> None:
    change = difference({PATH: TEST}, {PATH: f"{TEST}\n\nX = 1\n"}, [PATH])

    assert (change.pairs, change.same) == ((), 1)


def test_a_test_that_is_the_same_is_read_where_a_name_it_uses_was_changed() -> None:
    test = "WANTED = {}\ndef test_a():\n    assert f() == WANTED\n"

    assert short(told(test.format(1), test.format(2))) == [("expected-value-changed", "likely")]


def test_a_fixture_that_comes_by_itself_is_looked_at() -> None:
    fixture = "import pytest\n@pytest.fixture(autouse=True)\ndef clean(shop):\n    yield\n{}"
    old, new = (
        {"tests/conftest.py": fixture.format(end), PATH: TEST} for end in ("    assert shop.idle\n", "")
    )

    assert short(told(old, new)) == [("assertion-removed", "sure")]


def test_what_is_told_is_in_order_of_files_and_lines() -> None:
    old = {"tests/test_b.py": TEST, PATH: TEST.replace("test_a", "test_z") + TEST}
    found = told(old, {"tests/test_c.py": ""})

    assert [(one.before.path, one.before.line) for one in found] == [
        (PATH, 1),
        (PATH, 3),
        ("tests/test_b.py", 1),
    ]


def test_an_f_string_may_hold_what_no_source_can_say() -> None:
    test = "def test_a():\n    nl = '\\n'\n    say = f'{nl!r:>4}'\n    assert f() == f'a{nl}b{say}{g()}'{}\n"

    assert told(test.replace("{}", ""), test.replace("{}", ", 'why'")) == []
    assert short(told(test.replace("{}", ""), test.replace("g()", "h(1)").replace("{}", ""))) == [
        ("expected-value-changed", "look")
    ]
