"""What was changed between two looks at a folder, told by its files and never by its git."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ripstop.agents.phases import Ground, is_frozen

_LIMIT_BYTES = 20 * 1024 * 1024
RULES: Mapping[str, str] = {
    "frozen-path": "what decides how tests run, how the project is built or what agents may do was changed",
    "outside-phase": "a file was changed that this phase does not write",
    "symlink": "a symbolic link was added or led elsewhere",
    "mode-change": "a file was made executable, or its permissions changed",
    "special-file": "something was made that is neither a file nor a folder",
    "too-large": "a file was written that is larger than a person would read",
}


@dataclass(frozen=True, slots=True)
class Seen:
    """One file: its ``kind`` (file, link, special), permission bits, and a digest of what is in it."""

    kind: str
    mode: int
    digest: str
    size: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """One path that is not what it was; ``now`` None where it is gone, ``was`` None where it is new."""

    path: str
    was: Seen | None
    now: Seen | None


def look(root: Path) -> dict[str, Seen]:
    """Every file below a folder by its path, that of git and of caches left out."""
    found: dict[str, Seen] = {}
    for folder, folders, files in os.walk(root):
        inside = Path(folder)
        links = [name for name in folders if (inside / name).is_symlink()]
        folders[:] = sorted({*folders} - {".git", "__pycache__", "node_modules", *links})
        for name in [*files, *links]:
            path = inside / name
            found[path.relative_to(root).as_posix()] = seen(path)
    return found


def seen(path: Path) -> Seen:
    """One file as it is now, a link unfollowed. Raises OSError."""
    about = path.lstat()
    mode = stat.S_IMODE(about.st_mode) & 0o111
    if stat.S_ISLNK(about.st_mode):
        return Seen("link", 0, str(path.readlink()))
    if not stat.S_ISREG(about.st_mode):
        return Seen("special", 0, "")
    if about.st_size > _LIMIT_BYTES:
        return Seen("file", mode, f"{about.st_size} bytes, {about.st_mtime_ns}", about.st_size)
    return Seen("file", mode, hashlib.sha256(path.read_bytes()).hexdigest(), about.st_size)


def between(before: Mapping[str, Seen], after: Mapping[str, Seen]) -> list[Change]:
    """What changed, in the order of the paths."""
    paths = sorted({*before, *after})
    return [Change(p, before.get(p), after.get(p)) for p in paths if before.get(p) != after.get(p)]


def refusals(changes: list[Change], ground: Ground, phase: str) -> Iterator[tuple[str, str]]:
    """Each rule a change breaks, with its path: the first that applies."""
    for one in changes:
        if rule := _rule(one, ground, phase):
            yield rule, one.path


def _rule(one: Change, ground: Ground, phase: str) -> str:
    if one.now is not None and one.now.kind == "link":
        return "symlink"
    if one.now is not None and one.now.kind == "special":
        return "special-file"
    if is_frozen(one.path):
        return "frozen-path"
    if not ground.allows(phase, one.path):
        return "outside-phase"
    if one.now is not None and one.now.size > _LIMIT_BYTES:
        return "too-large"
    if one.now is not None and one.now.mode != (one.was.mode if one.was else 0):
        return "mode-change"
    return ""
