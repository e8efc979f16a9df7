"""Tests that are skipped, or expected to fail, where they were not."""

from __future__ import annotations

import pytest

from ..differences import PATH, short, told

TEST = "import pytest, sys\n{}\ndef test_a():\n    assert f() == 1\n"


@pytest.mark.parametrize(
    ("before", "after", "sure"),
    [
        ("", "@pytest.mark.skip", "sure"),
        ("", "@pytest.mark.xfail(strict=True)", "sure"),
        ("", "@pytest.mark.skipif(sys.platform == 'win32', reason='x')", "likely"),
        ("@pytest.mark.skipif(sys.platform == 'win32', reason='x')", "@pytest.mark.skip", "sure"),
        ("@pytest.mark.skipif(A, reason='x')", "@pytest.mark.skipif(A or B, reason='x')", "look"),
        ("@pytest.mark.xfail(strict=True)", "@pytest.mark.xfail", "sure"),
        ("@pytest.mark.xfail(strict=True)", "@pytest.mark.skip", "sure"),
    ],
)
def test_a_new_reason_not_to_count_is_told(before: str, after: str, sure: str) -> None:
    assert short(told(TEST.format(before), TEST.format(after))) == [("skip-added", sure)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("@pytest.mark.skip", "@pytest.mark.xfail(strict=True)"),
        ("@pytest.mark.skip", ""),
        ("", "@pytest.mark.slow"),
    ],
)
def test_one_that_takes_nothing_away_is_not(before: str, after: str) -> None:
    assert told(TEST.format(before), TEST.format(after)) == []


def test_a_mark_that_many_tests_share_is_told_once() -> None:
    tests = "@later\ndef test_a():\n    assert f() == 1\n@later\ndef test_b():\n    assert g() == 1\n"
    old = f"import pytest\nlater = pytest.mark.slow\n{tests}"
    (one,) = told(old, old.replace("mark.slow", "mark.skip"))

    assert (one.tests, one.after.line) == (2, 2)


def test_a_mark_in_another_file_of_the_tests_is_seen() -> None:
    test = "from tests.marks import slow\n@slow\ndef test_a():\n    assert f() == 1\n"
    old = {"tests/marks.py": "import pytest\nslow = pytest.mark.slow\n", PATH: test}
    new = {"tests/marks.py": "import pytest\nslow = pytest.mark.skip\n", PATH: f"{test}\n\n# x\n"}

    assert short(told(old, new)) == [("skip-added", "sure")]


def test_a_setting_decides_on_an_xfail_that_does_not_say() -> None:
    ini = "[pytest]\nxfail_strict = true\n"
    old = {"pytest.ini": ini, PATH: TEST.format("@pytest.mark.xfail")}
    new = {"pytest.ini": ini, PATH: TEST.format("@pytest.mark.xfail(strict=False)")}

    assert short(told(old, new)) == [("skip-added", "sure")]
