"""Settings that let more pass or run less."""

from __future__ import annotations

import pytest

from ..differences import PATH, short, told

TEST = {PATH: "def test_a():\n    assert f() == 1\n"}


def difference(before: str, after: str, name: str = "pytest.ini") -> list[tuple[str, str]]:
    old, new = (
        {name: f"[pytest]\n{one}\n" if name.endswith("ini") else one, **TEST} for one in (before, after)
    )
    return short(told(old, new))


@pytest.mark.parametrize(
    ("before", "after", "sure"),
    [
        ("addopts = -q", "addopts = -q -k fast", "sure"),
        ("addopts = -q", "addopts = -q -kfast", "sure"),
        ("addopts = -q", "addopts = -q --ignore tests/slow", "sure"),
        ("addopts = -q", "addopts = -q -m 'not slow'", "likely"),
        ("addopts = -q", "addopts = -q -p no:warnings", "likely"),
        ("addopts = --strict-markers", "addopts = -q", "likely"),
        ("addopts = --cov-fail-under=90", "addopts = --cov-fail-under=10", "sure"),
        ("xfail_strict = true", "xfail_strict = false", "sure"),
        ("filterwarnings = error", "filterwarnings = default", "sure"),
        ("filterwarnings =\n    error", "filterwarnings =\n    error\n    ignore::UserWarning", "likely"),
    ],
)
def test_a_looser_one_is_told(before: str, after: str, sure: str) -> None:
    assert ("settings-loosened", sure) in difference(before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("addopts = -q", "addopts = -v -n 4"),
        ("addopts = -k fast", "addopts = -q"),
        ("addopts = --strict-markers", "strict_markers = true"),
        ("addopts = -W error", "filterwarnings = error"),
        ("xfail_strict = false", "xfail_strict = true"),
    ],
)
def test_one_as_strict_is_not(before: str, after: str) -> None:
    assert difference(before, after) == []


def test_less_coverage_is_told_with_both_figures() -> None:
    old = {".coveragerc": "[report]\nfail_under = 95\n", **TEST}
    (one,) = told(old, {".coveragerc": "[report]\nfail_under = 60\n", **TEST})

    assert (one.before.text, one.after.text) == ("fail_under = 95", "fail_under = 60")
