"""A class as its syntax tells it: methods, and fields with what says their type."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ripstop.scan.javascript import syntax

if TYPE_CHECKING:
    from tree_sitter import Node


@dataclass(frozen=True, slots=True)
class Field:
    """``annotation`` or the expression ``node`` tells the type; ``named`` is the parameter it came from."""

    annotation: Node | None = None
    node: Node | None = None
    named: str = ""


@dataclass(slots=True)
class Class:
    """One class: ``base`` is the expression it extends, ``interfaces`` the names it implements."""

    name: str
    module: str
    node: Node
    base: Node | None = None
    interfaces: tuple[str, ...] = ()
    methods: dict[str, Node] = field(default_factory=dict)
    fields: dict[str, Field] = field(default_factory=dict)


def class_of(name: str, module: str, node: Node) -> Class:
    """Reads a class's declaration."""
    base, interfaces = _heritage(node)
    found = Class(name, module, node, base, interfaces)
    body = syntax.field(node, "body")
    for member in body.named_children if body is not None else ():
        key = syntax.text(syntax.field(member, "name") or syntax.field(member, "property")).lstrip("#")
        if member.type == "method_definition":
            found.methods[key] = member
            if key == "constructor":
                found.fields.update(_constructed(member))
        elif member.type in ("public_field_definition", "field_definition"):
            value = syntax.field(member, "value")
            if value is not None and value.type in syntax.FUNCTIONS:
                found.methods[key] = value
            else:
                found.fields[key] = Field(syntax.field(member, "type"), value)
    return found


def _heritage(node: Node) -> tuple[Node | None, tuple[str, ...]]:
    base: Node | None = None
    interfaces: list[str] = []
    for child in node.named_children:
        if child.type != "class_heritage":
            continue
        for clause in child.named_children:
            if clause.type == "extends_clause":
                base = syntax.field(clause, "value")
            elif clause.type == "implements_clause":
                interfaces += [syntax.text(one).partition("<")[0] for one in clause.named_children]
            else:
                base = clause
    return base, tuple(interfaces)


def _constructed(method: Node) -> Iterator[tuple[str, Field]]:
    """The fields that a constructor sets: parameters with a modifier, and ``this.x = ...``."""
    parameters: dict[str, Field] = {}
    given = syntax.field(method, "parameters")
    for one in given.named_children if given is not None else ():
        pattern = syntax.field(one, "pattern") or one
        annotation = syntax.field(one, "type")
        if pattern.type == "identifier":
            name = syntax.text(pattern)
            parameters[name] = Field(annotation, syntax.field(one, "value"), name)
            if any(child.type in ("accessibility_modifier", "readonly") for child in one.children):
                yield name, parameters[name]
        elif pattern.type == "object_pattern":
            for part in pattern.named_children:
                parameters[syntax.text(part)] = Field(named=syntax.text(part))
    body = syntax.field(method, "body")
    for statement in body.named_children if body is not None else ():
        expression = statement.named_children[0] if statement.named_children else None
        if expression is None or expression.type != "assignment_expression":
            continue
        target, value = syntax.text(syntax.field(expression, "left")), syntax.field(expression, "right")
        if target.startswith("this.") and target.count(".") == 1 and value is not None:
            yield target[5:].lstrip("#"), parameters.get(syntax.text(value), Field(node=value))
