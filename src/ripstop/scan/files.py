"""Which files of a repository are its source, and which of those are tests. Reads directories, never files.

Left out are version control, virtual environments, installed packages, build output and caches;
migrations stay, since they tell tables. Links to directories are not followed: they may lead in
circles, or out.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath

PYTHON = frozenset({".py"})
JAVASCRIPT = frozenset({".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx"})
SKIPPED = frozenset(
    {
        *(
            "node_modules",
            "bower_components",
            "jspm_packages",
            "site-packages",
            "dist-packages",
            "__pycache__",
        ),
        *("__pypackages__", "venv", "virtualenv", "build", "dist", "htmlcov", "staticfiles"),
        *("storybook-static", "lcov-report"),
    }
)
"""Directories that hold what was installed or made, by name; so does every hidden one."""
MADE = re.compile(r"\.(min|bundle|chunk)\.[cm]?js$|\.d\.[cm]?ts$|-lock\.js$")
TEST_DIRECTORIES = frozenset({"test", "tests", "specs", "spec", "testing", "__tests__", "e2e", "cypress"})
TEST_FILES = re.compile(
    r"^(test_.*|.*_tests?|tests?|conftest|.*_spec)\.py$|\.(test|spec|e2e|cy)\.[cm]?[jt]sx?$"
)
MOST_FILES = 100_000
"""A repository with more is read up to here, in the order of its paths."""


@dataclass(frozen=True, slots=True)
class Sources:
    """The files found, as paths under the root they were looked for in, each list in order.

    ``cut`` says that there were more than are listed.
    """

    python: tuple[Path, ...] = ()
    javascript: tuple[Path, ...] = ()
    tests: tuple[Path, ...] = ()
    cut: bool = False


def find(root: Path, *, most: int = MOST_FILES) -> Sources:
    """The source files below ``root``. Directories that cannot be listed count as empty."""
    found: dict[str, list[Path]] = {"python": [], "javascript": [], "tests": []}
    count = 0
    for path in _files(root):
        suffix = path.suffix.lower()
        if suffix not in PYTHON and (suffix not in JAVASCRIPT or MADE.search(path.name)):
            continue
        count += 1
        if count > most:
            break
        kind = "python" if suffix in PYTHON else "javascript"
        found["tests" if is_test(path.relative_to(root)) else kind].append(path)
    python, javascript, tests = (tuple(found[kind]) for kind in ("python", "javascript", "tests"))
    return Sources(python, javascript, tests, cut=count > most)


def is_test(path: PurePath) -> bool:
    """Whether a path, relative to the repository, is that of a test or of what only tests use."""
    return bool(TEST_FILES.search(path.name)) or not TEST_DIRECTORIES.isdisjoint(path.parts[:-1])


def _files(root: Path) -> Iterator[Path]:
    """Depth first, in the order of names. Raises nothing: what cannot be listed is empty."""
    waiting = [str(root)]
    while waiting:
        files, directories = _listed(waiting.pop())
        yield from map(Path, files)
        waiting += reversed(directories)


def _listed(directory: str) -> tuple[list[str], list[str]]:
    files: list[str] = []
    directories: list[str] = []
    try:
        with os.scandir(directory) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    if not _is_skipped(entry.name, entry.path):
                        directories.append(entry.path)
                elif entry.is_file():
                    files.append(entry.path)
    except OSError:
        return [], []
    return sorted(files), sorted(directories)


def _is_skipped(name: str, path: str) -> bool:
    if name.startswith(".") or name in SKIPPED or name.endswith(".egg-info"):
        return True
    return os.path.exists(f"{path}/pyvenv.cfg")  # noqa: PTH110 - the same
