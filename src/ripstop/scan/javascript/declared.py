"""Functions and classes that a module's top declares, by the qualified names they go by everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ripstop.scan.javascript import syntax
from ripstop.scan.javascript.classes import Class, class_of
from ripstop.scan.javascript.modules import Module, default_name, patterns
from ripstop.scan.javascript.registering import METHODS, OTHER

if TYPE_CHECKING:
    from tree_sitter import Node

_CLASSES = frozenset({"class_declaration", "abstract_class_declaration", "class", "interface_declaration"})
_HANDLERS = frozenset(
    {"req", "_req", "request", "_request", "c", "ctx", "context", "event", "_", "fastify", "app", "instance",
     "server", "router", "err", "error"}
)  # fmt: skip
"""What a function's first parameter is called where it handles requests, or sets an application up."""


def classes_of(module: Module) -> Iterator[Class]:
    """The classes and interfaces at a module's top."""
    for name, declaration in module.declarations.items():
        node = syntax.bare(declaration.node)
        if node is not None and node.type in _CLASSES and not declaration.members:
            yield class_of(f"{module.name}.{name}", module.name, node)


def functions_of(module: Module) -> Iterator[tuple[str, Node]]:
    """The functions at a module's top, those in its objects, and those wrapped in a call."""
    for name, declaration in module.declarations.items():
        node = syntax.bare(declaration.node)
        if node is None or declaration.members:
            continue
        own = f"{module.name}.{name}"
        if node.type in syntax.FUNCTIONS:
            yield own, node
        elif node.type == "call_expression" and (inner := wrapped(node)) is not None:
            yield own, inner
        elif node.type == "object":
            yield from _members(default_name(module.name, node) if name == "default" else own, node)


def _members(own: str, node: Node) -> Iterator[tuple[str, Node]]:
    for item in node.named_children:
        if item.type not in ("pair", "method_definition"):
            continue
        key = syntax.text(syntax.field(item, "key") or syntax.field(item, "name")).strip("'\"")
        value = syntax.bare(syntax.field(item, "value")) if item.type == "pair" else item
        if value is None:
            continue
        if value.type in syntax.FUNCTIONS:
            yield f"{own}.{key}", value
        elif value.type == "call_expression" and (inner := wrapped(value)) is not None:
            yield f"{own}.{key}", inner


def wrapped(node: Node, depth: int = 0) -> Node | None:
    """The handler in ``asyncHandler(async (req, res) => ...)``: what the whole then stands for."""
    callee, given = syntax.field(node, "function"), syntax.field(node, "arguments")
    if callee is None or given is None or depth > 3 or given.type != "arguments" or not _may_wrap(callee):
        return None
    for one in reversed(given.named_children):
        inner = syntax.bare(one) or one
        if inner.type in syntax.FUNCTIONS and _handles(inner):
            return inner
        if inner.type == "call_expression" and (found := wrapped(inner, depth + 1)) is not None:
            return found
    return None


def _may_wrap(callee: Node) -> bool:
    """A plain function, or one of a plain name's that does not hang what it is given on a path."""
    if callee.type != "member_expression":
        return callee.type in ("identifier", "call_expression")
    owner, word = syntax.field(callee, "object"), syntax.text(syntax.field(callee, "property"))
    return owner is not None and owner.type == "identifier" and word not in METHODS | OTHER


def _handles(node: Node) -> bool:
    alone = syntax.field(node, "parameter")
    listed = syntax.field(node, "parameters")
    first = alone or next(iter(listed.named_children if listed is not None else ()), None)
    if first is None:
        return False
    pattern = syntax.field(first, "pattern") or first
    return any(name in _HANDLERS for name, _ in patterns(pattern)) if pattern.type == "identifier" else False
