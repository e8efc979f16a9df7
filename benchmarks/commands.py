"""What several measures share: a copy of a project, and ``ripstop explore`` run on it as a person runs it.

Byte code is kept in a folder of the measurement's own, for the service and for ripstop alike, whatever the
environment says: an installed program has its byte code, and nobody's start-up is measured without.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
BASELINE = "green twice"
"""What is printed once a baseline is accepted."""
_LIMIT_S = 60


@contextmanager
def copied(project: Path) -> Iterator[Path]:
    """A copy of a project, gone afterwards."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        ignored = shutil.ignore_patterns("__pycache__", ".ripstop", ".pytest_cache")
        yield Path(shutil.copytree(project, Path(folder) / project.name, ignore=ignored))


def environment(project: Path, given: Mapping[str, str] | None = None) -> dict[str, str]:
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    path = os.pathsep.join([str(Path(sys.executable).parent), env.get("PATH", os.defpath)])
    own = {"PYTHONPYCACHEPREFIX": str(project / ".bytecode"), "PATH": path, "COLUMNS": "200"}
    return {**env, **own, **(given or {})}


@dataclass(frozen=True, slots=True, order=True)
class Explored:
    """One ``ripstop explore``: seconds from its start to its end, and to its accepted baseline."""

    seconds: float
    start_s: float
    experiments: int


def explored(project: Path, *arguments: str) -> Explored:
    """Explore to the end, whatever is found."""
    said: list[str] = []
    began, start_s = time.perf_counter(), 0.0
    with _exploring(project, arguments) as lines:
        for line in lines:
            said.append(line)
            if BASELINE in line:
                start_s = time.perf_counter() - began
    seconds = time.perf_counter() - began
    counted = re.search(r"(\d+) experiments? in", said[-1] if said else "")
    assert counted, "".join(said)
    return Explored(seconds, start_s, int(counted[1]))


def baseline_s(project: Path) -> float:
    """Seconds from the start of ``ripstop explore`` until it says that the baseline is accepted."""
    began = time.perf_counter()
    with _exploring(project, ()) as lines:
        for line in lines:
            if BASELINE in line:
                return time.perf_counter() - began
    raise AssertionError("ripstop ended before its baseline")


@contextmanager
def _exploring(project: Path, arguments: tuple[str, ...]) -> Iterator[Iterable[str]]:
    """What the command prints, as it prints it; at the end of the block it is ended."""
    command = [sys.executable, "-m", "ripstop.cli.main", "explore", *arguments]
    process = subprocess.Popen(
        command, cwd=project, env=environment(project), stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield process.stdout
    finally:
        process.send_signal(signal.SIGTERM)
        process.stdout.close()
        process.wait(_LIMIT_S)
