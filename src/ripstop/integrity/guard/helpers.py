"""Helpers of tests: which function of the test tree a call means, what it is given, what it returns."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from ripstop.integrity.guard.canonical import clone
from ripstop.integrity.guard.modules import Function, Module, Revision
from ripstop.integrity.guard.terms import Scope

_DEEPEST = 3
_FAILING = ("fail", "raises", "warns")


@dataclass(slots=True)
class Helpers:
    """What the calls in one function can mean: its module, the class it stands in, and the revision."""

    revision: Revision
    module: Module
    klass: ast.ClassDef | None = None
    function: Function | None = None
    depth: int = 0
    constants: Mapping[str, ast.expr] = field(default_factory=dict)
    _names: frozenset[str] | None = None

    def __post_init__(self) -> None:
        if not self.constants:
            self.constants = constants(self.revision, self.module)

    @property
    def renames(self) -> Mapping[str, str]:
        return self.revision.renames

    @property
    def equals_all(self) -> frozenset[str]:
        return frozenset(name for name, klass in self.module.classes.items() if equals_all(klass))

    def called_by_name(self, name: str) -> bool:
        """Whether the function at hand calls that name itself."""
        if self._names is None:
            nodes = ast.walk(self.function) if self.function else iter(())
            names = (
                node.func.id
                for node in nodes
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            )
            self._names = frozenset(names)
        return name in self._names

    def names(self, name: str) -> bool:
        """Whether the function at hand names a thing at all."""
        nodes = ast.walk(self.function) if self.function else iter(())
        return any(isinstance(node, ast.Name) and node.id == name for node in nodes)

    def resolve(self, call: ast.Call) -> tuple[Function, Helpers] | None:
        """The function of the test tree that a call means, and where it lives."""
        match call.func:
            case ast.Name(id=name):
                return self._named(name)
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name) if self.klass:
                return method(self, self.klass, name)
            case ast.Attribute(value=ast.Name(id=owner), attr=name) if owner in self.module.imports:
                return self._imported(f"{self.module.imports[owner]}.{name}")
        return None

    def _named(self, name: str) -> tuple[Function, Helpers] | None:
        if (function := self.module.functions.get(name)) is not None:
            return function, replace(self, klass=None, function=function, _names=None)
        whole = self.module.imports.get(name)
        return self._imported(whole) if whole else None

    def _imported(self, dotted: str) -> tuple[Function, Helpers] | None:
        found = self.revision.find(self.module, dotted)
        function = found[0].functions.get(found[1]) if found else None
        return (function, Helpers(self.revision, found[0], function=function)) if found and function else None

    def bound(
        self, call: ast.Call, function: Function, follow: Callable[[ast.expr], ast.expr]
    ) -> dict[str, ast.expr]:
        """The helper's arguments by name, as the caller gives them, defaults included."""
        arguments = [*function.args.posonlyargs, *function.args.args]
        if arguments and arguments[0].arg in ("self", "cls") and isinstance(call.func, ast.Attribute):
            arguments = arguments[1:]
        defaults = function.args.defaults
        given = {
            a.arg: d for a, d in zip(arguments[len(arguments) - len(defaults) :], defaults, strict=False)
        }
        given |= {
            a.arg: d for a, d in zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True) if d
        }
        told = dict(given)
        for argument, value in zip(arguments, call.args, strict=False):
            if isinstance(value, ast.Starred):
                break
            told[argument.arg] = follow(value)
        told |= {word.arg: follow(word.value) for word in call.keywords if word.arg}
        return told

    def returned(self, call: ast.Call, scope: Scope) -> ast.expr | None:
        """What a helper of one ``return`` gives for a call, in the caller's terms."""
        found = self.resolve(call) if self.depth < _DEEPEST else None
        if found is None or (value := _only_return(found[0])) is None:
            return None
        function, helpers = found
        below = replace(helpers, depth=self.depth + 1)
        inner = Scope(
            helpers.module.imports,
            self.renames,
            helpers.constants,
            calls=below.returned,
            locals=set(scope.locals),
        )
        inner.values = self.bound(call, function, scope.follow)
        inner.locals |= set(inner.values)
        return inner.follow(value)


def method(helpers: Helpers, klass: ast.ClassDef, name: str) -> tuple[Function, Helpers] | None:
    """A method of a class of the test tree or of what it inherits from."""
    for owner, module in lineage(helpers.revision, helpers.module, klass):
        for part in owner.body:
            if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef) and part.name == name:
                there = helpers if module is helpers.module else Helpers(helpers.revision, module)
                return part, replace(there, klass=klass, function=part, _names=None)
    return None


def lineage(
    revision: Revision, module: Module, klass: ast.ClassDef, depth: int = 0
) -> Iterator[tuple[ast.ClassDef, Module]]:
    """A class and those it inherits from, as far as the test tree tells."""
    yield klass, module
    for base in klass.bases if depth < _DEEPEST else ():
        name = ast.unparse(base)
        if (inner := module.classes.get(name)) is not None and inner is not klass:
            yield from lineage(revision, module, inner, depth + 1)
            continue
        head, _, rest = name.partition(".")
        whole = module.imports.get(head)
        found = revision.find(module, f"{whole}.{rest}" if rest else whole) if whole else None
        if found and (imported := found[0].classes.get(found[1])):
            yield from lineage(revision, found[0], imported, depth + 1)


def constants(revision: Revision, module: Module) -> dict[str, ast.expr]:
    """A module's constants, with those that it imports from the test tree."""
    told: dict[str, ast.expr] = {}
    for name, whole in module.imports.items():
        if name.isupper() and (found := revision.find(module, whole)):
            value = found[0].constants.get(found[1])
            if value is not None:
                told[name] = value
    return told | module.constants


def asserts(function: ast.AST) -> bool:
    """Whether a function asserts anything, by itself or by something named so."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assert):
            return True
        if isinstance(node, ast.Call):
            func = node.func
            name = func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
            if (
                name in _FAILING
                or "assert" in name.lower()
                or name.startswith(("check", "_check", "expect", "verify"))
            ):
                return True
    return False


def _only_return(function: Function) -> ast.expr | None:
    body = function.body
    if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    if (
        len(body) == 1
        and isinstance(body[0], ast.Return)
        and body[0].value is not None
        and not function.decorator_list
    ):
        return clone(body[0].value)
    return None


def equals_all(klass: ast.ClassDef) -> bool:
    """Whether a class's instances equal whatever they are held against."""
    for part in klass.body:
        if isinstance(part, ast.FunctionDef) and part.name == "__eq__":
            returned = _only_return(part)
            return isinstance(returned, ast.Constant) and returned.value is True
    return False
