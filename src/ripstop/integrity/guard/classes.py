"""Which exception classes are wider than which: Python's own, and those of the repository."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Mapping

Parents = Mapping[str, tuple[str, ...]]
"""Class name to its bases' names, as the repository defines them, all without their modules."""


def parents(trees: Iterable[ast.AST]) -> dict[str, tuple[str, ...]]:
    """The classes that some files define, with their bases."""
    found: dict[str, tuple[str, ...]] = {}
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                found[node.name] = tuple(last(ast.unparse(base)) for base in node.bases)
    return found


def last(dotted: str) -> str:
    return dotted.rpartition(".")[2]


def kinds(node: ast.expr) -> frozenset[str]:
    """The class names in what ``raises`` is given."""
    parts = node.elts if isinstance(node, ast.Tuple) else [node]
    return frozenset(last(ast.unparse(part)) for part in parts)


def within(narrow: frozenset[str], wide: frozenset[str], known: Parents) -> bool:
    """Whether every class of one is, or comes from, a class of the other."""
    return all(any(_comes_from(one, other, known) for other in wide) for one in narrow)


def _comes_from(one: str, other: str, known: Parents, depth: int = 0) -> bool:
    if one == other or other == "BaseException":
        return True
    if other == "Exception" and one not in (
        "BaseException",
        "KeyboardInterrupt",
        "SystemExit",
        "GeneratorExit",
    ):
        return True
    first, second = getattr(builtins, one, None), getattr(builtins, other, None)
    if isinstance(first, type) and isinstance(second, type):
        return issubclass(first, second)
    return depth < 10 and any(_comes_from(base, other, known, depth + 1) for base in known.get(one, ()))
