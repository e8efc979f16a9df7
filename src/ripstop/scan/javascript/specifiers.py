"""Which file an import means: relative paths, ``paths`` of a tsconfig, packages of the same repository.

Follows the resolution of TypeScript's handbook ("Modules: Theory", "Path mapping") as far as it names
files of the project; anything else is a library.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ripstop.scan.javascript.syntax import SUFFIXES

_LIMIT_BYTES = 200_000
_COMMENTS = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
_TRAILING = re.compile(r",(\s*[}\]])")


@dataclass(frozen=True, slots=True)
class Alias:
    """What begins with ``prefix``, in files below ``below``, lies at ``target``; ``whole`` for no ``*``."""

    below: str
    prefix: str
    target: str
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Files:
    """The project's files by path, and the other names they go by."""

    paths: frozenset[str]
    aliases: tuple[Alias, ...] = ()
    packages: Mapping[str, str] | None = None

    def find(self, importer: str, source: str) -> str | None:
        """The path of the project's file that ``source`` means in ``importer``; None for a library."""
        if source.startswith("."):
            return self._file(posixpath.normpath(posixpath.join(posixpath.dirname(importer), source)))
        for alias in self.aliases:
            if importer.startswith(alias.below) and self._applies(alias, source):
                rest = "" if alias.whole else source[len(alias.prefix) :]
                if found := self._file(posixpath.normpath(alias.target + rest)):
                    return found
        return self._package(source)

    @staticmethod
    def _applies(alias: Alias, source: str) -> bool:
        return source == alias.prefix if alias.whole else source.startswith(alias.prefix)

    def _package(self, source: str) -> str | None:
        for name, folder in (self.packages or {}).items():
            if source == name or source.startswith(f"{name}/"):
                rest = source[len(name) + 1 :]
                starts = [f"{folder}/{rest}", f"{folder}/src/{rest}"] if rest else [f"{folder}/src", folder]
                found = (self._file(posixpath.normpath(start)) for start in starts)
                return next(filter(None, found), None)
        return None

    def _file(self, path: str) -> str | None:
        if path in self.paths:
            return path
        stem, dot, suffix = path.rpartition(".")
        stems = [path, stem] if dot and f".{suffix}" in SUFFIXES else [path]
        for start in (*stems, f"{path}/index"):
            for ending in SUFFIXES:
                if (found := start + ending) in self.paths:
                    return found
        return None


def files_of(root: Path, paths: Iterable[str]) -> Files:
    """Reads the settings that give files other names: each tsconfig.json and package.json beside them."""
    known = frozenset(paths)
    folders = {""}
    for path in known:
        folder = posixpath.dirname(path)
        while folder and folder not in folders:
            folders.add(folder)
            folder = posixpath.dirname(folder)
    aliases: list[Alias] = []
    packages: dict[str, str] = {}
    for folder in sorted(folders, key=len, reverse=True):
        for name in ("tsconfig.json", "tsconfig.base.json", "jsconfig.json"):
            aliases += _aliases(folder, _settings(root / folder / name))
        given = _settings(root / folder / "package.json")
        aliases += _subpaths(folder, given)
        if folder and isinstance(own := given.get("name"), str):
            packages[own] = folder
    return Files(known, tuple(aliases), packages)


def _settings(path: Path) -> dict[str, object]:
    try:
        if path.stat().st_size > _LIMIT_BYTES:
            return {}
        written = path.read_text("utf-8", "replace")
        plain = _TRAILING.sub(r"\1", _COMMENTS.sub(lambda found: found[1] or "", written))
        found = json.loads(plain)
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _aliases(folder: str, settings: dict[str, object]) -> list[Alias]:
    options = settings.get("compilerOptions")
    if not isinstance(options, dict):
        return []
    base = options.get("baseUrl")
    start = posixpath.join(folder, base) if isinstance(base, str) else folder
    below = f"{folder}/" if folder else ""
    paths = options.get("paths")
    found = []
    for pattern, targets in (paths if isinstance(paths, dict) else {}).items():
        for target in targets if isinstance(targets, list) else []:
            if isinstance(target, str):
                whole = "*" not in pattern
                target = posixpath.join(start, target)
                found.append(Alias(below, pattern.partition("*")[0], target.partition("*")[0], whole))
    if isinstance(base, str):
        found.append(Alias(below, "", f"{start}/"))
    return found


def _subpaths(folder: str, package: dict[str, object]) -> list[Alias]:
    """The ``imports`` of a package.json: names that begin with ``#``."""
    imports = package.get("imports")
    below = f"{folder}/" if folder else ""
    found = []
    for pattern, target in (imports if isinstance(imports, dict) else {}).items():
        if isinstance(target, str):
            path = posixpath.join(folder, target)
            found.append(Alias(below, pattern.partition("*")[0], path.partition("*")[0], "*" not in pattern))
    return found
