"""Statements: what they bind, what they repeat, what they catch and how they leave."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ripstop.model.survey import Exit
from ripstop.scan.code import Shape, Value
from ripstop.scan.javascript import syntax
from ripstop.scan.javascript.modules import default_name
from ripstop.scan.javascript.names import NOTHING
from ripstop.scan.javascript.walking import Handler, Walker, routed_items

if TYPE_CHECKING:
    from tree_sitter import Node

ANY = "Error"
"""What a catch clause that asks for no class catches."""


def block(walker: Walker, node: Node) -> Value:
    """Functions declared in it are known from its beginning."""
    for child in node.named_children:
        if child.type == "function_declaration":
            name = syntax.text(syntax.field(child, "name"))
            walker.scope.names[name] = Value(Shape.NAME, f"{walker.prefix}.{name}")
    for child in node.named_children:
        walker.visit(child)
    return NOTHING


def variable(walker: Walker, node: Node) -> Value:
    """``const pattern = value``"""
    pattern, value = syntax.field(node, "name"), syntax.field(node, "value")
    if pattern is None:
        return NOTHING
    name = syntax.text(pattern) if pattern.type == "identifier" else ""
    found = (
        walker.visit_as(value, f"{walker.prefix}.{name}" if name else "") if value is not None else NOTHING
    )
    if walker.symbol == f"{walker.module.name}.<module>" and walker.scope.above is None:
        return found
    if found.shape in (Shape.UNKNOWN, Shape.CALL) and (annotation := syntax.field(node, "type")) is not None:
        found = walker.names.instance_of(walker.module, annotation) or found
    walker.bind(pattern, found)
    return found


def loop(walker: Walker, node: Node) -> Value:
    """``for``, ``while`` and ``do``: what is in their body happens many times."""
    body = syntax.field(node, "body")
    for child in node.named_children:
        if child != body:
            walker.visit(child)
    before, walker.in_loop = walker.in_loop, True
    if body is not None:
        walker.visit(body)
    walker.in_loop = before
    return NOTHING


def loop_over(walker: Walker, node: Node) -> Value:
    """``for (const x of xs)``"""
    left, right = syntax.field(node, "left"), syntax.field(node, "right")
    listed = walker.visit(right) if right is not None else NOTHING
    body = syntax.field(node, "body")
    before, walker.in_loop = walker.in_loop, True
    for item in routed_items(listed) or (NOTHING,):
        if left is not None:
            walker.bind(left, item)
        if body is not None:
            walker.visit(body)
    walker.in_loop = before
    return NOTHING


def attempt(walker: Walker, node: Node) -> Value:
    """``try``: what its body calls is caught, where there is a catch clause."""
    body, handler = syntax.field(node, "body"), syntax.field(node, "handler")
    before = walker.caught
    caught = tuple(_caught(walker, handler)) if handler is not None else ()
    walker.caught = (*caught, *before)
    if body is not None:
        walker.visit(body)
    walker.caught = before
    if handler is not None:
        since = len(walker.exits)
        binding = syntax.field(handler, "parameter")
        if binding is not None:
            walker.bind(binding, NOTHING)
        inner = syntax.field(handler, "body")
        if inner is not None:
            walker.visit(inner)
        note_caught(walker, caught, handler, since)
    finalizer = syntax.field(node, "finalizer")
    if finalizer is not None:
        walker.visit(finalizer)
    return NOTHING


def note_caught(walker: Walker, names: tuple[str, ...], node: Node, since: int) -> None:
    """Notes a catch clause before the exits in it, with the status that is answered there."""
    inside = walker.exits[since:]
    status = next((one.what for one in inside if one.kind == "answer"), "")
    if not status:
        raised = (one.what.rpartition(" ")[2] for one in inside if one.kind == "raise")
        status = next((word for word in raised if word.isdigit()), "")
    what = ", ".join(names) + (f" -> {status}" if status else "")
    walker.exits.insert(since, Exit("except", what, walker.place(node)))


def _caught(walker: Walker, handler: Node) -> Iterator[str]:
    """The classes asked for with ``instanceof`` where all others are thrown again; else any error."""
    body = syntax.field(handler, "body")
    binding = syntax.text(syntax.field(handler, "parameter"))
    statements = body.named_children if body is not None else []
    classes: list[str] = []
    if binding and statements and _throws(statements[-1], binding):
        classes = [walker.lookup(name).text for one in statements for name in _instances(one, binding)]
    yield from classes or [ANY]


def _throws(node: Node, binding: str) -> bool:
    return node.type == "throw_statement" and syntax.text(node.named_children[0]) == binding


def _instances(node: Node, binding: str) -> Iterator[str]:
    if node.type != "if_statement":
        return
    waiting = [syntax.field(node, "condition")]
    while waiting:
        one = waiting.pop()
        if one is None:
            continue
        if one.type == "binary_expression" and any(part.type == "instanceof" for part in one.children):
            if syntax.text(syntax.field(one, "left")) == binding:
                yield syntax.text(syntax.field(one, "right"))
        else:
            waiting += reversed(one.named_children)


def throw(walker: Walker, node: Node) -> Value:
    """``throw new Wrong()``; what only throws on what was caught is no way out of its own."""
    thrown = node.named_children[0] if node.named_children else None
    if thrown is None:
        return NOTHING
    value = walker.visit(thrown)
    inner = syntax.bare(thrown) or thrown
    if inner.type in ("new_expression", "call_expression"):
        status = next((text for key, text in _statuses(value) if key in ("0", "statusCode", "status")), "")
        what = " ".join(part for part in (value.text, status) if part)
        walker.exits.append(Exit("raise", what or ANY, walker.place(node)))
    return NOTHING


def _statuses(value: Value) -> Iterator[tuple[str, str]]:
    for key, item in value.items:
        if item.shape is Shape.NUMBER and item.text[:1] in "45" and len(item.text) == 3:
            yield key, item.text


def export(walker: Walker, node: Node) -> Value:
    """``export default value`` gives the value a name."""
    value = syntax.field(node, "value")
    if value is not None:
        return walker.visit_as(value, default_name(walker.module.name, value))
    for child in node.named_children:
        walker.visit(child)
    return NOTHING


HANDLERS: Mapping[str, Handler] = {
    "export_statement": export,
    "statement_block": block,
    "variable_declarator": variable,
    "for_statement": loop,
    "while_statement": loop,
    "do_statement": loop,
    "for_in_statement": loop_over,
    "try_statement": attempt,
    "throw_statement": throw,
}
