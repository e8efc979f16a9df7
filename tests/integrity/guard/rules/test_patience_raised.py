"""Time-outs and reruns that grow."""

from __future__ import annotations

import pytest

from ..differences import PATH, short, told

TEST = "import pytest\n{}\ndef test_a(q):\n    assert q.wait_for('x', timeout={}) == 1\n"


@pytest.mark.parametrize(
    ("before", "after", "sure"),
    [
        (("@pytest.mark.timeout(1)", 1), ("@pytest.mark.timeout(9)", 1), "sure"),
        (("@pytest.mark.timeout(1)", 1), ("@pytest.mark.timeout(0)", 1), "sure"),
        (("", 1), ("@pytest.mark.flaky(reruns=2)", 1), "sure"),
        (("", 1), ("", 9), "likely"),
    ],
)
def test_more_patience_is_told(before: tuple[str, int], after: tuple[str, int], sure: str) -> None:
    assert short(told(TEST.format(*before), TEST.format(*after))) == [("patience-raised", sure)]


def test_less_patience_is_not() -> None:
    before, after = TEST.format("@pytest.mark.timeout(9)", 9), TEST.format("@pytest.mark.timeout(1)", 1)

    assert told(before, after) == []


@pytest.mark.parametrize(
    "lines",
    ["addopts = --timeout=9 --reruns=3", "addopts = --timeout=99", "timeout = 0", "timeout = 9\nreruns = 2"],
)
def test_a_setting_for_all_is_told(lines: str) -> None:
    old = {"pytest.ini": "[pytest]\naddopts = --timeout=9\n", PATH: TEST.format("", 1)}
    new = {**old, "pytest.ini": f"[pytest]\n{lines}\n"}

    assert short(told(old, new)) == [("patience-raised", "sure")]
