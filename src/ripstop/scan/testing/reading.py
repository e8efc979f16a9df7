"""The door: test files in, tests out. Reads files, runs nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ripstop.model.survey import Place, Unread
from ripstop.scan.testing import javascript, python
from ripstop.scan.testing.nouns import Found, Test

MOST_BYTES = 2_000_000
"""A larger test file is not read: it is made, not written."""


def read(root: Path, files: Sequence[Path]) -> Found:
    """All tests in these files, in the order of the files. Raises nothing: what cannot be read is told."""
    read_so_far: list[python.File | list[Test]] = []
    unread: list[Unread] = []
    for path in files:
        name = path.relative_to(root).as_posix()
        text = _text(path, name, unread)
        if text is None:
            continue
        if path.suffix != ".py":
            read_so_far.append(list(javascript.tests(name, text)))
            continue
        try:
            read_so_far.append(python.parse(name, text))
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            line = getattr(error, "lineno", None) or 1
            unread.append(Unread(Place(name, line), f"{type(error).__name__}: {_said(error)}"))
    parsed = [one for one in read_so_far if isinstance(one, python.File)]
    elsewhere = {name: file for file in parsed for name in file.helpers}
    tests = (one if isinstance(one, list) else python.tests(one, elsewhere) for one in read_so_far)
    return Found(tuple(test for several in tests for test in several), tuple(unread))


def _text(path: Path, name: str, unread: list[Unread]) -> str | None:
    try:
        if path.stat().st_size > MOST_BYTES:
            unread.append(Unread(Place(name, 1), f"larger than {MOST_BYTES // 1_000_000} MB"))
            return None
        return path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        unread.append(Unread(Place(name, 1), error.strerror or "cannot be read"))
        return None


def _said(error: BaseException) -> str:
    return (error.msg if isinstance(error, SyntaxError) else str(error)) or "no Python"
