"""Which functions of a file pytest takes for tests, and why it does not take others that look like one."""

from __future__ import annotations

import ast
import fnmatch
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ripstop.integrity.guard.helpers import lineage
from ripstop.integrity.guard.marks import Mark, marks
from ripstop.integrity.guard.modules import Function, Module, Revision
from ripstop.integrity.guard.settings import Settings

_UNITTEST = re.compile(r"(TestCase|TestBase|BaseTest|\w*Tests?(Case|Base|Mixin)?|TestSuite)$")
_PLAIN = ("object", "Protocol", "ABC", "Generic", "Exception")


@dataclass(frozen=True, slots=True)
class Item:
    """A function that is a test, or looks like one. ``why_not`` says why pytest does not take it."""

    path: str
    qualname: str
    function: Function
    module: Module
    klass: ast.ClassDef | None
    marks: tuple[Mark, ...]
    why_not: str = ""

    @property
    def node(self) -> str:
        return f"{self.path}::{self.qualname.replace('.', '::')}"

    @property
    def name(self) -> str:
        return self.function.name


def matches_file(path: str, settings: Settings) -> bool:
    """Whether pytest takes a file for one with tests (option ``python_files``)."""
    name = posixpath.basename(path)
    return any(fnmatch.fnmatch(path if "/" in pattern else name, pattern) for pattern in settings.files)


def items(revision: Revision, path: str, settings: Settings) -> list[Item]:
    """All functions of a file that are tests or could be taken for some, in order of lines."""
    module = revision.module(path)
    if module is None:
        return []
    why = "" if matches_file(path, settings) else "the file's name is none that pytest collects"
    common = tuple(marks(_pytestmark(module.tree.body), revision, module))
    found = list(_in_body(module.tree.body, revision, module, settings, why, common))
    return _shadowed(found)


def _in_body(
    body: list[ast.stmt],
    revision: Revision,
    module: Module,
    settings: Settings,
    why: str,
    common: tuple[Mark, ...],
) -> Iterator[Item]:
    for statement in body:
        match statement:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                reason = why or _function_reason(statement.name, settings.functions)
                own = tuple(marks(statement.decorator_list, revision, module))
                yield Item(module.path, statement.name, statement, module, None, (*common, *own), reason)
                yield from _nested(statement, module, common)
            case ast.ClassDef():
                yield from _in_class(statement, revision, module, settings, why, common, "")
            case ast.If(test=ast.Constant(value=False | 0)):
                yield from _in_body(
                    statement.body, revision, module, settings, "it stands under a false condition", common
                )
            case ast.If() | ast.Try() | ast.With():
                inner = [*statement.body, *getattr(statement, "orelse", ())]
                yield from _in_body(inner, revision, module, settings, why, common)


def _nested(outer: Function, module: Module, common: tuple[Mark, ...]) -> Iterator[Item]:
    """Functions named like tests inside a function: pytest never sees them."""
    for node in ast.walk(outer):
        if (
            node is not outer
            and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and node.name.startswith("test")
        ):
            yield Item(
                module.path,
                f"{outer.name}.{node.name}",
                node,
                module,
                None,
                common,
                f"it stands inside {outer.name}",
            )


def _in_class(
    klass: ast.ClassDef,
    revision: Revision,
    module: Module,
    settings: Settings,
    why: str,
    common: tuple[Mark, ...],
    outer: str,
) -> Iterator[Item]:
    line = list(lineage(revision, module, klass))
    unittest = _is_unittest(line)
    why = why or _class_reason(klass, line, settings, unittest)
    prefixes = ("test",) if unittest else settings.functions
    seen: set[str] = set()
    for owner, home in line:
        own = tuple(marks([*owner.decorator_list, *_pytestmark(owner.body)], revision, home))
        for part in owner.body:
            if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef):
                if owner is not klass and part.name in seen:
                    continue
                reason = why or _function_reason(part.name, prefixes)
                found = tuple(marks(part.decorator_list, revision, home))
                qualname = f"{outer}{klass.name}.{part.name}"
                yield Item(module.path, qualname, part, home, klass, (*common, *own, *found), reason)
            elif isinstance(part, ast.ClassDef) and owner is klass:
                yield from _in_class(
                    part, revision, module, settings, why, (*common, *own), f"{outer}{klass.name}."
                )
        seen |= {part.name for part in owner.body if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef)}


def _is_unittest(line: list[tuple[ast.ClassDef, Module]]) -> bool:
    known = {klass.name for klass, _ in line}
    bases = [ast.unparse(base).rpartition(".")[2] for klass, _ in line for base in klass.bases]
    return any(base not in known and base not in _PLAIN and _UNITTEST.search(base) for base in bases)


def _class_reason(
    klass: ast.ClassDef, line: list[tuple[ast.ClassDef, Module]], settings: Settings, unittest: bool
) -> str:
    for part in klass.body:
        match part:
            case ast.Assign(targets=[ast.Name(id="__test__")], value=ast.Constant(value=False)):
                return f"{klass.name} says __test__ = False"
    if unittest:
        return ""
    if not _named(klass.name, settings.classes):
        return f"the class {klass.name} is not named as one with tests"
    methods = {p.name for owner, _ in line for p in owner.body if isinstance(p, ast.FunctionDef)}
    if taken := methods & {"__init__", "__new__"}:
        return f"the class {klass.name} has {min(taken)}"
    return ""


def _function_reason(name: str, patterns: tuple[str, ...]) -> str:
    return "" if _named(name, patterns) else "its name is none that pytest collects"


def _named(name: str, patterns: tuple[str, ...]) -> bool:
    """By prefix, or by pattern where it has one (options ``python_classes``, ``python_functions``)."""
    return any(name.startswith(p) or (set("*?[") & set(p) and fnmatch.fnmatch(name, p)) for p in patterns)


def _pytestmark(body: list[ast.stmt]) -> list[ast.expr]:
    found: list[ast.expr] = []
    for statement in body:
        match statement:
            case ast.Assign(targets=[ast.Name(id="pytestmark")], value=value):
                found.append(value)
            case ast.AugAssign(target=ast.Name(id="pytestmark"), value=value):
                found.append(value)
    return found


def _shadowed(found: list[Item]) -> list[Item]:
    """A later function of the same name is the one that is collected."""
    last = {item.qualname: item.function for item in found}
    told = []
    for item in found:
        if last[item.qualname] is not item.function and not item.why_not and not _overloads(item.function):
            why = "a later one of the same name takes its place"
            item = Item(item.path, item.qualname, item.function, item.module, item.klass, item.marks, why)
        told.append(item)
    return told


def _overloads(function: Function) -> bool:
    return any(
        ast.unparse(one).endswith((".setter", "overload", ".register")) for one in function.decorator_list
    )
