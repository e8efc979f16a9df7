"""Whether the originals are as they were: their files, and of their git what it runs programs by.

For where no jail keeps a command away from them. Seen by files alone, as `changes` does.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from ripstop.agents.changes import Seen, look, seen
from ripstop.integrity import repository

_FILES = ("config", "config.worktree")
_FOLDERS = ("hooks", "info")
"""What git runs, and what it reads it from (gitrepository-layout(5)); exclude and attributes are in info."""


def places(tops: Iterable[Path]) -> tuple[tuple[str, Path], ...]:
    """What there is to watch of some repositories, by name. git is asked here, and never again."""
    found: list[tuple[str, Path]] = []
    for number, top in enumerate(dict.fromkeys(tops)):
        start = f"{top}/" if number else ""
        found.append((start, top))
        for name in ("--git-common-dir", "--absolute-git-dir"):
            told = os.fsdecode(repository.ask(top, "rev-parse", name, check=False).rstrip(b"\n"))
            if told:
                found.append((f"{start}.git/", (top / told).resolve()))
    return tuple(dict.fromkeys(found))


def watched(some: Iterable[tuple[str, Path]]) -> Mapping[str, Seen]:
    """Every file of some places as it is now."""
    found: dict[str, Seen] = {}
    for start, place in some:
        if not start.endswith(".git/"):
            found |= {f"{start}{name}": one for name, one in look(place).items()}
            continue
        for name in _FOLDERS:
            found |= {f"{start}{name}/{below}": one for below, one in look(place / name).items()}
        found |= {f"{start}{name}": seen(place / name) for name in _FILES if os.path.lexists(place / name)}
    return found
