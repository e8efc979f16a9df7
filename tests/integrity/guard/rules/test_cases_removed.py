"""Cases that are gone."""

from __future__ import annotations

from ..differences import PATH, short, told

TEST = "import pytest\n@pytest.mark.parametrize('n', {})\ndef test_a(n):\n    assert f(n)\n"


def test_each_case_is_told_with_its_text() -> None:
    found = told(TEST.format("[1, 2, 3]"), TEST.format("[1]"))

    assert [(one.rule, one.sure, one.before.text) for one in found] == [
        ("cases-removed", "sure", "2"),
        ("cases-removed", "sure", "3"),
    ]


def test_a_case_in_whose_place_another_stands_is_likely() -> None:
    assert short(told(TEST.format("[1, 2]"), TEST.format("[1, 5]"))) == [("cases-removed", "likely")]


def test_cases_that_become_a_range_are_not_lost() -> None:
    assert told(TEST.format("[0, 1, 2]"), TEST.format("range(3)")) == []


def test_computed_cases_are_not_guessed_at() -> None:
    assert told(TEST.format("[1, 2]"), TEST.format("load()")) == []


def test_a_part_of_a_product_is_told() -> None:
    head = "import pytest\n@pytest.mark.parametrize('n', [1, 2])\n"
    one = f"{head}@pytest.mark.parametrize('m', {{}})\ndef test_a(n, m):\n    assert f(n, m)\n"

    assert short(told(one.format("[3, 4]"), one.format("[3]"))) == [("cases-removed", "sure")]


def test_a_parameter_of_a_fixture_is_told_at_the_fixture() -> None:
    conftest = "import pytest\n@pytest.fixture(params={})\ndef store(request):\n    return request.param\n"
    test = {PATH: "def test_a(store):\n    assert store\n"}
    (one,) = told(
        {"tests/conftest.py": conftest.format(["a", "b"]), **test},
        {"tests/conftest.py": conftest.format(["a"]), **test},
    )

    assert (one.rule, one.before.path, one.before.text) == ("cases-removed", "tests/conftest.py", "'b'")
