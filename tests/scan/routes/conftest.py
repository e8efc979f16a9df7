"""Projects written down in a test, and their code as the readers tell it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from textwrap import dedent

import pytest

from ripstop.model.survey import Route
from ripstop.scan.code import Codebase
from ripstop.scan.python.reading import read

Write = Callable[..., tuple[Path, Codebase]]


def code_of(root: Path) -> Codebase:
    return read(root, sorted(root.rglob("*.py")))


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes files (path and text) and reads them."""

    def written(files: dict[str, str]) -> tuple[Path, Codebase]:
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(dedent(text))
        return tmp_path, code_of(tmp_path)

    return written


@pytest.fixture
def told() -> Callable[[Iterable[Route]], list[str]]:
    """Routes as one line each: operation and handler, in order of their text."""
    return lambda routes: sorted(f"{one.operation} {one.handler}" for one in routes)


@pytest.fixture
def services() -> Path:
    return Path(__file__).parent / "services"
