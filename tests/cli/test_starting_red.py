"""A finding's test that is written already: bared of the mark that expects it to fail."""

from __future__ import annotations

from ripstop.cli.starting_red import bared

MARKED = """import pytest


@pytest.mark.xfail(
    strict=True,
    reason="RS205 duplicate-write: 2 rows in orders where the baseline has 1; "
    "replay 6c976b59b4",
    raises=AssertionError,
)
@pytest.mark.parametrize("fault", [1, 2])
def test_one_order(fault):
    assert fault == 0


@pytest.mark.xfail(strict=True, reason="RS102 unbounded wait; replay b9443b8c95", raises=AssertionError)
def test_an_answer():
    assert False
"""


def test_the_mark_goes_and_the_rest_stays(tmp_path):
    (tmp_path / "test_orders.py").write_text(MARKED)

    found = bared(tmp_path, "6c976b59b4")

    reason = "RS205 duplicate-write: 2 rows in orders where the baseline has 1; replay 6c976b59b4"
    assert found == (tmp_path / "test_orders.py", {"test_one_order": reason})
    left = (tmp_path / "test_orders.py").read_text()
    assert left.count("xfail") == 1
    assert '\n\n@pytest.mark.parametrize("fault", [1, 2])\ndef test_one_order(fault):' in left
    compile(left, "<left>", "exec")


def test_a_finding_without_a_test_is_none(tmp_path):
    (tmp_path / "test_orders.py").write_text(MARKED)

    assert bared(tmp_path, "0123456789") is None
    assert bared(tmp_path / "nowhere", "6c976b59b4") is None
    assert (tmp_path / "test_orders.py").read_text() == MARKED
