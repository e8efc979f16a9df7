"""Functions, methods and classes where they are written: each becomes a Function of the codebase."""

from __future__ import annotations

import itertools
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
_REQUESTS = frozenset({"req", "_req", "request", "_request", "_"})
_ANSWERS = frozenset({"res", "_res", "response", "_response", "reply", "_reply"})


def define(walker: Walker, node: Node, name: str, given: tuple[Value, ...] = ()) -> Value:
    """Walks a function as one of its own, under that name; ``given`` are its parameters' values."""
    walker.names.functions.setdefault(name, (walker.module, node))
    if not walker.quiet:
        inner = walker.apart(name, name)
        parameters: tuple[Parameter, ...] = ()
        try:
            parameters = enter(inner, node, given)
            run(inner, node)
        except RecursionError:
            walker.names.too_deep.append(Place(walker.module.path, syntax.line(node), name))
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
    parameters = list(_parameters(node))
    handled = _requested([pattern for pattern, _, _ in parameters])
    for index, (pattern, annotation, default) in enumerate(parameters):
        value = given[index] if index < len(given) else NOTHING
        name = syntax.text(pattern) if pattern.type == "identifier" else ""
        if value.shape is Shape.UNKNOWN:
            known = _typed(walker, annotation, default) or handled.get(index) or walker.names.by_name(name)
            value = known or NOTHING
        value = _told_apart(value, f"{walker.symbol}.{index}")
        walker.bind(pattern, value)
        if pattern.type == "object_pattern" and value.shape is Shape.UNKNOWN:
            _members(walker, pattern, annotation, value.text)
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


def _requested(patterns_in_order: list[Node]) -> dict[int, Value]:
    """A request and an answer, where two parameters in a row are called so."""
    names = [syntax.text(one) if one.type == "identifier" else "" for one in patterns_in_order]
    found = {}
    for index, (first, second) in enumerate(itertools.pairwise(names)):
        if first in _REQUESTS and second in _ANSWERS:
            framework = "fastify.FastifyRe" if second.endswith("reply") else "express.Re"
            reply = "ply" if second.endswith("reply") else "sponse"
            found[index] = Value(Shape.INSTANCE, f"{framework}quest")
            found[index + 1] = Value(Shape.INSTANCE, f"{framework}{reply}")
    return found


def _members(walker: Walker, pattern: Node, annotation: Node | None, own: str) -> None:
    """What is taken out of a parameter: by its type where that is written out, else known by its name."""
    types = dict(_written(annotation)) if annotation is not None else {}
    for name, members in patterns(pattern):
        known = walker.scope.names.get(name, NOTHING)
        if len(members) != 1 or known.shape is not Shape.UNKNOWN:
            continue
        written = types.get(members[0])
        value = walker.names.instance_of(walker.module, written) if written is not None else None
        walker.scope.names[name] = _told_apart(value or NOTHING, f"{own}.{members[0]}")


def _written(annotation: Node) -> Iterator[tuple[str, Node]]:
    """The members of a type that is written where it is used: ``{ app: Application }``."""
    for written in annotation.named_children:
        for member in written.named_children if written.type == "object_type" else ():
            name, kind = syntax.field(member, "name"), syntax.field(member, "type")
            if name is not None and kind is not None:
                yield syntax.text(name), kind


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
    given = f"{walker.prefix}.{own}" if own else walker.line_name(node)
    name = hint if hint in walker.names.classes else given
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
