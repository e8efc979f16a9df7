"""Who holds a connection: from a local port to the processes that have its socket open (proc(5))."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_PROC = Path("/proc")
_TABLES = ("tcp", "tcp6")
_LOCAL, _INODE = 1, 9
_PARENT = 1
"""Its place after the name, which may hold anything (proc_pid_stat(5))."""


def owners(port: int) -> frozenset[int]:
    """The processes that hold a socket bound to a local port, listening or connected. A few milliseconds."""
    wanted = {f"socket:[{inode}]" for inode in _inodes(port)}
    return frozenset(pid for pid in _pids() if wanted & set(_open(pid))) if wanted else frozenset()


def descends(pid: int, ancestor: int) -> bool:
    """Whether a process was started by another, by whatever was started by it, or is that one."""
    while pid > 1 and pid != ancestor:
        try:
            about = (_PROC / str(pid) / "stat").read_text()
        except OSError:
            return False
        pid = int(about.rpartition(")")[2].split()[_PARENT])
    return pid == ancestor


def _inodes(port: int) -> Iterator[str]:
    for name in _TABLES:
        table = _PROC / "self" / "net" / name
        for line in table.read_text().splitlines()[1:] if table.exists() else ():
            fields = line.split()
            if int(fields[_LOCAL].rpartition(":")[2], 16) == port and fields[_INODE] != "0":
                yield fields[_INODE]


def _pids() -> Iterator[int]:
    return (int(entry) for entry in os.listdir(_PROC) if entry.isdigit())  # noqa: PTH208


def _open(pid: int) -> Iterator[str]:
    with suppress(OSError):
        for entry in os.scandir(_PROC / str(pid) / "fd"):
            with suppress(OSError):
                yield os.readlink(entry.path)  # noqa: PTH115
