"""Cases: the parameters of a test or a fixture, as values that can be held against each other."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ripstop.integrity.guard.loops import turns
from ripstop.integrity.guard.marks import Mark, marks
from ripstop.integrity.guard.modules import Module, Revision
from ripstop.integrity.guard.terms import Scope
from ripstop.model.weakening import Spot

MOST = 300
"""Cases that are told apart; a product of more is not multiplied out."""


@dataclass(frozen=True, slots=True)
class Case:
    """One case: a value for each name, and the marks of this case alone."""

    values: tuple[ast.expr, ...]
    marks: tuple[Mark, ...]
    spot: Spot

    @property
    def text(self) -> tuple[str, ...]:
        return tuple(ast.unparse(value) for value in self.values)


@dataclass(frozen=True, slots=True)
class Table:
    """One ``parametrize``: names and cases. ``cases`` is None where they are computed; ``text`` is how."""

    names: tuple[str, ...]
    cases: tuple[Case, ...] | None
    text: str
    spot: Spot


def tables(found: Iterable[Mark], revision: Revision, module: Module, scope: Scope) -> Iterator[Table]:
    """The tables among a test's marks."""
    for mark in found:
        if mark.name == "parametrize" and mark.call:
            table = _table(mark, revision, module, scope)
            if table:
                yield table


def _table(mark: Mark, revision: Revision, module: Module, scope: Scope) -> Table | None:
    words = {word.arg: word.value for word in mark.call.keywords} if mark.call else {}
    given = [*mark.args, *(words[key] for key in ("argnames", "argvalues") if key in words)]
    names = _names(given[0]) if given else None
    if names is None or len(given) < 2:
        return None
    followed = scope.follow(given[1])
    return Table(names, rows(given[1], len(names), revision, module, scope), ast.unparse(followed), mark.spot)


def _names(node: ast.expr) -> tuple[str, ...] | None:
    match node:
        case ast.Constant(value=str(text)):
            return tuple(name.strip() for name in text.split(",") if name.strip())
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            return tuple(p.value for p in parts if isinstance(p, ast.Constant) and isinstance(p.value, str))
    return None


def rows(
    node: ast.expr, width: int, revision: Revision, module: Module, scope: Scope
) -> tuple[Case, ...] | None:
    """The cases of a list that is written out, under a name or in place; None for a computed one."""
    seen = module.constants.get(node.id, node) if isinstance(node, ast.Name) else node
    imported = scope.constants.get(node.id) if isinstance(node, ast.Name) else None
    seen = imported if imported is not None and seen is node else seen
    values = seen.elts if isinstance(seen, ast.List | ast.Tuple | ast.Set) else turns(seen, scope)
    if values is None or any(isinstance(value, ast.Starred) for value in values):
        return None
    return tuple(_case(value, width, revision, module, scope) for value in values)


def _case(node: ast.expr, width: int, revision: Revision, module: Module, scope: Scope) -> Case:
    found: tuple[Mark, ...] = ()
    spot = Spot(module.path, getattr(node, "lineno", 0), ast.unparse(node))
    parts = [node]
    if isinstance(node, ast.Call) and ast.unparse(node.func) in ("pytest.param", "param"):
        parts = node.args
        given = [word.value for word in node.keywords if word.arg == "marks"]
        found = tuple(marks(given, revision, module))
    elif width > 1 and isinstance(node, ast.Tuple | ast.List):
        parts = node.elts
    return Case(tuple(scope.follow(part) for part in parts), found, spot)


def bindings(found: Iterable[Table]) -> list[dict[str, ast.expr]] | None:
    """Every combination of the cases as values by name; None where any is computed or they are too many."""
    columns: list[list[Mapping[str, ast.expr]]] = []
    size = 1
    for table in found:
        if table.cases is None or any(len(case.values) != len(table.names) for case in table.cases):
            return None
        size *= max(1, len(table.cases))
        if size > MOST:
            return None
        columns.append([dict(zip(table.names, case.values, strict=True)) for case in table.cases])
    merged = []
    for chosen in itertools.product(*columns):
        one: dict[str, ast.expr] = {}
        for part in chosen:
            one |= part
        merged.append(one)
    return merged
