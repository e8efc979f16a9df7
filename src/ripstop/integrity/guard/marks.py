"""Marks: what decorators, marks of a class or of the module and parameters say of a test."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ripstop.integrity.guard.modules import Module, Revision
from ripstop.model.weakening import Spot

_UNITTEST = {"skip": "skip", "skipIf": "skipif", "skipUnless": "skipunless", "expectedFailure": "xfail"}
_SKIPPING = ("skip", "skipif", "xfail", "skipunless")
_DEEPEST = 4


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark by pytest's name, with its call where it has one. ``given`` is a name it was made under."""

    name: str
    call: ast.Call | None
    spot: Spot
    given: str = ""

    @property
    def args(self) -> list[ast.expr]:
        return self.call.args if self.call else []

    def word(self, name: str) -> ast.expr | None:
        """A keyword of the mark's."""
        words = self.call.keywords if self.call else []
        return next((word.value for word in words if word.arg == name), None)

    @property
    def skips(self) -> bool:
        return self.name in _SKIPPING

    @property
    def condition(self) -> str:
        """Under which condition it skips or expects a failure, as canonical text; empty for always."""
        given = self.word("condition") or (self.args[0] if self.args else None)
        if self.name in ("skipif", "skipunless") and given is not None:
            text = ast.unparse(given)
            return "" if text in ("True", "1") else text if self.name == "skipif" else f"not ({text})"
        if self.name == "xfail" and self.args:
            return ast.unparse(self.args[0])
        return ""

    @property
    def strict(self) -> bool | None:
        """What an xfail says of a pass; None where the configuration decides."""
        value = self.word("strict")
        return bool(value.value) if isinstance(value, ast.Constant) else None


def marks(decorators: Iterable[ast.expr], revision: Revision, module: Module) -> Iterator[Mark]:
    """The marks among some decorators or in the value of a ``pytestmark``."""
    for decorator in decorators:
        yield from _marks(decorator, revision, module, "", 0)


def _marks(node: ast.expr, revision: Revision, module: Module, given: str, depth: int) -> Iterator[Mark]:
    if isinstance(node, ast.List | ast.Tuple):
        for part in node.elts:
            yield from _marks(part, revision, module, given, depth)
        return
    call = node if isinstance(node, ast.Call) else None
    func = call.func if call else node
    name = _mark_name(func, module)
    if name:
        spot = Spot(module.path, node.lineno, f"@{ast.unparse(node)}")
        yield Mark(name, call, spot, given)
    elif depth < _DEEPEST and (found := _named(func, revision, module)):
        home, value = found
        yield from _marks(value, revision, home, given or ast.unparse(func), depth + 1)


def _mark_name(func: ast.expr, module: Module) -> str:
    match func:
        case ast.Attribute(value=ast.Attribute(value=ast.Name(id="pytest"), attr="mark"), attr=name):
            return name
        case ast.Attribute(value=ast.Name(id="mark"), attr=name):
            return name
        case ast.Attribute(value=ast.Name(id="unittest"), attr=name) if name in _UNITTEST:
            return _UNITTEST[name]
        case ast.Name(id=name) if module.imports.get(name, "").startswith("unittest."):
            return _UNITTEST.get(module.imports[name].rpartition(".")[2], "")
    return ""


def _named(func: ast.expr, revision: Revision, module: Module) -> tuple[Module, ast.expr] | None:
    """What a decorator's name stands for: a mark kept under a name, or a function that returns one."""
    match func:
        case ast.Name(id=name):
            return _meaning(name, module) or _beyond(module.imports.get(name), revision, module)
        case ast.Attribute(value=ast.Name(id=owner), attr=name) if owner in module.imports:
            return _beyond(f"{module.imports[owner]}.{name}", revision, module)
    return None


def _beyond(dotted: str | None, revision: Revision, module: Module) -> tuple[Module, ast.expr] | None:
    found = revision.find(module, dotted) if dotted else None
    return _meaning(found[1], found[0]) if found else None


def _meaning(name: str, module: Module) -> tuple[Module, ast.expr] | None:
    if (value := module.constants.get(name)) is not None:
        return module, value
    function = module.functions.get(name)
    for node in ast.walk(function) if function else ():
        if isinstance(node, ast.Return) and node.value is not None and "mark" in ast.unparse(node.value):
            return module, node.value
    return None
