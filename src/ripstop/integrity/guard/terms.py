"""Terms: an expression of a test in four spellings, and how near two of them are to each other."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ripstop.integrity.guard.canonical import TEXT, Canonical, clone, literal, text

EXACT, AS_WRITTEN, ALIKE, AKIN, APART = 4, 3, 2, 1, 0
"""How near two subjects are: the same when locals are followed; the same as written; the same but for the
names of locals; the same last part, asked of something else; not related."""
_LARGEST = 600
"""Nodes of a value that is followed; a larger one keeps its name."""
_LAST = re.compile(r"[A-Za-z_]\w{3,}$")
_PLAIN = ("result", "response", "value", "data", "output", "actual", "None", "True", "False", "item", "self")


@dataclass(frozen=True, slots=True)
class Term:
    """An expression: ``deep`` with locals followed, ``shallow`` as written with constants put in, ``loose``
    the two with the names of locals left out, ``tail`` what is asked of whatever it is asked of."""

    node: ast.expr
    deep: str
    shallow: str
    loose: frozenset[str]
    tail: str

    @property
    def last(self) -> str:
        """The last name of what is asked as it is written, unless it is one that says nothing."""
        found = _LAST.search(self.shallow)
        return found.group() if found and found.group() not in _PLAIN else ""

    @property
    def constant(self) -> bool:
        return literal(self.node)


@dataclass(slots=True)
class Scope:
    """What the names of one function mean while its body is walked."""

    imports: Mapping[str, str]
    renames: Mapping[str, str]
    constants: Mapping[str, ast.expr] = field(default_factory=dict)
    values: dict[str, ast.expr] = field(default_factory=dict)
    locals: set[str] = field(default_factory=set)
    calls: Callable[[ast.Call, Scope], ast.expr | None] | None = None
    """Puts the expression that a helper returns in the place of its call."""
    equals_all: frozenset[str] = frozenset()
    """Classes of the file whose instances say they equal anything."""

    def term(self, node: ast.expr) -> Term:
        deep = self.follow(node)
        shallow = self.canonical(_Put(self, constants_only=True).visit(clone(node)))
        names = self.locals | set(self.values)
        deep_text, shallow_text = text(deep), text(shallow)
        loose = frozenset({_loose(deep, names), _loose(shallow, names)})
        return Term(deep, deep_text, shallow_text, loose, _tail(_stripped(deep, names)))

    def follow(self, node: ast.expr) -> ast.expr:
        """The expression with every local followed to what it was given, in canonical form."""
        return self.canonical(_Put(self).visit(clone(node)))

    def canonical(self, node: ast.expr) -> ast.expr:
        known = {name: whole for name, whole in self.imports.items() if name not in self.locals}
        done: ast.expr = Canonical(known, self.renames).visit(node)
        return ast.fix_missing_locations(done)

    def give(self, name: str, value: ast.expr) -> None:
        """A local gets a value; one too large to compare stays a name."""
        self.locals.add(name)
        followed = _Put(self).visit(clone(value))
        if sum(1 for _ in ast.walk(followed)) > _LARGEST:
            self.values.pop(name, None)
        else:
            self.values[name] = followed

    def forget(self, name: str) -> None:
        """A local is changed in a way that is not followed."""
        self.locals.add(name)
        self.values.pop(name, None)


class _Put(ast.NodeTransformer):
    """Puts values in the place of names, and what helpers return in the place of their calls."""

    def __init__(self, scope: Scope, *, constants_only: bool = False) -> None:
        self._scope = scope
        self._only = constants_only

    def visit_Name(self, node: ast.Name) -> ast.AST:
        value = self._scope.values.get(node.id)
        if value is None and node.id not in self._scope.locals:
            value = self._scope.constants.get(node.id)
            value = value if value is not None and literal(value) else None
        if value is None or (self._only and not literal(value)):
            return node
        return clone(value)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        """An attribute of ``self`` in a test class is a local of the test."""
        if isinstance(node.value, ast.Name) and node.value.id in ("self", "cls"):
            return self.visit_Name(ast.Name(node.attr, ast.Load()))
        self.generic_visit(node)
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if isinstance(node.func, ast.Name) and node.func.id in self._scope.equals_all:
            return ast.Name("ANY", ast.Load())
        if not self._only and self._scope.calls and (inner := self._scope.calls(node, self._scope)):
            return inner
        self.generic_visit(node)
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        return node


class _Blank(ast.NodeTransformer):
    def __init__(self, names: set[str]) -> None:
        self._names = names

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.Name("_", ast.Load()) if node.id in self._names else node


def _stripped(node: ast.expr, names: set[str]) -> ast.expr:
    blank: ast.expr = _Blank(names).visit(clone(node))
    return blank


def _loose(node: ast.expr, names: set[str]) -> str:
    return text(_stripped(node, names))


def _tail(node: ast.expr) -> str:
    """What is asked, without of whom: attributes, subscripts and bare calls at the end of the chain.

    >>> _tail(ast.parse("client.get('/cart').json()['total']").body[0].value)
    "_.json()['total']"
    """
    match node:
        case ast.Attribute(value=inner, attr=attr):
            return f"{_tail_of(inner)}.{attr}"
        case ast.Subscript(value=inner, slice=index):
            return f"{_tail_of(inner)}[{text(index)}]"
        case ast.Call(
            func=ast.Name(id="len" | "sorted" | "set" | "list" | "str" | "type" | "dict" as name), args=[only]
        ):
            return f"{name}({_tail(only)})"
        case ast.Call(func=ast.Attribute(attr=name)) | ast.Call(func=ast.Name(id=name)) if name != TEXT:
            return f"{name.rpartition('.')[2]}(…)"
    return "_" if isinstance(node, ast.Name) else text(node)


def _tail_of(node: ast.expr) -> str:
    match node:
        case ast.Attribute() | ast.Subscript():
            return _tail(node)
        case ast.Call(func=ast.Attribute(value=inner, attr=attr), args=[], keywords=[]):
            return f"{_tail_of(inner)}.{attr}()"
    return "_"


def nearness(old: Term, new: Term) -> int:
    """How near two terms are: ``EXACT`` to ``APART``."""
    if old.deep == new.deep:
        return EXACT
    if old.shallow == new.shallow:
        return AS_WRITTEN
    if old.loose & new.loose:
        return ALIKE
    if old.tail == new.tail and old.tail != "_":
        return AKIN
    return AKIN if old.last and old.last == new.last else APART
