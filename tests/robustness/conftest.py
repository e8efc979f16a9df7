"""Projects for the tests of this folder, and their end."""

from __future__ import annotations

import resource
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from .projects import Disk, Make, Project, made

_BYTES = {"0": 0, "8m": 8 << 20, "70m": 12 << 20}


@pytest.fixture
def project() -> Iterator[Make]:
    """Makes projects, and ends what they leave."""
    all_made: list[Project] = []

    def make(**changes: object) -> Project:
        all_made.append(made(**changes))  # type: ignore[arg-type]
        return all_made[-1]

    yield make
    for one in all_made:
        one.end()


@pytest.fixture
def small_disk(project: Make) -> Iterator[Disk]:
    """Makes a folder a full or nearly full disk: a small file system in memory mounted there.

    An ordinary user, or a container, may not mount, and user namespaces are often closed as well.
    There every file is kept short instead (RLIMIT_FSIZE): the kernel then refuses the same writes
    at the same places, with EFBIG for ENOSPC. ``project`` ends after this, and finds nothing mounted.
    """
    mounted: list[Path] = []
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)

    def make(folder: Path, size: str) -> None:
        folder.mkdir(exist_ok=True)
        # A tmpfs of no bytes would be one without a limit.
        options = "nr_inodes=1" if size == "0" else f"size={size}"
        mount = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
        if subprocess.run(mount, capture_output=True, check=False).returncode == 0:
            mounted.append(folder)
            folder.chmod(0o755)
        else:
            resource.setrlimit(resource.RLIMIT_FSIZE, (_BYTES[size], limits[1]))

    yield make
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    for folder in mounted:
        subprocess.run(["umount", str(folder)], check=True)
