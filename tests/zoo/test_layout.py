"""Laying out a side: the planted files lie over the shared ones, and nothing else comes along."""

from __future__ import annotations

from pathlib import Path

from benchmarks.zoo.layout import lay_out
from benchmarks.zoo.pairs import read

from .made_up import write_pair


def test_a_side_is_the_shared_files_with_the_planted_ones_over_them(tmp_path: Path) -> None:
    one = read(write_pair(tmp_path))

    bug, twin = (lay_out(one, side, tmp_path / "out") for side in ("bug", "twin"))

    assert (bug / "app.py").read_text() == "x = 1\n"
    assert (twin / "app.py").read_text() == "x = 2\n"
    assert (bug / "shared.py").read_text() == (twin / "shared.py").read_text() == "shared = 1\n"


def test_what_earlier_runs_left_stays_behind(tmp_path: Path) -> None:
    folder = write_pair(tmp_path)
    for name in (".ripstop", "__pycache__", "node_modules"):
        (folder / "project" / name).mkdir()

    laid = lay_out(read(folder), "bug", tmp_path / "out")

    assert sorted(path.name for path in laid.iterdir()) == ["app.py", "shared.py"]
