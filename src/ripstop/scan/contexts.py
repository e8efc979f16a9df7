"""A ``.coverage`` file with contexts: which test ran which line. Read as what it is, an SQLite database.

Its schema is documented (coverage.py, "Coverage.py database schema", version 7): ``file``, ``context``,
``line_bits`` with a bit for each line, or ``arc`` where branches were measured. Contexts are
``module.test`` with ``dynamic_context = test_function``, ``node id|run`` with pytest-cov's
``--cov-context=test``; what ran in a fixture (``|setup``) is nobody's test.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from urllib.request import pathname2url

FILE = ".coverage"
HOW = "pytest --cov --cov-context=test"
_BITS = 8


@dataclass(frozen=True, slots=True)
class Contexts:
    """``lines`` holds, for each known file and each line, the tests that ran it.

    ``files`` are the known files that were measured. ``notes`` say why there is nothing, or how old it is.
    """

    lines: Mapping[str, Mapping[int, frozenset[str]]] = field(default_factory=dict)
    files: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()

    def ran(self, path: str, line: int) -> frozenset[str] | None:
        """The tests that ran a line; None where its file was not measured."""
        if path not in self.files:
            return None
        return self.lines.get(path, {}).get(line, frozenset())

    def within(self, path: str, first: int, last: int) -> frozenset[str]:
        """The tests that ran any of these lines."""
        here = self.lines.get(path, {})
        return frozenset(test for line in range(first, last + 1) for test in here.get(line, ()))


def read(root: Path, given: Path | None, tests: Iterable[str], known: Iterable[str]) -> Contexts:
    """What a coverage file tells of these tests (node ids) and of the files ``known`` below the root.

    Nothing, and no note, where ``given`` is None and the root has none. Raises nothing.
    """
    path = given or root / FILE
    if not path.is_file():
        return Contexts(notes=(f"{given}: no such coverage file",) if given else ())
    ids, places = _Ids.of(tests), _Places(root, frozenset(known))
    lines: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    try:
        with closing(_opened(path)) as data:
            files = frozenset(here for (file,) in data.execute(_FILES) if (here := places.below(file)))
            for file, context, ran in _ran(data):
                here, test = places.below(file), ids.test(context)
                for line in ran if here and test else ():
                    lines[here][line].add(test)
    except (sqlite3.Error, OSError, TypeError, AttributeError) as error:
        return Contexts(notes=(f"{path.name} cannot be read as coverage's data: {error}",))
    frozen = {file: {n: frozenset(t) for n, t in several.items()} for file, several in lines.items()}
    return Contexts(frozen, files, tuple(_notes(path, root, files, anybody=bool(lines))))


def _notes(path: Path, root: Path, files: frozenset[str], *, anybody: bool) -> Iterator[str]:
    if files and not anybody:
        yield f"{path.name} tells lines but not which test ran them: measure with {HOW}"
    if _older(path, root, files):
        yield f"{path.name} is older than the code: lines may have moved since; measure again"


_FILES = "SELECT path FROM file"
_BY_LINES = (
    "SELECT file.path, context.context, numbits FROM line_bits"
    " JOIN file ON file.id = file_id JOIN context ON context.id = context_id"
)
_BY_ARCS = (
    "SELECT DISTINCT file.path, context.context, tono FROM arc"
    " JOIN file ON file.id = file_id JOIN context ON context.id = context_id WHERE tono > 0"
)


def _opened(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{pathname2url(str(path.resolve()))}?mode=ro", uri=True, timeout=2.0)


def _ran(data: sqlite3.Connection) -> Iterator[tuple[str, str, Iterable[int]]]:
    """File, context, and lines that were run, row by row: there may be millions. Raises sqlite3.Error."""
    for file, context, blob in data.execute(_BY_LINES):
        yield file, context, numbers(blob)
    for file, context, line in data.execute(_BY_ARCS):
        yield file, context, (line,)


def numbers(blob: bytes) -> Iterator[int]:
    """The lines in a blob: bit ``n % 8`` of byte ``n // 8`` stands for line ``n`` (coverage.numbits)."""
    for index, byte in enumerate(blob):
        for bit in range(_BITS):
            if byte & (1 << bit):
                yield index * _BITS + bit


@dataclass(frozen=True, slots=True)
class _Ids:
    """From contexts to node ids."""

    by_name: Mapping[str, tuple[tuple[str, str], ...]]
    known: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, tests: Iterable[str]) -> _Ids:
        by_name: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for test in tests:
            by_name[test.rpartition("::")[2]].append((_dotted(test), test))
        return cls({name: tuple(several) for name, several in by_name.items()})

    def test(self, context: str) -> str:
        """The test a context stands for, empty for none and for what fixtures do."""
        if context not in self.known:
            self.known[context] = self._found(context)
        return self.known[context]

    def _found(self, context: str) -> str:
        *before, phase = context.split("|")
        name = before[-1] if phase == "run" and before else phase
        wanted = _dotted(name.partition("[")[0]) if "::" in name else name
        for dotted, test in self.by_name.get(wanted.rpartition(".")[2], ()):
            if dotted == wanted or dotted.endswith(f".{wanted}") or wanted.endswith(f".{dotted}"):
                return test
        return ""


def _dotted(nodeid: str) -> str:
    """``tests/test_x.py::TestA::test_b`` as ``tests.test_x.TestA.test_b``."""
    path, _, rest = nodeid.partition("::")
    return f"{path.removesuffix('.py').replace('/', '.')}.{rest.replace('::', '.')}"


@dataclass(frozen=True, slots=True)
class _Places:
    """From measured files to those that are known below the root, also where they were measured elsewhere."""

    root: Path
    known: frozenset[str]
    found: dict[str, str] = field(default_factory=dict)

    def below(self, file: str) -> str:
        if file not in self.found:
            self.found[file] = self._found(file)
        return self.found[file]

    def _found(self, file: str) -> str:
        path = Path(file)
        for root in (self.root, self.root.resolve()):
            if path.is_relative_to(root):
                here = path.relative_to(root).as_posix()
                return here if here in self.known else ""
        plain = PurePosixPath(file.replace("\\", "/")).as_posix()
        ends = [one for one in self.known if plain == one or plain.endswith(f"/{one}")]
        return max(ends, key=len, default="")


def _older(path: Path, root: Path, files: Iterable[str]) -> bool:
    def changed(name: str) -> float:
        try:
            return (root / name).stat().st_mtime
        except OSError:
            return 0.0

    return max(map(changed, files), default=0.0) > path.stat().st_mtime
