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
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
BASELINE = "green twice"
"""What is printed once a baseline is accepted."""
_FINDINGS = (0, 1)
_LIMIT_S = 300


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


def explored_s(project: Path, *arguments: str) -> tuple[float, int]:
    """Seconds from the start of ``ripstop explore`` to its end, and how many experiments it ran."""
    began = time.perf_counter()
    done = subprocess.run(
        _command(arguments), cwd=project, env=environment(project), capture_output=True, text=True,
        timeout=_LIMIT_S, check=False,
    )  # fmt: skip
    seconds = time.perf_counter() - began
    assert done.returncode in _FINDINGS, done.stdout + done.stderr
    counted = re.search(r"(\d+) experiments? in", done.stdout)
    assert counted, done.stdout
    return seconds, int(counted[1])


def baseline_s(project: Path) -> float:
    """Seconds from the start of ``ripstop explore`` until it says that the baseline is accepted."""
    began = time.perf_counter()
    process = subprocess.Popen(
        _command(()), cwd=project, env=environment(project), stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if BASELINE in line:
                return time.perf_counter() - began
        raise AssertionError("ripstop ended before its baseline")
    finally:
        process.send_signal(signal.SIGTERM)
        process.stdout.close()
        process.wait(_LIMIT_S)


def _command(arguments: tuple[str, ...]) -> list[str]:
    return [sys.executable, "-m", "ripstop.cli.main", "explore", *arguments]
