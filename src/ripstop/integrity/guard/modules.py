"""A revision's Python files, parsed once when asked for, and what a name in one of them means."""

from __future__ import annotations

import ast
import posixpath
import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ripstop.integrity.guard.nouns import Sources

Function = ast.FunctionDef | ast.AsyncFunctionDef
LIMIT_CHARS = 2_000_000
"""Longer files are not parsed: they are data."""
_DEEPEST = 200
_TESTING = re.compile(r"(^|[/_])(tests?|testing|conftest|specs?)([/_.]|$)")
_HELPING = re.compile(r"(helper|util|check|common|fixture|support|assert)", re.IGNORECASE)
_ROOTS = ("", "src/", "tests/", "test/", "lib/")


@dataclass(slots=True)
class Module:
    """One parsed file: its top-level functions, classes, constants and what its imports are called."""

    path: str
    tree: ast.Module
    functions: dict[str, Function] = field(default_factory=dict)
    classes: dict[str, ast.ClassDef] = field(default_factory=dict)
    constants: dict[str, ast.expr] = field(default_factory=dict)
    imports: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Revision:
    """One side of a difference. ``renames`` leads names of the sources before to their names after."""

    sources: Sources
    renames: dict[str, str] = field(default_factory=dict)
    _modules: dict[str, Module | None] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)
    """Files that do not parse, with what the parser said."""

    def module(self, path: str) -> Module | None:
        """The module at a path; None where there is none or it does not parse."""
        if path not in self._modules:
            self._modules[path] = self._read(path)
        return self._modules[path]

    def _read(self, path: str) -> Module | None:
        text = self.sources.get(path) if path.endswith(".py") else None
        if text is None or len(text) > LIMIT_CHARS:
            return None
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(text.removeprefix("\ufeff"))
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            self.broken[path] = str(error)
            return None
        if _deep(tree):
            self.broken[path] = f"it is nested over {_DEEPEST} levels"
            return None
        module = Module(path, tree)
        _gather(module, tree.body)
        return module

    def find(self, module: Module, dotted: str) -> tuple[Module, str] | None:
        """The file of the test tree that an imported name lives in, and the name there."""
        head, _, name = dotted.rpartition(".")
        if not head:
            return None
        for path in _places(module.path, head):
            if path in self.sources and _of_tests(path, module.path) and (found := self.module(path)):
                return found, name
        return None


def _deep(tree: ast.AST) -> bool:
    """Whether a tree is too deep to be walked by calls that call themselves."""
    level: list[ast.AST] = [tree]
    for _ in range(_DEEPEST):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return False
    return True


def is_testing(path: str) -> bool:
    """Whether a file belongs to the tests by its place or name."""
    return bool(_TESTING.search(path))


def _of_tests(path: str, origin: str) -> bool:
    """Whether a file that a test imports is a helper of tests rather than what they test."""
    beside = posixpath.dirname(path) == posixpath.dirname(origin)
    return is_testing(path) or (beside and bool(_HELPING.search(posixpath.basename(path))))


def _places(origin: str, dotted: str) -> Iterator[str]:
    """Where a module may lie, seen from the file that imports it. Relative imports begin with ``./``."""
    if dotted.startswith("./"):
        base = posixpath.normpath(posixpath.join(posixpath.dirname(origin), dotted.partition(":")[0]))
        inner = dotted.partition(":")[2].replace(".", "/")
        place = posixpath.normpath(posixpath.join(base, inner)) if inner else base
        yield from (f"{place}.py", f"{place}/__init__.py")
        return
    inner = dotted.replace(".", "/")
    for root in (f"{posixpath.dirname(origin)}/".lstrip("/"), *_ROOTS):
        yield from (f"{root}{inner}.py", f"{root}{inner}/__init__.py")


def _gather(module: Module, body: Iterable[ast.stmt]) -> None:
    for statement in body:
        match statement:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                module.functions[statement.name] = statement
            case ast.ClassDef():
                module.classes[statement.name] = statement
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                _constant(module, name, statement.value)
            case ast.Import() | ast.ImportFrom():
                module.imports.update(imported(statement))
            case ast.If() | ast.Try() | ast.With():
                _gather(module, statement.body)
                _gather(module, getattr(statement, "orelse", ()))


def _constant(module: Module, name: str, value: ast.expr | None) -> None:
    """A name given twice is no constant."""
    if value is None or name in module.constants:
        module.constants.pop(name, None)
    else:
        module.constants[name] = value


def imported(statement: ast.Import | ast.ImportFrom) -> dict[str, str]:
    """The names a statement brings, each with what it stands for in dots."""
    if isinstance(statement, ast.Import):
        whole = {a.asname: a.name for a in statement.names if a.asname}
        return whole | {n: n for a in statement.names if not a.asname for n in (a.name.partition(".")[0],)}
    head = statement.module or ""
    if statement.level:
        head = f"{'./' + '../' * (statement.level - 1)}:{head}"
    dot = "" if head.endswith(":") else "."
    return {a.asname or a.name: f"{head}{dot}{a.name}" for a in statement.names}


def defined(tree: ast.Module) -> dict[str, ast.AST]:
    """Every function, class, method, attribute and constant a file defines, by its bare name."""
    found: dict[str, ast.AST] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found[node.name] = node
            found.update((a.arg, a) for a in _arguments(node))
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if isinstance(target, ast.Attribute):
                    found[target.attr] = node
                elif isinstance(target, ast.Name):
                    found[target.id] = node
    return found


def _arguments(node: ast.AST) -> list[ast.arg]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return [*node.args.args, *node.args.kwonlyargs]
    return []
