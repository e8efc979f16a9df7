"""The README's measured parts: written between markers, and the first runs true to the pairs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from benchmarks.zoo import readme

from .made_up import pair, result, run, told


def test_results_take_their_place_and_leave_the_rest_alone(tmp_path: Path) -> None:
    path = tmp_path / "README.md"
    places = "\n".join(
        f"<!-- {name} -->\nof yesterday\n<!-- end of {name} -->" for name in ("results", "first runs")
    )
    path.write_text(f"# Before\n{places}\nafter\n")

    readme.write([result(run(told()))], date(2026, 1, 2), path)

    text = path.read_text()
    assert text.startswith("# Before\n")
    assert text.endswith("\nafter\n")
    assert "of yesterday" not in text
    assert "2026-01-02, " in text
    assert "| waits | flask/psycopg | RS102 at POST /v1/charges | yes |" in text
    assert "- zoo found 1/1 false 0 first_p50 7 experiments" in text


def test_a_readme_without_the_place_is_refused() -> None:
    with pytest.raises(ValueError, match="no place for results"):
        readme.replaced("# Nothing\n", "results", "x")


@pytest.mark.parametrize(
    ("first_run", "outcome"),
    [
        ("found: RS102, the twin clean", "found"),
        ("missed: no finding at all", "missed"),
        ("found; false alarm on the twin: RS206", "found with a false alarm"),
        ("", "not told"),
    ],
)
def test_a_first_run_is_counted_by_how_it_begins(first_run: str, outcome: str) -> None:
    assert readme.outcome(replace(pair(), first_run=first_run)) == outcome


def test_first_runs_are_told_one_line_each_with_the_blind_ones_counted_apart() -> None:
    blind = replace(pair(), first_run="found: RS102,\nthe twin clean")
    seen = replace(pair("late"), blind=False, first_run="missed: nothing")

    text = readme.first_runs([seen, blind])

    assert "| waits | yes | found: RS102, the twin clean |" in text
    assert text.index("waits") < text.index("late")
    assert "- blind: 1 found\n- not blind: 1 missed\n" in text
