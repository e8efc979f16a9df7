"""Running the real command on a copy of an example, and reading its report."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

EXAMPLES = Path(__file__).parents[2] / "examples"
BUDGET_S = "4"
"""Above the time-outs of two and three seconds that the plain examples give their database."""

QUICK = ("--assert=plain", "-p", "no:hypothesispytest")
"""pytest options that spare an exploration a second of imports it has no use for."""


def copy(example: str | Path, to: Path) -> Path:
    """A checkout of an example of its own; of any other project by its path."""
    folder = EXAMPLES / example
    ignored = shutil.ignore_patterns("__pycache__", ".ripstop", ".pytest_cache", "node_modules")
    return Path(shutil.copytree(folder, to / folder.name, ignore=ignored))


def explore(
    folder: Path, *options: str, seed: str = "0", expected: int | tuple[int, ...] = 1, timeout_s: float = 300
) -> dict[str, Any]:
    """The JSON report of ``ripstop explore``; its words where the exit code is not an expected one."""
    report = folder / "report.json"
    command = [sys.executable, "-m", "ripstop.cli.main", "explore", "--budget", BUDGET_S]
    done = subprocess.run(
        [*command, "--report", f"json:{report}", *options],
        cwd=folder,
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )
    codes = expected if isinstance(expected, tuple) else (expected,)
    assert done.returncode in codes, done.stdout[-4000:] + done.stderr[-4000:]
    read: dict[str, Any] = json.loads(report.read_text())
    return {**read, "said": done.stdout}


def found(report: dict[str, Any]) -> set[tuple[str, str, str, str]]:
    """(code, seam, operation, fault) of every finding."""
    return {
        (finding["code"], finding["seam"], finding["operation"], fault.partition("(")[0])
        for workflow in report["workflows"]
        for finding in workflow["findings"]
        for fault in finding["faults"]
    }


def places(report: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    """(code, step, seam, operation) of every finding, in order."""
    found = (f for workflow in report["workflows"] for f in workflow["findings"])
    return sorted((f["code"], f["step"], f["seam"], f["operation"]) for f in found)
