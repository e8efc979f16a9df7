"""Small projects written for one test, and read."""

from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from ripstop.scan import files
from ripstop.scan.code import Call, Codebase
from ripstop.scan.python.reading import read

Reader = Callable[..., Codebase]


@pytest.fixture
def project(tmp_path: Path) -> Reader:
    """Write ``app.py`` and other files, and read them all."""

    def written(text: str = "", others: dict[str, str] | None = None) -> Codebase:
        for name, content in {"app.py": text, **(others or {})}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(content))
        return read(tmp_path, files.find(tmp_path).python)

    return written


def every(calls: tuple[Call, ...]) -> Iterator[Call]:
    """Calls and those in their blocks, each block after the call that opens it."""
    for call in calls:
        yield call
        yield from every(call.block)


@pytest.fixture
def names(project: Reader) -> Callable[..., list[str]]:
    """The names of the calls of ``app.f``, in order."""

    def of(text: str, others: dict[str, str] | None = None, function: str = "app.f") -> list[str]:
        return [call.target or call.name for call in every(project(text, others).functions[function].calls)]

    return of


@pytest.fixture
def first(project: Reader) -> Callable[..., Call]:
    """The call of ``app.f`` whose name ends so."""

    def of(text: str, end: str, others: dict[str, str] | None = None) -> Call:
        calls = every(project(text, others).functions["app.f"].calls)
        return next(call for call in calls if call.name.endswith(end))

    return of
