"""Tests in Python: test functions of a parsed file, with the requests they and their helpers send."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

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
    """A parsed test file. ``helpers`` are its functions that are no tests, by name."""

    path: str
    tree: ast.Module
    generated: frozenset[str]
    constants: Mapping[str, ast.expr]
    imported: frozenset[str]
    helpers: Mapping[str, Definition] = field(default_factory=dict)
    read: dict[str, Body] = field(default_factory=dict)

    def helper(self, name: str) -> Body:
        """What one of its helpers does."""
        if name not in self.read:
            self.read[name] = read(self.helpers[name], self.constants)
        return self.read[name]


def parse(path: str, text: str) -> File:
    """Raises SyntaxError, ValueError or RecursionError where it is no Python that can be read."""
    tree = ast.parse(text)
    bodies = [tree.body, *(one.body for one in tree.body if isinstance(one, ast.ClassDef))]
    helpers = {
        node.name: node
        for body in bodies
        for node in body
        if isinstance(node, Definition) and not is_test(node) and not _is_fixture(node)
    }
    imported = {
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    return File(
        path,
        tree,
        frozenset(_MANIFEST.findall(text)),
        dict(_constants(tree.body)),
        frozenset(imported),
        helpers,
    )


def tests(file: File, elsewhere: Mapping[str, File]) -> Iterator[Test]:
    """The tests of a file. ``elsewhere`` are helpers that other test files define, by name."""
    for node in file.tree.body:
        if isinstance(node, Definition) and is_test(node):
            yield _test(file, node, "", {}, elsewhere)
        elif isinstance(node, ast.ClassDef):
            constants = dict(_constants(node.body))
            own = {f"self.{name}": value for name, value in {**_set_up(node), **constants}.items()}
            for inner in node.body:
                if isinstance(inner, Definition) and is_test(inner):
                    yield _test(file, inner, node.name, own, elsewhere)


def is_test(node: Definition) -> bool:
    return node.name.startswith("test")


def _test(
    file: File,
    node: Definition,
    owner: str,
    known: Mapping[str, ast.expr],
    elsewhere: Mapping[str, File],
) -> Test:
    body = read(node, {**file.constants, **known})
    helped = _of_helpers(file, body.called, elsewhere, _DEEPEST, {node.name})
    asked = [*body.asked, *(replace(one, error=one.error or body.helped) for one in helped)]
    name, stake = marker.of(node, file.constants, file.path)
    title = f"{owner}::{node.name}" if owner else node.name
    return Test(
        f"{file.path}::{title}",
        Place(file.path, node.lineno, node.name),
        node.end_lineno or node.lineno,
        tuple(asked),
        body.error or any(one.error for one in asked),
        node.name in file.generated,
        any(ast.unparse(one).partition("(")[0].endswith(_RED) for one in node.decorator_list),
        name,
        stake,
    )


def _of_helpers(
    file: File,
    names: Iterable[str],
    elsewhere: Mapping[str, File],
    deep: int,
    seen: set[str],
) -> Iterator[Asked]:
    """What the helpers that a body calls send, once each."""
    for name in names:
        if name in seen or not deep:
            continue
        seen.add(name)
        there = file if name in file.helpers else elsewhere.get(name) if name in file.imported else None
        if there is None:
            continue
        body = there.helper(name)
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


def _is_fixture(node: Definition) -> bool:
    """Fixtures run before tests: what they send is no test of it."""
    return any("fixture" in ast.dump(decorator) for decorator in node.decorator_list)
