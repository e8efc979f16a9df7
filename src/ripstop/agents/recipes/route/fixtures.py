"""The pytest fixtures a project has of its own, told by the syntax of its conftest files."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

_LIMIT_BYTES = 500_000


def fixtures(root: Path, paths: Iterable[Path]) -> Iterator[tuple[str, str]]:
    """Each fixture's name with its conftest, relative to the root. Files that are no Python give none."""
    for path in sorted(paths):
        if path.name == "conftest.py":
            yield from ((name, path.relative_to(root).as_posix()) for name in _in(path))


def _in(path: Path) -> Iterator[str]:
    try:
        tree = ast.parse(path.read_bytes()[:_LIMIT_BYTES])
    except (OSError, SyntaxError, ValueError, RecursionError):
        return
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and any(
            map(_is_fixture, node.decorator_list)
        ):
            yield node.name


def _is_fixture(decorator: ast.expr) -> bool:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return ast.unparse(called) in ("pytest.fixture", "fixture", "pytest_asyncio.fixture")
