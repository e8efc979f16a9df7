"""Expressions that call nothing themselves: literals, names, members, objects, templates, operators."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ripstop.model.survey import Exit
from ripstop.scan.code import Shape, Value
from ripstop.scan.javascript import syntax
from ripstop.scan.javascript.answers import failing
from ripstop.scan.javascript.modules import default_name
from ripstop.scan.javascript.names import NOTHING
from ripstop.scan.javascript.walking import Handler, Scope, Walker

if TYPE_CHECKING:
    from tree_sitter import Node

_ESCAPES = {"\\n": "\n", "\\t": "\t", "\\'": "'", '\\"': '"', "\\`": "`", "\\\\": "\\"}
_KNOWN = frozenset(Shape) - {Shape.UNKNOWN}


def nothing(_walker: Walker, _node: Node) -> Value:
    """For what holds no call and has no value: types, comments."""
    return NOTHING


def literal(_walker: Walker, node: Node) -> Value:
    """A plain string."""
    parts = [
        _ESCAPES.get(syntax.text(part), "") if part.type == "escape_sequence" else syntax.text(part)
        for part in node.named_children
    ]
    return Value(Shape.TEXT, "".join(parts))


def number(_walker: Walker, node: Node) -> Value:
    return Value(Shape.NUMBER, syntax.text(node).replace("_", ""))


def pattern(_walker: Walker, node: Node) -> Value:
    """A regular expression: nothing known, but how it is written."""
    return Value(Shape.UNKNOWN, syntax.text(node))


def boolean(_walker: Walker, node: Node) -> Value:
    return Value(Shape.NAME, node.type)


def null(_walker: Walker, _node: Node) -> Value:
    return Value(Shape.NOTHING)


def identifier(walker: Walker, node: Node) -> Value:
    return walker.lookup(syntax.text(node))


def this(walker: Walker, _node: Node) -> Value:
    return walker.scope.find("this") or NOTHING


def template(walker: Walker, node: Node) -> Value:
    """A template's text; its holes are filled where what is in them is known."""
    text = ""
    for part in node.named_children:
        if part.type == "template_substitution":
            inner = part.named_children[0] if part.named_children else None
            text += hole(walker.visit(inner), inner) if inner is not None else ""
        elif part.type == "escape_sequence":
            text += _ESCAPES.get(syntax.text(part), "")
        else:
            text += syntax.text(part)
    return Value(Shape.TEXT, text)


def hole(value: Value, node: Node) -> str:
    """A value as part of a text: itself where it is text, else its name in braces."""
    if value.shape in (Shape.TEXT, Shape.NUMBER):
        return value.text
    if value.shape is Shape.SETTING:
        return f"{{{value.text}}}"
    inner = syntax.bare(node) or node
    while inner.type == "call_expression":
        inner = syntax.field(inner, "function") or inner.named_children[0]
    named = syntax.field(inner, "property") or inner
    name = syntax.text(named) if named.type.endswith("identifier") else ""
    return f"{{{name or 'value'}}}"


def member(walker: Walker, node: Node) -> Value:
    """``a.b``"""
    owner, name = node.child_by_field_name("object"), node.child_by_field_name("property")
    if owner is None or name is None:
        return NOTHING
    return walker.names.member(walker.visit(owner), syntax.text(name).lstrip("#"))


def subscript(walker: Walker, node: Node) -> Value:
    """``a['b']``"""
    owner, index = syntax.field(node, "object"), syntax.field(node, "index")
    if owner is None or index is None:
        return NOTHING
    value, key = walker.visit(owner), walker.visit(index)
    if key.shape in (Shape.TEXT, Shape.NUMBER):
        return walker.names.member(value, key.text)
    return NOTHING


def wrapper(walker: Walker, node: Node) -> Value:
    """Brackets, casts, ``await``: worth what is in them."""
    inner = syntax.bare(node)
    if inner is None or inner == node:
        return NOTHING
    if node.type == "await_expression":
        walker.awaited = inner.id
    return walker.visit(inner)


def mapping(walker: Walker, node: Node) -> Value:
    """An object's items in order; what is spread into it stands in its place."""
    hint = walker.take_hint() or (walker.prefix if walker.prefix == walker.symbol else "")
    outer = walker.scope
    parts = [(part, part.type, _held(part)) for part in node.named_children]
    if any(value is not None and value.type in syntax.FUNCTIONS for _, _, value in parts):
        members = tuple(_functions(walker, parts, hint))
        walker.scope = Scope({"this": Value(Shape.MAPPING, items=members)}, outer)
    items: list[tuple[str, Value]] = []
    for part, kind, held in parts:
        if kind == "shorthand_property_identifier":
            name = syntax.text(part)
            items.append((name, walker.lookup(name)))
        elif kind == "spread_element":
            value = walker.visit(part.named_children[0]) if part.named_children else NOTHING
            items += value.items if value.shape is Shape.MAPPING else [("**", value)]
        elif held is not None:
            name = _key(walker, part)
            items.append((name, walker.visit_as(held, f"{hint}.{name}" if hint else "")))
    walker.scope = outer
    return Value(Shape.MAPPING, items=tuple(items))


def _held(part: Node) -> Node | None:
    """What an item of an object holds, where it is written with a key."""
    if part.type == "pair":
        return part.child_by_field_name("value")
    return part if part.type == "method_definition" else None


def _functions(
    walker: Walker, parts: list[tuple[Node, str, Node | None]], hint: str
) -> Iterator[tuple[str, Value]]:
    """The functions among an object's items, by the names they will have."""
    for part, _, held in parts:
        if held is not None and held.type in syntax.FUNCTIONS:
            key = _key(walker, part)
            yield key, Value(Shape.NAME, walker.name_for(held, f"{hint}.{key}" if hint else ""))


def _key(walker: Walker, part: Node) -> str:
    key = part.child_by_field_name("key" if part.type == "pair" else "name")
    if key is None:
        return "?"
    if key.type == "computed_property_name":
        return (walker.visit(key.named_children[0]).text if key.named_children else "") or "?"
    return syntax.text(key).strip("'\"")


def array(walker: Walker, node: Node) -> Value:
    items = [(str(index), walker.visit(part)) for index, part in enumerate(syntax.parts(node))]
    return Value(Shape.LIST, items=tuple(items))


def binary(walker: Walker, node: Node) -> Value:
    """``a + b`` is text where one is; of ``a || b`` and ``a ?? b`` the first that is known."""
    left, right = syntax.field(node, "left"), syntax.field(node, "right")
    if left is None or right is None:
        return NOTHING
    operator = syntax.field(node, "operator")
    sign = operator.type if operator is not None else ""
    first, second = walker.visit(left), walker.visit(right)
    if sign == "+" and Shape.TEXT in (first.shape, second.shape):
        return Value(Shape.TEXT, hole(first, left) + hole(second, right))
    if sign in ("||", "??"):
        return first if first.shape in _KNOWN else second
    return second if sign == "&&" else NOTHING


def ternary(walker: Walker, node: Node) -> Value:
    values = [walker.visit(part) for part in syntax.parts(node)]
    given = [value for value in values[1:] if value.shape in _KNOWN - {Shape.NOTHING}]
    return given[0] if given else NOTHING


def assignment(walker: Walker, node: Node) -> Value:
    """``x = value``: a name bound anew, or a member of something."""
    left, right = syntax.field(node, "left"), syntax.field(node, "right")
    if left is None or right is None:
        return NOTHING
    target = syntax.text(left) if left.type in ("identifier", "member_expression") else ""
    value = walker.visit_as(right, _assigned(walker, target, right))
    if target.endswith((".statusCode", ".status")) and (status := failing(value)) is not None:
        walker.exits.append(Exit("answer", status, walker.place(node)))
    if left.type in ("identifier", "object_pattern", "array_pattern") and not walker.quiet:
        walker.bind(left, value)
    elif left.type == "subscript_expression":
        walker.visit(left)
    return value


def _assigned(walker: Walker, target: str, value: Node) -> str:
    if not target:
        return ""
    if target in ("module.exports", "exports"):
        return default_name(walker.module.name, value)
    for start in ("module.exports.", "exports."):
        target = target.removeprefix(start)
    return f"{walker.prefix}.{target}"


_SILENT = (
    "comment", "type_annotation", "type_arguments", "type_parameters", "interface_declaration",
    "type_alias_declaration", "import_statement", "property_identifier", "type_identifier",
    "ambient_declaration", "jsx_text", "empty_statement", "break_statement", "continue_statement",
    "accessibility_modifier", "predefined_type", "asserts_annotation", "type_predicate_annotation",
    "hash_bang_line", "statement_identifier", "shorthand_property_identifier_pattern", "export_clause",
)  # fmt: skip

HANDLERS: Mapping[str, Handler] = {
    **dict.fromkeys(_SILENT, nothing),
    **dict.fromkeys(syntax.WRAPPERS, wrapper),
    "string": literal,
    "number": number,
    "regex": pattern,
    "true": boolean,
    "false": boolean,
    "null": null,
    "undefined": null,
    "identifier": identifier,
    "this": this,
    "template_string": template,
    "member_expression": member,
    "subscript_expression": subscript,
    "object": mapping,
    "array": array,
    "binary_expression": binary,
    "ternary_expression": ternary,
    "assignment_expression": assignment,
}
