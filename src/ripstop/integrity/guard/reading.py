"""One test as it is held against another: its checks with those of its fixtures, its cases and its marks."""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from ripstop.integrity.guard.cases import Table, bindings, tables
from ripstop.integrity.guard.checks import Check
from ripstop.integrity.guard.collect import Item
from ripstop.integrity.guard.helpers import Helpers, asserts, lineage
from ripstop.integrity.guard.modules import Function, Module, Revision
from ripstop.integrity.guard.terms import Scope
from ripstop.integrity.guard.walk import Body, Skip, read

_AROUND = (
    "setUp",
    "setup_method",
    "asyncSetUp",
    "tearDown",
    "teardown_method",
    "asyncTearDown",
    "setup",
    "teardown",
)
_MOST_FIXTURES = 40
_MOST_CHECKS = 6_000
_MOST_STEPS = 60_000


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of a test."""

    checks: tuple[Check, ...]
    skips: tuple[Skip, ...]
    tables: tuple[Table, ...]
    forks: frozenset[str] = frozenset()
    """Conditions of which both sides assert something."""


def names_of(found: tuple[Table, ...]) -> tuple[str, ...]:
    """The names that a test's cases give values to."""
    return tuple(name for table in found for name in table.names)


def tables_of(item: Item, revision: Revision) -> tuple[Table, ...]:
    return tuple(tables(item.marks, revision, item.module, _scope(revision, item.module)))


def reading(item: Item, revision: Revision, *, expand: bool) -> Reading:
    """Read a test; with ``expand`` once for each of its cases, where they are written out."""
    found = tables_of(item, revision)
    helpers = Helpers(revision, item.module, item.klass, item.function)
    around = _around(item, revision)
    chosen = bindings(found) if expand and found else None
    body = Body()
    for bound in chosen if chosen is not None else [{}]:
        turn = ", ".join(f"{name}={ast.unparse(value)}" for name, value in bound.items())
        if len(body.checks) > _MOST_CHECKS or body.steps > _MOST_STEPS:
            break
        one = read(item.function, helpers, bound, turn)
        body.steps += one.steps
        body.checks += one.checks
        body.skips = one.skips
        body.forks |= one.forks
    return Reading((*body.checks, *around), tuple(body.skips), found, frozenset(body.forks))


def _scope(revision: Revision, module: Module) -> Scope:
    helpers = Helpers(revision, module)
    return Scope(module.imports, revision.renames, helpers.constants, calls=helpers.returned)


def _around(item: Item, revision: Revision) -> list[Check]:
    """What the fixtures that a test uses assert, and what its class asserts before and after each test."""
    found: list[Check] = []
    for owner, home in lineage(revision, item.module, item.klass) if item.klass else ():
        for part in owner.body:
            if (
                isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef)
                and part.name in _AROUND
                and asserts(part)
            ):
                found += read(part, Helpers(revision, home, item.klass, part), {}).checks
    for function, home in _fixtures(item, revision):
        if asserts(function):
            found += read(function, Helpers(revision, home, item.klass, function), {}).checks
    return found


def _fixtures(item: Item, revision: Revision) -> Iterator[tuple[Function, Module]]:
    """The fixtures a test asks for by name, theirs in turn, and those that come by themselves."""
    known = fixtures(item, revision)
    wanted = [a.arg for a in (*item.function.args.args, *item.function.args.kwonlyargs)]
    wanted += [name for name, (function, _) in known.items() if _autouse(function)]
    seen: set[str] = set()
    while wanted and len(seen) < _MOST_FIXTURES:
        name = wanted.pop()
        if name in seen or name not in known:
            continue
        seen.add(name)
        wanted += [a.arg for a in known[name][0].args.args]
        yield known[name]


def fixtures(item: Item, revision: Revision) -> dict[str, tuple[Function, Module]]:
    """The fixtures a test can see, the nearest of each name: its class, its module, conftest files above."""
    found: dict[str, tuple[Function, Module]] = {}
    for module in (*_conftests(item.path, revision), item.module):
        found.update((name, (f, module)) for name, f in module.functions.items() if is_fixture(f))
    for owner, home in reversed(list(lineage(revision, item.module, item.klass))) if item.klass else ():
        for part in owner.body:
            if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef) and is_fixture(part):
                found[part.name] = (part, home)
    return found


def _conftests(path: str, revision: Revision) -> Iterator[Module]:
    parts = posixpath.dirname(path).split("/")
    folders = ["", *("/".join(parts[: n + 1]) + "/" for n in range(len(parts)) if parts[0])]
    for folder in folders:
        if module := revision.module(f"{folder}conftest.py"):
            yield module


def is_fixture(function: Function) -> bool:
    return any("fixture" in _decorator(one) for one in function.decorator_list)


def _autouse(function: Function) -> bool:
    words = [word for one in function.decorator_list if isinstance(one, ast.Call) for word in one.keywords]
    return any(word.arg == "autouse" and ast.unparse(word.value) == "True" for word in words)


def _decorator(node: ast.expr) -> str:
    """The last name of a decorator."""
    func = node.func if isinstance(node, ast.Call) else node
    return func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
