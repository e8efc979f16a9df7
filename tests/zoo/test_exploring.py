"""One pair's bug side explored end to end as ``make zoo`` does it, narrowed to what tears it."""

from __future__ import annotations

from pathlib import Path

from benchmarks.zoo.judging import judge
from benchmarks.zoo.layout import lay_out
from benchmarks.zoo.pairs import chosen
from benchmarks.zoo.running import Children, Run, explore


def test_a_planted_bug_is_found_and_it_is_told_when(tmp_path: Path) -> None:
    (pair,) = chosen(["decline_retried"])

    bug = explore(lay_out(pair, "bug", tmp_path), Children(), narrowed=("--fault", "declined"))
    judged = judge(pair, bug, Run())

    assert bug.problem == "", bug.log
    assert judged.found
    assert judged.first is not None
    assert 1 <= judged.first.experiments <= bug.experiments
    assert 0 < bug.ready_s < judged.first.seconds < bug.seconds
