"""Tests that are written down and not collected."""

from __future__ import annotations

import pytest

from ..differences import PATH, told

TEST = "class TestA:\n    def test_a(self):\n        assert f() == 1\n"


@pytest.mark.parametrize(
    ("after", "why"),
    [
        (TEST.replace("test_a", "check_a"), "its name is none that pytest collects"),
        (TEST.replace("TestA", "Some"), "the class Some is not named as one with tests"),
        (TEST.replace("A:\n", "A:\n    def __init__(self): ...\n"), "the class TestA has __init__"),
    ],
)
def test_it_says_why(after: str, why: str) -> None:
    assert [(one.rule, one.why) for one in told(TEST, after)] == [("test-uncollected", why)]


def test_a_test_whose_name_a_later_one_takes_is_never_run() -> None:
    other = "    def test_b(self):\n        assert g() == 2\n"
    found = told(TEST + other, TEST + other.replace("test_b", "test_a"))

    assert [(one.rule, one.test) for one in found] == [("assertion-removed", f"{PATH}::TestA::test_a")]


def test_a_file_that_does_not_parse_loses_its_tests() -> None:
    (one,) = told(TEST, TEST.replace("(self):", "(self)"))

    assert one.rule == "test-uncollected"
    assert one.why.startswith(f"{PATH} does not parse")


def test_other_names_in_the_configuration_reach_files_that_were_not_changed() -> None:
    found = told({PATH: TEST}, {PATH: TEST, "pytest.ini": "[pytest]\npython_files = check_*.py\n"})

    assert [(one.rule, one.test) for one in found] == [("test-uncollected", f"{PATH}::TestA::test_a")]


def test_a_unittest_class_may_be_called_anything() -> None:
    old = (
        "import unittest as u\nclass Some(u.TestCase):\n    def test_a(self):\n        self.assertTrue(f())\n"
    )

    assert told(old, old.replace("Some", "Other")) == []
