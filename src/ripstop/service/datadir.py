"""The throwaway folder of one server: where it goes, what is copied into it, who may connect."""

from __future__ import annotations

import ctypes
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ripstop.errors import StartError
from ripstop.service.account import Account, barrier
from ripstop.service.cache import NO_ROOM
from ripstop.service.warden import remove

SUN_PATH_LIMIT_BYTES = 107
SOCKET_NAME = ".s.PGSQL.65535"
IPC_RMID = 0
MEMORY = Path("/dev/shm")  # noqa: S108
MEMORY_FREE_BYTES = 2 << 30


@dataclass(frozen=True, slots=True)
class Home:
    """A server's private folder. ``sockets`` is the same one, or another where its name is too long.

    First only a name: the warden is told it before the folder is there, so that no end of ours,
    however sudden, finds a folder that nobody would remove.
    """

    path: Path
    sockets: Path

    @property
    def data(self) -> Path:
        return self.path / "data"

    @property
    def folders(self) -> tuple[str, ...]:
        """All that is to be removed at the end."""
        return tuple({str(self.path), str(self.sockets)})

    def make(self, account: Account | None) -> None:
        """Make the folders that are not there yet. Raises StartError."""
        for folder in self.folders:
            if not Path(folder).is_dir():
                _make(Path(folder), account)

    def remove(self) -> None:
        for folder in self.folders:
            remove(folder)


def plan_home(data_dir: str | None, account: Account | None) -> Home:
    """A private folder's name under ``data_dir``, or where there is room and the files are soonest made.

    Memory first: on ext4 a thousand files cost most of a second to make again within a minute of
    having been removed, because it shuns inodes freed so lately.
    """
    parent = _named(Path(data_dir).absolute(), account) if data_dir else _chosen(account)
    path = _private(parent)
    if len(os.fsencode(path / SOCKET_NAME)) <= SUN_PATH_LIMIT_BYTES:
        return Home(path, path)
    return Home(path, _private(Path("/tmp")))  # noqa: S108


def _named(parent: Path, account: Account | None) -> Path:
    if not parent.is_dir():
        raise StartError(
            "no-data-dir", f"data_dir names no folder: {parent}", way_out="make it, or name another"
        )
    if account and (wall := barrier(parent, account)):
        raise StartError(
            "data-dir-out-of-reach",
            f"PostgreSQL runs under the account {account.name}, which may not enter {wall}",
            way_out=f"name another data_dir, or let every account pass: chmod o+x {wall}",
        )
    return parent


def _chosen(account: Account | None) -> Path:
    places = [*_memory(), Path(tempfile.gettempdir()), Path("/var/tmp"), Path("/tmp")]  # noqa: S108
    for place in places:
        if os.access(place, os.W_OK | os.X_OK) and barrier(place, account) is None:
            return place
    raise StartError(
        "no-data-dir",
        "there is no folder to put a data directory in",
        details=[f"tried {', '.join(str(place) for place in places)}"],
        way_out="name one: data_dir = '/path' in [tool.ripstop]",
    )


def _memory() -> Iterator[Path]:
    """Shared memory, where both it and the machine (or its container) have plenty to spare."""
    with suppress(OSError, ValueError, StopIteration):
        if min(shutil.disk_usage(MEMORY).free, _free_memory_bytes()) >= MEMORY_FREE_BYTES:
            yield MEMORY


def _free_memory_bytes() -> int:
    lines = Path("/proc/meminfo").read_text().splitlines()
    free = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    group = Path("/sys/fs/cgroup")
    with suppress(OSError, ValueError):
        limit = int((group / "memory.max").read_text())
        free = min(free, limit - int((group / "memory.current").read_text()))
    return free


def _private(parent: Path) -> Path:
    return parent / f"ripstop-{secrets.token_hex(8)}"


def _make(path: Path, account: Account | None) -> None:
    try:
        path.mkdir(mode=0o700)
    except OSError as error:
        if error.errno in NO_ROOM:
            raise disk_full([str(error)]) from error
        raise StartError(
            "no-data-dir", f"no folder can be made in {path.parent}: {error.strerror}"
        ) from error
    if account:
        os.chown(path, account.uid, account.gid)


def copy_data(source: Path, target: Path, account: Account | None) -> None:
    """Copy a prepared data directory; a copy that shares blocks where the file system has such."""
    try:
        _copy_folder(str(source), str(target), account)
    except OSError as error:
        if error.errno in NO_ROOM:
            raise disk_full([str(error)]) from error
        raise StartError("copy-failed", f"the data directory cannot be copied: {error}") from error


def _copy_folder(source: str, target: str, account: Account | None) -> None:
    os.mkdir(target, 0o700)  # noqa: PTH102
    with os.scandir(source) as entries:
        for one in entries:
            to = f"{target}/{one.name}"
            if one.is_dir(follow_symlinks=False):
                _copy_folder(one.path, to, account)
            else:
                _copy_file(one, to, account)
    # Last: until then nobody but us may enter.
    if account:
        os.chown(target, account.uid, account.gid)


def _copy_file(source: os.DirEntry[str], target: str, account: Account | None) -> None:
    reader = os.open(source.path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        writer = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            _pour(reader, writer, source.stat().st_size)
            if account:
                os.fchown(writer, account.uid, account.gid)
        finally:
            os.close(writer)
    finally:
        os.close(reader)


def _pour(reader: int, writer: int, size: int) -> None:
    done = 0
    with suppress(OSError):
        while done < size and (copied := os.copy_file_range(reader, writer, size - done, done, done)):
            done += copied
    os.lseek(writer, done, os.SEEK_SET)
    while done < size:
        done += os.sendfile(writer, reader, done, size - done)


def segment(data: Path) -> int | None:
    """The System V segment of a running postmaster: its lock file names it at the end of the seventh line."""
    with suppress(OSError, ValueError, IndexError):
        return int((data / "postmaster.pid").read_text().splitlines()[6].split()[1])
    return None


def forget_segment(identity: int | None) -> None:
    """Remove a segment that a postmaster killed outright left behind, once no process of it is left."""
    if identity is not None:
        ctypes.CDLL(None).shmctl(identity, IPC_RMID, None)


def place(text: str, target: Path, account: Account | None) -> None:
    """Write a small file only the server may read."""
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        if account:
            os.fchown(file.fileno(), account.uid, account.gid)


def access_rules(superuser: str, auth: str) -> str:
    """A ``pg_hba.conf``: the superuser always comes in, the others as ``auth`` says."""
    rules = [(kind, who, how) for who, how in ((f'"{superuser}"', "trust"), ("all", auth)) for kind in _KINDS]
    return "".join(f"{kind.format(who=who)} {how}\n" for kind, who, how in rules)


_KINDS = (
    "local all {who}",
    "local replication {who}",
    "host all {who} 127.0.0.1/32",
    "host replication {who} 127.0.0.1/32",
)


def disk_full(lines: list[str]) -> StartError:
    return StartError(
        "disk-full",
        "there is no room for PostgreSQL's data directory",
        details=lines,
        way_out="free some space, or name another folder: data_dir = '/path' in [tool.ripstop]",
    )
