"""Which calls hang a function on a path, and what that function is called then.

``app.post('/orders', ...)`` names its handler ``src.app.<POST /orders>``. ``routes`` makes routes of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ripstop.scan.code import Shape, Value
from ripstop.scan.javascript import libraries, syntax
from ripstop.scan.javascript.walking import Walker

if TYPE_CHECKING:
    from tree_sitter import Node

METHODS = frozenset({"get", "post", "put", "patch", "delete", "del", "options", "head", "all"})
OTHER = frozenset(
    {"use", "on", "register", "route", "addHook", "openapi", "param", "mount", "onError", "notFound",
     "setErrorHandler", "setNotFoundHandler", "after"}
)  # fmt: skip
_SITES = (*libraries.FRAMEWORKS, "express.Route")


def is_registration(name: str, owner: Value, word: str, parts: Sequence[Node]) -> bool:
    """Whether a call hangs functions on an application or router; by its looks where that is unknown."""
    if owner.shape is Shape.INSTANCE and owner.text in _SITES:
        return word in METHODS or word in OTHER
    if not name.startswith("?.") or not parts:
        return False
    path = syntax.string(parts[0])
    if word in METHODS and path is not None and path.startswith(("/", "*")):
        return len(parts) > 1 and parts[-1].type not in ("object", "string", "template_string")
    return word == "use" and owner.text != "" and parts[-1].type != "object"


def handler_name(walker: Walker, owner: Value, word: str, parts: Sequence[Node], index: int) -> str:
    """The name of a function written as that argument."""
    part = parts[index]
    if index == len(parts) - 1 or part.type == "object":
        method, path = word.upper(), _path(owner, parts)
        if part.type == "object":
            written = _pairs(part)
            method, path = written.get("method", ""), written.get("url", written.get("path", ""))
        elif word == "on":
            method, path = _text(parts[0]).upper(), _text(parts[1]) if len(parts) > 2 else ""
        known = word in METHODS or (word in ("on", "route") and method and path)
        name = f"{walker.module.name}.<{method} {path}>"
        if known and path and name not in walker.functions:
            return name
    return walker.line_name(part)


def parameters_of(owner: Value, word: str) -> tuple[Value, ...]:
    """The values of a handler's parameters, as far as the framework gives them.

    What is registered in Fastify gets an instance of its own.
    """
    if owner.text == "hono.Hono":
        return (Value(Shape.INSTANCE, "hono.Context"),)
    if owner.text == "fastify.FastifyInstance":
        if word == "register":
            return (Value(Shape.INSTANCE, "fastify.FastifyInstance"),)
        return (
            Value(Shape.INSTANCE, "fastify.FastifyRequest"),
            Value(Shape.INSTANCE, "fastify.FastifyReply"),
        )
    return ()


def _path(owner: Value, parts: Sequence[Node]) -> str:
    """The path as it is written, or that of the ``route(...)`` this hangs on."""
    if owner.text == "express.Route":
        path = owner.get("path")
        return path.text if path is not None and path.shape is Shape.TEXT else ""
    return _text(parts[0]) if len(parts) > 1 else ""


def _text(node: Node) -> str:
    return syntax.string(node) or ""


def _pairs(node: Node) -> dict[str, str]:
    found = {}
    for pair in node.named_children:
        key, value = syntax.field(pair, "key"), syntax.field(pair, "value")
        if key is not None and value is not None:
            found[syntax.text(key)] = _text(value)
    return found
