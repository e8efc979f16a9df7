"""Tests in Python: test functions of a parsed file, with the requests they and their helpers send."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from ripstop.model.survey import Place
from ripstop.scan.testing import marker
from ripstop.scan.testing.nouns import Asked, Test
from ripstop.scan.testing.requesting import Body, read

_MANIFEST = re.compile(r"^# ripstop: (\w+) [0-9a-f]{12} (?:pin|finding) [0-9a-f]{8}\s*$", re.MULTILINE)
_RED = ("xfail", "skip", "expectedFailure")
_DEEPEST = 4
"""Helpers of helpers are followed so far."""

Definition = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class File:
    """What a test file holds, without its tree: trees of thousands of files would fill the memory.

    ``tests`` are complete but for what their helpers send; ``helpers`` are its functions that are no
    tests, by name, ``imported`` the names it takes from other modules.
    """

    tests: tuple[tuple[Test, Body], ...]
    helpers: Mapping[str, Body]
    imported: frozenset[str]


def parse(path: str, text: str) -> File:
    """Raises SyntaxError, ValueError or RecursionError where it is no Python that can be read."""
    tree = ast.parse(text)
    generated = frozenset(_MANIFEST.findall(text))
    constants = dict(_constants(tree.body))
    bodies = [tree.body, *(one.body for one in tree.body if isinstance(one, ast.ClassDef))]
    helpers = {
        node.name: read(node, constants)
        for body in bodies
        for node in body
        if isinstance(node, Definition) and not is_test(node)
    }
    imports = (node for node in tree.body if isinstance(node, ast.ImportFrom))
    imported = frozenset(alias.asname or alias.name for node in imports for alias in node.names)
    return File(tuple(_tests(path, tree, constants, generated)), helpers, imported)


def tests(file: File, elsewhere: Mapping[str, File]) -> Iterator[Test]:
    """The tests of a file, with what their helpers send. ``elsewhere`` are the files that define a helper."""
    for test, body in file.tests:
        name = test.place.symbol
        helped = _of_helpers(file, body.called, elsewhere, _DEEPEST, {name})
        asked = [*test.asked, *(replace(one, error=one.error or body.helped) for one in helped)]
        yield replace(test, asked=tuple(asked), error=test.error or any(one.error for one in asked))


def _tests(
    path: str, tree: ast.Module, constants: Mapping[str, ast.expr], generated: frozenset[str]
) -> Iterator[tuple[Test, Body]]:
    for node in tree.body:
        if isinstance(node, Definition) and is_test(node):
            yield _test(path, node, "", constants, generated)
        elif isinstance(node, ast.ClassDef):
            own = {
                f"self.{n}": value for n, value in {**_set_up(node), **dict(_constants(node.body))}.items()
            }
            for inner in node.body:
                if isinstance(inner, Definition) and is_test(inner):
                    yield _test(path, inner, f"{node.name}::", {**constants, **own}, generated)


def is_test(node: Definition) -> bool:
    return node.name.startswith("test")


def _test(
    path: str, node: Definition, owner: str, constants: Mapping[str, ast.expr], generated: frozenset[str]
) -> tuple[Test, Body]:
    body = read(node, constants)
    name, stake = marker.of(node, constants, path)
    test = Test(
        f"{path}::{owner}{node.name}",
        Place(path, node.lineno, node.name),
        node.end_lineno or node.lineno,
        body.asked,
        body.error,
        node.name in generated,
        any(ast.unparse(one).partition("(")[0].endswith(_RED) for one in node.decorator_list),
        name,
        stake,
    )
    return test, body


def _of_helpers(
    file: File, names: Iterable[str], elsewhere: Mapping[str, File], deep: int, seen: set[str]
) -> Iterator[Asked]:
    """What the helpers that a body calls send, once each."""
    for name in names:
        if name in seen or not deep:
            continue
        seen.add(name)
        there = file if name in file.helpers else elsewhere.get(name) if name in file.imported else None
        if there is None:
            continue
        body = there.helpers[name]
        yield from body.asked
        yield from _of_helpers(there, body.called, elsewhere, deep - 1, seen)


def _constants(body: Iterable[ast.stmt]) -> Iterator[tuple[str, ast.expr]]:
    for node in body:
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target, value = node.targets[0], node.value
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            target, value = node.target, node.value
        else:
            continue
        if isinstance(target, ast.Name):
            yield target.id, value


def _set_up(node: ast.ClassDef) -> dict[str, ast.expr]:
    """What ``setUp`` and its kin assign to self."""
    methods = [
        one for one in node.body if isinstance(one, Definition) and one.name.lower().startswith("setup")
    ]
    assigned = (one for method in methods for one in ast.walk(method) if isinstance(one, ast.Assign))
    return {
        target.attr: one.value
        for one in assigned
        for target in one.targets
        if isinstance(target, ast.Attribute)
        and isinstance(target.value, ast.Name)
        and target.value.id in ("self", "cls")
    }
