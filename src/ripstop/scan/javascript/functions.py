"""Functions, methods and classes where they are written: each becomes a Function of the codebase."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ripstop.model.survey import Place
from ripstop.scan.code import Function, Parameter, Shape, Value
from ripstop.scan.javascript import libraries, syntax
from ripstop.scan.javascript.modules import patterns
from ripstop.scan.javascript.names import NOTHING
from ripstop.scan.javascript.walking import Handler, Walker

if TYPE_CHECKING:
    from tree_sitter import Node

_CLASSES = ("class_declaration", "abstract_class_declaration", "class")
_BY_NAME = {
    **dict.fromkeys(("req", "_req", "request", "_request"), "express.Request"),
    **dict.fromkeys(("res", "_res", "response", "_response"), "express.Response"),
    **dict.fromkeys(("reply", "_reply"), "fastify.FastifyReply"),
}


def define(walker: Walker, node: Node, name: str, given: tuple[Value, ...] = ()) -> Value:
    """Walks a function as one of its own, under that name; ``given`` are its parameters' values."""
    walker.names.functions.setdefault(name, (walker.module, node))
    if not walker.quiet:
        inner = walker.apart(name, name)
        parameters = enter(inner, node, given)
        run(inner, node)
        walker.functions[name] = Function(
            name,
            Place(walker.module.path, syntax.line(node), name),
            node.end_point.row + 1,
            parameters,
            calls=tuple(inner.calls),
            exits=tuple(inner.exits),
            returns=_returns(walker, node),
            is_async=any(child.type == "async" for child in node.children),
        )
    return Value(Shape.NAME, name)


def run(walker: Walker, node: Node) -> Value:
    """Walks a function's body; what an arrow's expression is worth."""
    body = node.child_by_field_name("body")
    return walker.visit(body) if body is not None else NOTHING


def enter(walker: Walker, node: Node, given: tuple[Value, ...] = ()) -> tuple[Parameter, ...]:
    """Binds a function's parameters, by what is given, their types, their defaults or their names.

    One that is taken apart goes by the names in it: ``{userId, amount}``.
    """
    found: list[Parameter] = []
    for index, (pattern, annotation, default) in enumerate(_parameters(node)):
        value = given[index] if index < len(given) else NOTHING
        name = syntax.text(pattern) if pattern.type == "identifier" else ""
        if value.shape is Shape.UNKNOWN:
            value = _typed(walker, annotation, default) or _named(walker, name)
        value = _told_apart(value, f"{walker.symbol}.{index}")
        walker.bind(pattern, value)
        dotted = value.text if annotation is not None and value.shape is Shape.INSTANCE else ""
        inside = name or f"{{{', '.join(one for one, _ in patterns(pattern))}}}"
        found.append(Parameter(inside, dotted))
    return tuple(found)


def _parameters(node: Node) -> Iterator[tuple[Node, Node | None, Node | None]]:
    listed = node.child_by_field_name("parameters")
    alone = node.child_by_field_name("parameter") if listed is None else None
    if alone is not None:
        yield alone, None, None
    for one in listed.named_children if listed is not None else ():
        if one.type == "identifier":
            yield one, None, None
        elif one.type == "assignment_pattern":
            left = syntax.field(one, "left")
            if left is not None:
                yield left, None, syntax.field(one, "right")
        elif one.type not in ("comment", "this"):
            yield syntax.field(one, "pattern") or one, syntax.field(one, "type"), syntax.field(one, "value")


def _typed(walker: Walker, annotation: Node | None, default: Node | None) -> Value | None:
    found = walker.names.instance_of(walker.module, annotation) if annotation is not None else None
    if found is None and default is not None:
        found = walker.visit(default)
    return found if found is not None and found.shape is not Shape.UNKNOWN else None


def _named(walker: Walker, name: str) -> Value:
    if name in _BY_NAME:
        return Value(Shape.INSTANCE, _BY_NAME[name])
    return walker.names.by_name(name) or NOTHING


def _told_apart(value: Value, own: str) -> Value:
    """A parameter that may be an application, known by its function and its place in it."""
    if value.shape is Shape.UNKNOWN:
        return Value(Shape.UNKNOWN, own)
    if value.text in libraries.FRAMEWORKS and value.get(libraries.IDENTITY) is None:
        return Value(value.shape, value.text, ((libraries.IDENTITY, Value(Shape.NAME, own)), *value.items))
    return value


def _returns(walker: Walker, node: Node) -> str:
    annotation = syntax.field(node, "return_type")
    return walker.names.type_name(walker.module, annotation) if annotation is not None else ""


def declaration(walker: Walker, node: Node) -> Value:
    """``function name() {}``"""
    name = syntax.text(syntax.field(node, "name"))
    if not name:
        return define(walker, node, walker.take_hint() or f"{walker.module.name}.default")
    found = define(walker, node, f"{walker.prefix}.{name}")
    if walker.symbol != f"{walker.module.name}.<module>":
        walker.scope.names[name] = found
    return found


def expression(walker: Walker, node: Node) -> Value:
    """A function where a value is asked for: named by what it is given to, else by its line."""
    return define(walker, node, walker.name_for(node, walker.take_hint()))


def declared_class(walker: Walker, node: Node) -> Value:
    """A class: each of its methods, with ``this`` an instance of it."""
    own = syntax.text(syntax.field(node, "name"))
    hint = walker.take_hint()
    name = f"{walker.prefix}.{own}" if own else hint or walker.line_name(node)
    one = walker.names.classes.get(name)
    if one is None or walker.quiet:
        return Value(Shape.NAME, name)
    outer = walker.scope
    walker.scope = type(outer)({"this": Value(Shape.INSTANCE, name)}, outer)
    for key, method in one.methods.items():
        define(walker, method, f"{name}.{key}")
    walker.scope = outer
    return Value(Shape.NAME, name)


HANDLERS: Mapping[str, Handler] = {
    **dict.fromkeys(("function_declaration", "generator_function_declaration"), declaration),
    **dict.fromkeys(("arrow_function", "function_expression", "generator_function"), expression),
    "method_definition": expression,
    **dict.fromkeys(_CLASSES, declared_class),
}
