"""One side of a pair as a project of its own: shared files, planted ones over them, packages linked."""

from __future__ import annotations

import shutil
from pathlib import Path

from benchmarks.zoo.pairs import Pair
from tests.packages import node_modules

_LEFT_BEHIND = shutil.ignore_patterns("__pycache__", ".ripstop", ".pytest_cache", "node_modules")


def lay_out(pair: Pair, side: str, to: Path) -> Path:
    """The project folder ``to/NAME-SIDE``. Node packages are installed once for each package.json."""
    folder = to / f"{pair.name}-{side}"
    for layer in ("project", side):
        shutil.copytree(pair.folder / layer, folder, ignore=_LEFT_BEHIND, dirs_exist_ok=True)
    package = folder / "package.json"
    if package.exists():
        (folder / "node_modules").symlink_to(node_modules(package))
    return folder
