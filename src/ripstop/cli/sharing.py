"""Files that verbs write for others to read: whole or not at all, with the permissions of any other file."""

from __future__ import annotations

from pathlib import Path

from ripstop.cli.store import write_whole
from ripstop.errors import UsageError


def write_shared(path: Path, text: str, what: str = "survey") -> None:
    """Write whole or not at all, readable by whoever may read its folder. Raises UsageError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
        write_whole(path, text)
        path.chmod(mode)
    except OSError as error:
        raise UsageError(
            f"{what}-not-written",
            f"the {what} cannot be written to {path}: {error.strerror}",
            way_out="make room there, or name another place",
        ) from error
