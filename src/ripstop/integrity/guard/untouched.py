"""Tests that cannot have changed: the same text, and nothing they name was changed. They need not be read."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field

from ripstop.integrity.guard.collect import Item
from ripstop.integrity.guard.helpers import lineage
from ripstop.integrity.guard.modules import Function, Module, Revision

_ALWAYS = "autouse"


@dataclass(slots=True)
class Untouched:
    """Answers for one difference; what it found out about a file is kept."""

    old: Revision
    new: Revision
    changed: frozenset[str]
    _names: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    _shared: frozenset[str] | None = None

    def same(self, one: Item, other: Item) -> bool:
        """Whether a test and the one paired with it say the same in every respect."""
        if ast.dump(one.function) != ast.dump(other.function) or bool(one.klass) != bool(other.klass):
            return False
        if _marked(one) != _marked(other):
            return False
        touched = self._touched(one.module, other.module) | self._fixtures()
        if _ALWAYS in touched or _used(one.function) & touched:
            return False
        return not (one.klass and other.klass) or self._same_class(one, other, touched)

    def _same_class(self, one: Item, other: Item, touched: frozenset[str]) -> bool:
        """Whether all that a class has besides its tests is the same, what it inherits included."""
        assert one.klass is not None
        assert other.klass is not None
        before = [_class(k) for k, _ in lineage(self.old, one.module, one.klass)]
        after = [_class(k) for k, _ in lineage(self.new, other.module, other.klass)]
        if before != after:
            return False
        return not any(_used(klass) & touched for klass, _ in lineage(self.new, other.module, other.klass))

    def _touched(self, old: Module, new: Module) -> frozenset[str]:
        key = (old.path, new.path)
        if key not in self._names:
            self._names[key] = self._found(old, new)
        return self._names[key]

    def _found(self, old: Module, new: Module) -> frozenset[str]:
        """The names of a file that mean something else now, and those that lean on them."""
        before, after = _meanings(old), _meanings(new)
        touched = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
        for name, whole in new.imports.items():
            found = self.new.find(new, whole)
            if found and found[0].path in self.changed:
                touched.add(name)
        bodies: Mapping[str, ast.AST] = {**new.functions, **new.classes, **new.constants}
        uses = {name: _used(node) for name, node in bodies.items()}
        while more := {n for n, used in uses.items() if n not in touched and used & touched}:
            touched |= more
        if any("autouse=True" in before.get(name, "") + after.get(name, "") for name in touched):
            touched.add(_ALWAYS)
        return frozenset(touched)

    def _fixtures(self) -> frozenset[str]:
        """The names of fixtures in changed conftest files."""
        if self._shared is None:
            names: set[str] = set()
            for path in self.changed:
                if path.endswith("conftest.py"):
                    old, new = self.old.module(path), self.new.module(path)
                    if old and new:
                        names |= self._found(old, new)
                    else:
                        names |= {_ALWAYS}
            self._shared = frozenset(names)
        return self._shared


def _marked(item: Item) -> list[object]:
    """Its marks with what they come to, and what its module does before any test."""
    statements = [ast.unparse(part) for part in item.module.tree.body if isinstance(part, ast.Expr)]
    return [
        *((m.name, m.condition, m.strict, m.spot.text) for m in item.marks),
        *statements[1:],
        statements[:1],
    ]


def _meanings(module: Module) -> dict[str, str]:
    """Each name of a file with what it means, tests left out."""
    told = dict(module.imports)
    told |= {name: ast.unparse(value) for name, value in module.constants.items()}
    told |= {
        name: ast.unparse(node) for name, node in module.functions.items() if not name.startswith("test")
    }
    told |= {name: _class(klass) for name, klass in module.classes.items()}
    return told


def _class(klass: ast.ClassDef) -> str:
    """A class without its tests."""
    parts = [p for p in klass.body if not (isinstance(p, Function) and p.name.startswith("test"))]
    head = [ast.unparse(one) for one in (*klass.bases, *klass.decorator_list)]
    return "\n".join([klass.name, *head, *map(ast.unparse, parts)])


def _used(node: ast.AST) -> set[str]:
    """Every name that something mentions, the fixtures it asks for included."""
    found: set[str] = set()
    for part in ast.walk(node):
        match part:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
                found.add(name)
            case ast.Constant(value=str(text)) if text.isidentifier():
                found.add(text)
    return found
