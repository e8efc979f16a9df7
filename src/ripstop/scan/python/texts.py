"""Texts put together from parts: f-strings, sums, ``format`` and ``%``; what is unknown becomes a hole."""

from __future__ import annotations

import ast
import re

from ripstop.scan.code import Shape, Value
from ripstop.scan.python.values import UNKNOWN_VALUE, text

KEEPING = frozenset({
    "strip", "rstrip", "lstrip", "removesuffix", "removeprefix", "encode", "decode", "lower", "upper",
    "rsplit", "set", "render_as_string", "unicode_string", "__str__", "get_secret_value",
})  # fmt: skip
"""Methods after which an address or a statement is still the same one."""
_FIELD = re.compile(r"\{(\w*)[^{}]*\}")
_PERCENT = re.compile(r"%(?:\((\w+)\))?[sdrif]")


def part(value: Value, node: ast.expr) -> str:
    """A part of a text: itself where it is literal, else a hole with the best name there is."""
    if value.shape in (Shape.TEXT, Shape.NUMBER):
        return value.text
    if value.shape is Shape.SETTING:
        return f"{{{value.text}}}"
    return f"{{{hole(node)}}}"


def hole(node: ast.expr) -> str:
    """The name of what stands in a hole: the last one of an expression."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Subscript(slice=ast.Constant(value=str(name))):
            return name
        case ast.Call(args=[only]) | ast.Await(value=only) | ast.Subscript(value=only):
            return hole(only)
        case ast.Call(func=function):
            return hole(function)
    return "value"


def is_text(value: Value) -> bool:
    return value.shape in (Shape.TEXT, Shape.SETTING)


def joined(left: Value, right: Value, node: ast.BinOp) -> Value:
    """``left + right``: a text where one of them is."""
    if Shape.TEXT not in (left.shape, right.shape) and not (is_text(left) and is_text(right)):
        return UNKNOWN_VALUE
    return text(part(left, node.left) + part(right, node.right))


def formatted(pattern: Value, arguments: dict[str, Value]) -> Value:
    """``"…{}…".format(…)``; a hole keeps its name, or gets the number of the argument."""
    count = iter(range(10_000))

    def filled(match: re.Match[str]) -> str:
        name = match[1] or str(next(count))
        value = arguments.get(name)
        known = value is not None and value.shape in (Shape.TEXT, Shape.NUMBER, Shape.SETTING)
        return part(value, ast.Name(name)) if known and value else f"{{{name}}}"

    return text(_FIELD.sub(filled, pattern.text))


def percent(pattern: Value, given: Value) -> Value:
    """``"…%s…" % …``: with holes. A database's own placeholders are not formatted, so not changed here."""
    several = given.shape in (Shape.LIST, Shape.MAPPING)
    count = iter(range(10_000))

    def filled(match: re.Match[str]) -> str:
        value = given.get(match[1] or str(next(count))) if several else given
        return part(value or UNKNOWN_VALUE, ast.Name(match[1] or "value"))

    return text(_PERCENT.sub(filled, pattern.text))


def address(base: Value, rest: Value) -> Value:
    """What ``urljoin`` makes of a base and a path."""
    if not is_text(base) or rest.shape is not Shape.TEXT:
        return rest if rest.shape is Shape.TEXT else UNKNOWN_VALUE
    start = part(base, ast.Name("base"))
    return text(f"{start.rstrip('/')}/{rest.text.lstrip('/')}")
