"""Tolerances that grow."""

from __future__ import annotations

import pytest

from ..differences import short, told

TEST = "from pytest import approx\nimport math\ndef test_a(self):\n    {}\n"


@pytest.mark.parametrize(
    ("before", "after", "sure"),
    [
        ("assert f() == approx(2, abs=0.1)", "assert f() == approx(2, abs=0.2)", "sure"),
        ("assert f() == approx(2)", "assert f() == approx(2, rel=0.01)", "sure"),
        ("assert f() == 2", "assert f() == approx(2, rel=0.01)", "likely"),
        ("assert abs(f() - 2) < 0.1", "assert f() == approx(2, abs=0.2)", "sure"),
        ("assert math.isclose(f(), 2)", "assert math.isclose(f(), 2, abs_tol=1)", "sure"),
        ("self.assertAlmostEqual(f(), 2)", "self.assertAlmostEqual(f(), 2, places=3)", "sure"),
        ("self.assertAlmostEqual(f(), 2, delta=1)", "self.assertAlmostEqual(f(), 2, delta=2)", "sure"),
    ],
)
def test_a_wider_one_is_told(before: str, after: str, sure: str) -> None:
    assert short(told(TEST.format(before), TEST.format(after))) == [("tolerance-widened", sure)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("assert f() == approx(2, abs=0.2)", "assert f() == approx(2, abs=0.1)"),
        ("assert f() == approx(100, rel=0.01)", "assert f() == approx(100, abs=1)"),
        ("self.assertAlmostEqual(f(), 2, places=1)", "assert f() == approx(2, abs=0.05)"),
    ],
)
def test_one_as_wide_or_narrower_is_not(before: str, after: str) -> None:
    assert told(TEST.format(before), TEST.format(after)) == []
