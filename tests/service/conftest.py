"""Processes to start, looked at by pid, and a folder that an unprivileged server may enter."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Script = Callable[[str], str]


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Unlike ``tmp_path``, open to every account; in memory where there is such a place."""
    parent = "/dev/shm" if os.access("/dev/shm", os.W_OK) else "/var/tmp"
    folder = Path(tempfile.mkdtemp(prefix="ripstop-test-", dir=parent))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def own_cache(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of this test's own."""
    monkeypatch.setenv("RIPSTOP_CACHE", str(open_folder / "cache"))
    return open_folder / "cache"


@pytest.fixture
def script(tmp_path: Path) -> Script:
    """Writes a Python program; answers with the command that runs it."""

    def write(code: str) -> str:
        path = tmp_path / f"program_{len(list(tmp_path.iterdir()))}.py"
        path.write_text(code)
        return f"{sys.executable} {path}"

    return write


@pytest.fixture
def eventually() -> Callable[..., None]:
    """Waits until a condition holds; fails at the limit."""

    def wait(condition: Callable[[], bool], limit_s: float = 5.0) -> None:
        deadline = time.monotonic() + limit_s
        while not condition():
            assert time.monotonic() < deadline, "it never came"
            time.sleep(0.005)

    return wait


@pytest.fixture
def family() -> Callable[[int], set[int]]:
    """The pids of a process and of everything below it."""

    def pids(root: int) -> set[int]:
        parents = {pid: _parent(pid) for pid in _all_pids()}
        found = {root}
        while more := {pid for pid, parent in parents.items() if parent in found} - found:
            found |= more
        return found

    return pids


@pytest.fixture
def running() -> Callable[[int], bool]:
    """Whether a process is there and is not a zombie."""

    def look(pid: int) -> bool:
        return _state(pid) not in ("", "Z")

    return look


def _all_pids() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def _fields(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return ["", "0"]


def _state(pid: int) -> str:
    return _fields(pid)[0]


def _parent(pid: int) -> int:
    return int(_fields(pid)[1])
