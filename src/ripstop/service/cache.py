"""The folder where prepared things are kept between runs, and how they get there whole or not at all."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import stat
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from ripstop.errors import StartError
from ripstop.service.account import Account, barrier
from ripstop.service.warden import remove

RECORD = "complete.json"
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
UNUSED_LIMIT_S = 60 * 86_400


def folder(account: Account | None) -> Path:
    """The cache folder, made if need be: ours alone to write, and the account's to enter.

    ``RIPSTOP_CACHE`` names it outright; else ``XDG_CACHE_HOME`` or ``~/.cache``; where servers run
    under another account, ``/var/cache``; at last a folder named after us in ``/var/tmp``.
    """
    named = os.environ.get("RIPSTOP_CACHE")
    if named:
        return _claim(Path(named).absolute(), account)
    problem: StartError | None = None
    for candidate in _candidates(account):
        try:
            return _claim(candidate, account)
        except StartError as error:
            problem = problem or error
    assert problem is not None
    raise problem


def _candidates(account: Account | None) -> Iterator[Path]:
    if account:
        yield Path("/var/cache/ripstop")
    else:
        base = os.environ.get("XDG_CACHE_HOME")
        yield (Path(base) if base else Path.home() / ".cache") / "ripstop"
    yield Path(f"/var/tmp/ripstop-{os.getuid()}")  # noqa: S108
    yield Path(tempfile.gettempdir()) / f"ripstop-{os.getuid()}"


def _claim(path: Path, account: Account | None) -> Path:
    way_out = "set RIPSTOP_CACHE to a folder that is yours alone"
    try:
        if not path.exists():
            path.mkdir(parents=True, exist_ok=True)
            path.chmod(0o755 if account else 0o700)
        status = path.lstat()
    except OSError as error:
        raise StartError(
            "cache-unusable", f"the cache folder {path} cannot be made: {error.strerror}", way_out=way_out
        ) from error
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid() or status.st_mode & 0o022:
        raise StartError(
            "cache-unusable", f"the cache folder {path} is not a folder of ours alone", way_out=way_out
        )
    if not os.access(path, os.W_OK | os.X_OK):
        raise StartError("cache-unusable", f"the cache folder {path} cannot be written", way_out=way_out)
    if account and (wall := barrier(path, account)):
        raise StartError(
            "cache-unusable",
            f"the cache folder {path} is out of reach: {account.name} may not enter {wall}",
            way_out="set RIPSTOP_CACHE to a folder every account may enter",
        )
    return path


def entry(
    kept: Path, build: Callable[[Path], dict[str, str]], *, account: Account | None
) -> tuple[Path, dict[str, str]]:
    """The cached folder ``kept``, built first where it is missing or no longer whole.

    ``build`` fills an empty folder that belongs to ``account`` and answers with facts to keep.
    """
    facts = _whole(kept)
    if facts is not None:
        with suppress(OSError):
            os.utime(kept / RECORD)
        return kept, facts
    with _locked(kept):
        facts = _whole(kept)
        if facts is None:
            facts = _fill(kept, build, account)
    return kept, facts


def forget(kept: Path) -> None:
    """Drop an entry that proved unusable."""
    with _locked(kept):
        remove(str(kept))


def intact(kept: Path) -> bool:
    """Whether every byte of an entry is as it was built."""
    try:
        return bool(_record(kept)["bytes"] == _checksum(kept / "content"))
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _fill(kept: Path, build: Callable[[Path], dict[str, str]], account: Account | None) -> dict[str, str]:
    """Build aside and move in place at once. Only ever called under the entry's lock."""
    prefix = f"{kept.name}.building-"
    for stale in (*kept.parent.glob(f"{prefix}*"), *_unused(kept.parent)):
        remove(str(stale))
    building = Path(tempfile.mkdtemp(prefix=prefix, dir=kept.parent))
    try:
        building.chmod(0o755)
        content = building / "content"
        content.mkdir(mode=0o755)
        if account:
            os.chown(content, account.uid, account.gid)
        facts = build(content)
        record = {"facts": facts, "print": _fingerprint(content), "bytes": _checksum(content)}
        (building / RECORD).write_text(json.dumps(record))
        remove(str(kept))
        building.rename(kept)
    except OSError as error:
        remove(str(building))
        if error.errno not in NO_ROOM:
            raise
        way_out = "free some space, or set RIPSTOP_CACHE to another folder"
        raise StartError("disk-full", f"there is no room in the cache: {error}", way_out=way_out) from error
    except BaseException:
        remove(str(building))
        raise
    return facts


def _unused(base: Path) -> list[Path]:
    """Entries nothing has asked for in a long time: of servers since upgraded, of projects gone."""
    limit = time.time() - UNUSED_LIMIT_S
    return [record.parent for record in base.glob(f"*/{RECORD}") if record.stat().st_mtime < limit]


def _record(kept: Path) -> dict[str, Any]:
    record: dict[str, Any] = json.loads((kept / RECORD).read_text())
    return record


def _whole(kept: Path) -> dict[str, str] | None:
    """The facts of an entry whose files are all there, each of its size; None otherwise."""
    try:
        record = _record(kept)
        return dict(record["facts"]) if record["print"] == _fingerprint(kept / "content") else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _files(content: Path) -> list[tuple[str, int]]:
    """Every file below, by its path from here, with its size in bytes."""
    found: list[tuple[str, int]] = []
    front = [str(content)]
    while front:
        with os.scandir(front.pop()) as entries:
            for one in entries:
                if one.is_dir(follow_symlinks=False):
                    front.append(one.path)
                else:
                    size = one.stat(follow_symlinks=False).st_size
                    found.append((one.path[len(str(content)) + 1 :], size))
    return sorted(found)


def _fingerprint(content: Path) -> str:
    return hashlib.sha256(repr(_files(content)).encode()).hexdigest()


def _checksum(content: Path) -> int:
    total = 0
    for name, _ in _files(content):
        total = zlib.crc32((content / name).read_bytes(), total)
    return total


@contextmanager
def _locked(kept: Path) -> Iterator[None]:
    with kept.with_name(f"{kept.name}.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
