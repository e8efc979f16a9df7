"""What one experiment breaks is nothing to the next."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from .exploring import copy


def test_fifty_unfaulted_runs_between_hangs_stalls_and_cuts_give_no_finding(tmp_path: Path) -> None:
    folder = copy("orders", tmp_path)
    script = Path(__file__).with_name("residue.py")

    done = subprocess.run(
        [sys.executable, str(script)], cwd=folder, capture_output=True, timeout=200, check=False
    )

    assert done.returncode == 0, done.stderr.decode()[-3000:]
    told = json.loads((folder / "residue.json").read_text())
    assert told["wrong"] == []
    assert told["controls"] == 50
    assert told["fired"] == ["connection_lost", "hang", "reply_lost", "stall"]
    assert told["same_baseline"]
