"""Which dotted name a file has as a module, and which file an import means. Paths only: no syntax."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

MARKS = ("pyproject.toml", "setup.py", "setup.cfg", "manage.py", "requirements.txt", "Pipfile")
"""A directory with one of them is where a program's imports may start."""


@dataclass(frozen=True, slots=True)
class Names:
    """``by_file``: the dotted name of each file (a path with slashes); ``by_stem``: the way back.

    A stem is a module's path without ``.py`` and ``/__init__``: ``src/shop/api``.
    """

    by_file: Mapping[str, str]
    by_stem: Mapping[str, str]
    roots: Mapping[str, str]
    packages: frozenset[str]
    _known: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)

    def imported(self, file: str, dotted: str) -> str:
        """The name of the project's module that ``dotted`` means in ``file``; empty where it is none."""
        path = dotted.replace(".", "/")
        for start in self._starts(file):
            found = self.by_stem.get(f"{start}/{path}" if start else path)
            if found:
                return found
        return ""

    def _starts(self, file: str) -> tuple[str, ...]:
        """Where its absolute imports may start: its own root, and each directory that is no package."""
        directory, root = _parent(file), self.roots[file]
        known = self._known.get((directory, root))
        if known is None:
            known = self._known[directory, root] = tuple(self._found_starts(directory, root))
        return known

    def _found_starts(self, directory: str, root: str) -> Iterator[str]:
        starts = [root]
        while True:
            if directory not in self.packages and directory not in starts:
                starts.append(directory)
            if not directory:
                break
            directory = _parent(directory)
        yield from starts
        yield from (f"{start}/src" if start else "src" for start in starts)


def named(files: Iterable[str], marked: Iterable[str] = ()) -> Names:
    """Names for files given as relative paths; ``marked`` are directories with one of MARKS.

    Two programs in one repository may use the same name: the first keeps it, the others are told apart
    by their whole path.
    """
    files = sorted(files, key=lambda file: (file.count("/"), file))
    packages = frozenset(_parent(file) for file in files if file.endswith("/__init__.py"))
    starts = {"", *marked}
    starts |= {_parent(package) for package in packages if _parent(package) not in packages}
    by_file: dict[str, str] = {}
    by_stem: dict[str, str] = {}
    roots: dict[str, str] = {}
    taken: set[str] = set()
    for file in files:
        stem = file.removesuffix(".py").removesuffix("/__init__")
        root = roots[file] = _root(_parent(file), packages, starts)
        name = stem.removeprefix(f"{root}/" if root else "").replace("/", ".")
        name = name if name not in taken else stem.replace("/", ".")
        taken.add(name)
        by_file[file], by_stem[stem] = name, name
    return Names(by_file, by_stem, roots, packages)


def _root(directory: str, packages: frozenset[str], starts: set[str]) -> str:
    while directory in packages:
        directory = _parent(directory)
    while directory and directory not in starts and not _is_source(directory):
        directory = _parent(directory)
    return directory


def _is_source(directory: str) -> bool:
    return directory == "src" or directory.endswith("/src")


def _parent(path: str) -> str:
    return path.rpartition("/")[0]
