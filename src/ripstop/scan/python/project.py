"""The project's names across files: what a dotted name stands for, and what a class inherits.

Values are worked out by whoever reads expressions; that comes in as ``evaluate`` and ``summarise``.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field

from ripstop.scan.code import Shape, Value
from ripstop.scan.python import library
from ripstop.scan.python.modules import (
    Assigned,
    ClassDefinition,
    Definition,
    Imported,
    Module,
    own_attributes,
)
from ripstop.scan.python.naming import Names
from ripstop.scan.python.values import UNKNOWN_VALUE, named

Symbol = Definition | ClassDefinition | Assigned | Module
MOST_PARENTS = 50
PLAIN_TYPES = {
    Shape.TEXT: "str",
    Shape.SETTING: "str",
    Shape.MAPPING: "dict",
    Shape.LIST: "list",
    Shape.NUMBER: "int",
}


@dataclass(frozen=True, slots=True)
class Summary:
    """What calling a function gives: ``yielded`` where it is a generator, as for a context manager."""

    returned: Value = UNKNOWN_VALUE
    yielded: Value = UNKNOWN_VALUE


Evaluate = Callable[[Assigned, Module, str], Value]
Summarise = Callable[[Definition], Summary | None]


def _nothing_known(_assigned: Assigned, _module: Module, _prefix: str) -> Value:
    return UNKNOWN_VALUE


def _nothing_told(_definition: Definition) -> None:
    return None


@dataclass(slots=True)
class Project:
    """All modules of one reading, by dotted name, and everything that has a qualified name."""

    names: Names
    modules: dict[str, Module] = field(default_factory=dict)
    symbols: dict[str, Symbol] = field(default_factory=dict)
    homes: dict[str, Module] = field(default_factory=dict)
    """The module of each assignment, by its dotted name."""
    evaluate: Evaluate = _nothing_known
    summarise: Summarise = _nothing_told
    values: dict[str, Value] = field(default_factory=dict)
    shared: dict[str, tuple[Assigned, Module]] = field(default_factory=dict)
    """What was put on an application's ``state``, by attribute."""
    settings: list[str] = field(default_factory=list)
    """The modules that are Django's settings."""
    _members: dict[tuple[str, str], str] = field(default_factory=dict)
    _parents: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _bases: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _summaries: dict[str, Summary] = field(default_factory=dict)
    related: dict[tuple[str, str], Value] = field(default_factory=dict)
    """What Django's models hold of those that refer to them, by model and attribute."""
    copies: list[Definition] = field(default_factory=list)
    """Methods of templates as the classes below have them."""
    _arguments: dict[str, dict[str, ast.expr]] = field(default_factory=dict)
    _last: dict[str, list[str]] = field(default_factory=dict)
    _children: dict[str, list[str]] = field(default_factory=dict)

    def forget(self) -> None:
        """Drop every module and symbol, and the ways to read more."""
        for module in self.modules.values():
            module.bound.clear()
        for kept in (self.modules, self.symbols, self.homes, self.shared):
            kept.clear()
        self.evaluate, self.summarise = _nothing_known, _nothing_told

    def add(self, module: Module) -> None:
        self.modules[module.name] = self.symbols[module.name] = module
        for name, bound in module.bound.items():
            if not isinstance(bound, Imported):
                self.keep(f"{module.name}.{name}", bound, module)

    def keep(self, dotted: str, symbol: Definition | ClassDefinition | Assigned, module: Module) -> None:
        """Make something known by its qualified name, a class with all its members."""
        self.symbols[dotted] = symbol
        if isinstance(symbol, Assigned):
            self.homes[dotted] = module
        if isinstance(symbol, ClassDefinition):
            for name, member in symbol.members.items():
                if not isinstance(member, Imported):
                    self.keep(f"{dotted}.{name}", member, module)

    def imported(self, module: Module, bound: Imported) -> str:
        """The dotted name that an imported name stands for, followed to where it is defined."""
        source = self.names.imported(module.path, bound.dotted)
        if not bound.member:
            return source or bound.dotted
        if source:
            return self.member(source, bound.member)
        submodule = self.names.imported(module.path, f"{bound.dotted}.{bound.member}")
        return submodule or library.public(f"{bound.dotted}.{bound.member}")

    def member(self, module: str, name: str) -> str:
        """The dotted name that ``module.name`` stands for, through imports and stars."""
        key = (module, name)
        known = self._members.get(key)
        if known is None:
            known = self._members[key] = f"{module}.{name}"
            if module in self.modules:
                known = self._members[key] = self._member(self.modules[module], name)
        return known

    def _member(self, module: Module, name: str) -> str:
        bound = module.bound.get(name)
        if isinstance(bound, Imported):
            return self.imported(module, bound)
        own = f"{module.name}.{name}"
        if bound is not None or own in self.modules:
            return own
        for star in module.stars:
            source = self.names.imported(module.path, star)
            if source in self.modules and source != module.name:
                found = self.member(source, name)
                if found in self.symbols or found.rpartition(".")[0] not in self.modules:
                    return found
        return own

    def value(self, dotted: str) -> Value:
        """What a dotted name stands for: a plain constant itself, whatever has an identity by its name."""
        symbol = self.symbols.get(dotted)
        if symbol is None:
            return named(library.public(dotted))
        if not isinstance(symbol, Assigned):
            return named(dotted)
        value = self.constant(dotted)
        return named(dotted) if value.shape in (Shape.INSTANCE, Shape.UNKNOWN) else value

    def constant(self, dotted: str) -> Value:
        """The value of an assignment; unknown while it is being worked out."""
        if dotted not in self.values:
            self.values[dotted] = UNKNOWN_VALUE
            symbol = self.symbols[dotted]
            if isinstance(symbol, Assigned):
                prefix = dotted.rpartition(".")[0]
                self.learn(dotted, self.evaluate(symbol, self.homes[dotted], prefix))
                self.ask(dotted, symbol)
        return self.values[dotted]

    def learn(self, key: str, value: Value) -> None:
        """Keep a value, where none that tells something is kept yet."""
        before = self.values.get(key)
        if before is None or before.shape in (Shape.UNKNOWN, Shape.NOTHING):
            self.values[key] = value

    def ask(self, key: str, assigned: Assigned) -> None:
        """Read the function that sets a value, where the expression alone does not tell it."""
        if assigned.within is not None and self.values[key].shape is Shape.UNKNOWN:
            self.summary(assigned.within.name)

    def note(self, dotted: str, node: ast.expr, value: Value) -> None:
        """Keep what an assignment was found to give, so that it is not read again."""
        symbol = self.symbols.get(dotted)
        if isinstance(symbol, Assigned) and symbol.value is node and symbol.part is None:
            if symbol.annotation is not None:
                return
            self.values.setdefault(dotted, value)

    def meant(self, value: Value) -> Value:
        """The object behind a name: the value of a constant, anything else as it is."""
        if value.shape is not Shape.NAME:
            return value
        for _ in range(3):
            if value.shape is not Shape.NAME:
                break
            if value.text in self.values:
                found = self.values[value.text]
            elif isinstance(self.symbols.get(value.text), Assigned):
                found = self.constant(value.text)
            else:
                break
            if found.shape is Shape.UNKNOWN:
                break
            value = found
        return value

    def type_of(self, value: Value) -> str:
        """The dotted name of the class of an object; empty where it is unknown or a class itself."""
        value = self.meant(value)
        shape = value.shape
        if shape is Shape.INSTANCE:
            return value.text
        return library.result_type(value.text) if shape is Shape.CALL else PLAIN_TYPES.get(shape, "")

    def summary(self, name: str) -> Summary:
        """What calling a function of the project gives; nothing known while that is being worked out."""
        known = self._summaries.get(name)
        if known is None:
            symbol = self.symbols.get(name)
            self._summaries[name] = Summary()
            known = self.summarise(symbol) if isinstance(symbol, Definition) else Summary()
            if known is None:
                del self._summaries[name]
                return Summary()
            self._summaries[name] = known
        return known

    def bases(self, name: str) -> tuple[str, ...]:
        """The dotted names of what a class is derived from, as far as they can be named."""
        if name not in self._bases:
            self._bases[name] = ()
            symbol = self.symbols.get(name)
            if isinstance(symbol, ClassDefinition):
                prefix = name.rpartition(".")[0]
                found = [
                    self._base(self.evaluate(Assigned(b), symbol.module, prefix)) for b in symbol.node.bases
                ]
                self._bases[name] = tuple(filter(None, found))
        return self._bases[name]

    def _base(self, value: Value) -> str:
        value = self.meant(value)
        if value.text == "sqlalchemy.orm.declarative_base":
            return "sqlalchemy.orm.DeclarativeBase"
        return value.text if value.shape in (Shape.NAME, Shape.INSTANCE, Shape.CALL) else ""

    def line(self, name: str) -> tuple[str, ...]:
        """A class and all it is derived from, nearest first."""
        known = self._parents.get(name)
        if known is None:
            found: list[str] = []
            waiting = [name]
            while waiting and len(found) < MOST_PARENTS:
                one = waiting.pop(0)
                if one not in found:
                    found.append(one)
                    waiting = [*self.bases(one), *waiting]
            known = self._parents[name] = tuple(found)
        return known

    def named_last(self, name: str) -> list[str]:
        """The project's classes of that plain name."""
        if not self._last:
            for one, symbol in self.symbols.items():
                if isinstance(symbol, ClassDefinition):
                    self._last.setdefault(symbol.node.name, []).append(one)
        return self._last.get(name, [])

    def below(self, name: str) -> tuple[str, ...]:
        """The project's classes that are derived from one directly."""
        if not self._children:
            for one, symbol in list(self.symbols.items()):
                if isinstance(symbol, ClassDefinition):
                    for base in self.bases(one):
                        self._children.setdefault(base, []).append(one)
        return tuple(self._children.get(name, ()))

    def type_arguments(self, name: str) -> dict[str, ast.expr]:
        """What a class puts in place of its generic parent's type parameters, by their plain names."""
        known = self._arguments.get(name)
        if known is None:
            known = self._arguments[name] = {}
            symbol = self.symbols.get(name)
            for base in symbol.node.bases if isinstance(symbol, ClassDefinition) else ():
                for parent in self.bases(name) if isinstance(base, ast.Subscript) else ():
                    above = self.symbols.get(parent)
                    if isinstance(above, ClassDefinition) and above.node.name == _last_name(base):
                        known.update(zip(_type_parameters(above.node), _inside(base), strict=False))
        return known

    def is_kind(self, name: str, *of: str) -> bool:
        """Whether a class is one of these, or derived from one."""
        return not set(of).isdisjoint(self.line(name))

    def inherited(self, name: str, member: str, *, after: bool = False) -> str:
        """The qualified name of a class's member, where the project defines it; empty otherwise."""
        for one in self.line(name)[1 if after else 0 :]:
            if f"{one}.{member}" in self.symbols:
                return f"{one}.{member}"
        return ""

    def outside(self, name: str) -> str:
        """The first class of a library that a class is derived from; empty where there is none."""
        found = (one for one in self.line(name) if one not in self.symbols)
        return next((one for one in found if one not in ("abc.ABC", "object", "typing.Generic")), "")

    def own_value(self, name: str, attribute: str) -> Value | None:
        """What a class's methods set on ``self``, its parents' included."""
        for one in self.line(name):
            symbol = self.symbols.get(one)
            if isinstance(symbol, ClassDefinition):
                assigned = own_attributes(symbol).get(attribute)
                if assigned is not None:
                    holder = name if self.type_arguments(name) else one
                    key = f"{holder}.self.{attribute}"
                    if key not in self.values:
                        self.values[key] = UNKNOWN_VALUE
                        self.learn(key, self.evaluate(assigned, symbol.module, holder))
                        self.ask(key, assigned)
                    return self.values[key]
        return None


def _last_name(node: ast.expr) -> str:
    node = node.value if isinstance(node, ast.Subscript) else node
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _inside(node: ast.expr) -> list[ast.expr]:
    if not isinstance(node, ast.Subscript):
        return []
    return list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]


def _type_parameters(node: ast.ClassDef) -> list[str]:
    """The names in the brackets of a generic class's parents, those of ``Generic`` before others."""
    bases = sorted(node.bases, key=lambda base: _last_name(base) not in ("Generic", "Protocol"))
    found = [one.id for base in bases for one in _inside(base) if isinstance(one, ast.Name)]
    return list(dict.fromkeys(found))
