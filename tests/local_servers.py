"""Servers of this machine's own, which tests use beside the embedded ones."""

from __future__ import annotations

import shutil
from pathlib import Path


def redis_folders() -> tuple[str, ...]:
    """The folders on PATH that hold a Redis server, at most one; none where it is not installed."""
    found = shutil.which("redis-server") or shutil.which("valkey-server")
    return (str(Path(found).parent),) if found else ()
