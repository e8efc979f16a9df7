"""A folder as the rest of this room asks for it: its files, their texts, what it depends on."""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

_LEFT_OUT = frozenset(
    [
        "node_modules",
        "venv",
        "env",
        "site-packages",
        "__pycache__",
        "dist",
        "build",
        "target",
        "vendor",
        "coverage",
        "htmlcov",
    ]
)
_TESTS = re.compile(
    r"(^|/)(tests?|__tests__|spec|e2e)/|(^|/)(test_[^/]*|[^/]*_test|conftest)\.py$|\.(test|spec)\.\w+$"
)
_MOST_FILES = 20_000
_MOST_BYTES = 1_000_000
_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass
class Project:
    """``files`` are paths relative to ``root`` with forward slashes, sorted, at most 20,000."""

    root: Path
    files: tuple[str, ...]
    _texts: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, root: Path) -> Project:
        return cls(root, tuple(sorted(_walk(root))))

    def text(self, path: str) -> str:
        """A file's text, at most a megabyte of it; empty where there is none."""
        if path not in self._texts:
            self._texts[path] = ""
            with suppress(OSError), (self.root / path).open(encoding="utf-8", errors="replace") as file:
                self._texts[path] = file.read(_MOST_BYTES)
        return self._texts[path]

    def has(self, path: str) -> bool:
        return path in self._listed

    def named(self, name: str) -> list[str]:
        """The files of that name, nearest to the root first."""
        found = [path for path in self.files if path.rpartition("/")[2] == name]
        return sorted(found, key=lambda path: (path.count("/"), path))

    def code(self, *suffixes: str) -> list[str]:
        """Source files with one of these suffixes, tests left out."""
        return [path for path in self.files if path.endswith(suffixes) and not _TESTS.search(path)]

    @cached_property
    def _listed(self) -> frozenset[str]:
        return frozenset(self.files)

    @cached_property
    def package(self) -> dict[str, Any]:
        """The package.json of the service: the nearest to the root."""
        for path in self.named("package.json"):
            with suppress(ValueError):
                read = json.loads(self.text(path))
                if isinstance(read, dict):
                    return {**read, "": path.rpartition("/")[0]}
        return {}

    @cached_property
    def scripts(self) -> dict[str, str]:
        found = self.package.get("scripts")
        return (
            {name: one for name, one in found.items() if isinstance(one, str)}
            if isinstance(found, dict)
            else {}
        )

    @cached_property
    def dependencies(self) -> frozenset[str]:
        """Names of libraries that manifests ask for, in lower case with dashes."""
        names = [*_python(self), *_node(self.package)]
        return frozenset(name.lower().replace("_", "-") for name in names)


def _walk(root: Path) -> Iterator[str]:
    count = 0
    for folder, folders, files in os.walk(root):
        inside = Path(folder)
        folders[:] = [one for one in folders if not _skipped(inside / one)]
        for name in files:
            count += 1
            if count > _MOST_FILES:
                return
            yield (inside / name).relative_to(root).as_posix()


def _skipped(folder: Path) -> bool:
    hidden = folder.name.startswith(".")
    return hidden or folder.name in _LEFT_OUT or (folder / "pyvenv.cfg").is_file()


def _python(project: Project) -> Iterator[str]:
    for path in project.named("pyproject.toml"):
        with suppress(tomllib.TOMLDecodeError):
            yield from _declared(tomllib.loads(project.text(path)))
    for path in project.files:
        if re.search(r"(^|/)(requirements[^/]*|requirements/[^/]+)\.(txt|in)$", path):
            for line in project.text(path).splitlines():
                yield from _NAME.findall(line.strip())
        elif path.endswith("Pipfile"):
            yield from re.findall(r'^"?([\w.-]+)"?\s*=', project.text(path), re.MULTILINE)


def _declared(tables: dict[str, Any]) -> Iterator[str]:
    own = tables.get("project", {})
    poetry = tables.get("tool", {}).get("poetry", {})
    groups = poetry.get("group", {}).values()
    for listed in (own.get("dependencies", ()), *own.get("optional-dependencies", {}).values()):
        yield from (found[0] for one in listed if isinstance(one, str) and (found := _NAME.findall(one)))
    yield from poetry.get("dependencies", {})
    for group in groups:
        yield from group.get("dependencies", {})


def _node(package: dict[str, Any]) -> Iterator[str]:
    for kind in ("dependencies", "devDependencies"):
        listed = package.get(kind)
        yield from listed if isinstance(listed, dict) else ()
