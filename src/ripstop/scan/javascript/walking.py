"""The walk through a function's tree in the order in which it runs: its state, and what every part shares.

What a kind of node means is in ``expressions``, ``calling``, ``statements`` and ``functions``; each gives a
table of handlers, put together in ``reading``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ripstop.model.survey import Exit, Place
from ripstop.scan.code import Call, Function, Shape, Value
from ripstop.scan.javascript import libraries, syntax
from ripstop.scan.javascript.modules import Module, patterns
from ripstop.scan.javascript.names import NOTHING, Names

if TYPE_CHECKING:
    from tree_sitter import Node

_ITEMS_LIMIT = 100

Handler = Callable[["Walker", "Node"], Value]
Define = Callable[["Walker", "Node", str], Value]


@dataclass(slots=True)
class Scope:
    """The names of one function; ``this`` among them."""

    names: dict[str, Value] = field(default_factory=dict)
    above: Scope | None = None

    def find(self, name: str) -> Value | None:
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.above
        return None


@dataclass(slots=True)
class Walker:
    """One walk. ``symbol`` is the function's qualified name, ``prefix`` that under which functions in it go.

    ``quiet`` walks only for a value: functions are named but not entered.
    """

    handlers: Mapping[str, Handler]
    names: Names
    module: Module
    functions: dict[str, Function]
    symbol: str
    prefix: str
    scope: Scope = field(default_factory=Scope)
    quiet: bool = False
    calls: list[Call] = field(default_factory=list)
    exits: list[Exit] = field(default_factory=list)
    caught: tuple[str, ...] = ()
    in_loop: bool = False
    hint: str = ""
    awaited: int = 0

    def visit(self, node: Node) -> Value:
        """Walks a node; what it is worth, where it is an expression."""
        handler = self.handlers.get(node.type)
        if handler is not None:
            return handler(self, node)
        for child in node.named_children:
            self.visit(child)
        return NOTHING

    def visit_as(self, node: Node, hint: str) -> Value:
        """Walks an expression that is given a name."""
        before, self.hint = self.hint, hint
        found = self.visit(node)
        self.hint = before
        return found

    def take_hint(self) -> str:
        """The name the expression at hand is given, once."""
        found, self.hint = self.hint, ""
        return found

    def place(self, node: Node) -> Place:
        return Place(self.module.path, node.start_point.row + 1, self.symbol)

    def lookup(self, name: str) -> Value:
        """What a name stands for here; a name nobody declares is the language's own."""
        found = self.scope.find(name)
        if found is None:
            found = self.names.value(self.module, name)
        return found if found is not None else Value(Shape.NAME, name)

    def bind(self, pattern: Node, value: Value) -> None:
        """Gives the names of a pattern their values."""
        for name, members in patterns(pattern):
            found = value
            for member in members:
                found = self.names.member(found, member)
            if found.shape is Shape.UNKNOWN and (guess := self.names.by_name(name)):
                found = guess
            self.scope.names[name] = found

    def apart(self, symbol: str, prefix: str) -> Walker:
        """A walk of another function, which sees the names of this one."""
        return Walker(
            self.handlers, self.names, self.module, self.functions, symbol, prefix, Scope(above=self.scope),
            self.quiet,
        )  # fmt: skip

    def within(self) -> Walker:
        """A walk of a callback: its calls are kept apart, its exits are this function's."""
        inner = self.apart(self.symbol, self.prefix)
        inner.exits, inner.caught, inner.in_loop = self.exits, self.caught, self.in_loop
        return inner

    def name_for(self, node: Node, hint: str) -> str:
        """The name of a function: what it is given to, else its line where that name is another's."""
        known = self.names.functions.get(hint) if hint else None
        return hint if hint and (known is None or known[1] == node) else self.line_name(node)

    def line_name(self, node: Node) -> str:
        """The name of a function that has none."""
        return f"{self.prefix}.<line {syntax.line(node)}>"


def identity(module: Module, node: Node) -> tuple[str, Value]:
    """The item that tells a framework's instance from others: the place where it was made."""
    row, column = node.start_point
    return libraries.IDENTITY, Value(Shape.NAME, f"{module.name}.<{row + 1}:{column}>")


def routed_items(value: Value) -> tuple[Value, ...]:
    """The items of a list that hold applications or routers: what is done to each is told one by one."""
    items = tuple(item for _, item in value.items)[:_ITEMS_LIMIT]
    held = [part for item in items for _, part in (("", item), *item.items)]
    return items if any(part.text in libraries.FRAMEWORKS for part in held) else ()
