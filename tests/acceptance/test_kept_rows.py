"""Rows from a module's fixture stand for every experiment, whatever a test's own tear-down deletes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from .exploring import copy

RENAMED = Path(__file__).with_name("renamed")
RUNS_OF_THE_BASELINE = 3
STANDING = "[{'slug': 'dune', 'fee_pence': 950}] []"


def test_twenty_experiments_start_on_the_rows_of_a_module_fixture_that_each_tear_down_deletes(
    tmp_path: Path,
) -> None:
    folder = copy(RENAMED, tmp_path)
    script = Path(__file__).with_name("kept_rows.py")

    done = subprocess.run(
        [sys.executable, str(script)], cwd=folder, capture_output=True, timeout=200, check=False
    )

    assert done.returncode == 0, done.stderr.decode()[-3000:]
    told = json.loads((folder / "kept_rows.json").read_text())
    assert told["wrong"] == []
    assert len(told["fired"]) == 10
    *began, ending, ended = (folder / "seen.txt").read_text().splitlines()
    assert set(began) == {STANDING}
    assert len(began) >= RUNS_OF_THE_BASELINE + 20
    assert (ending, ended) == (STANDING, "[] []")
    assert told["left"] == [[], []]
