"""Calls: who is called, with what, and what is called while it goes on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from ripstop.model.survey import Exit, Sureness
from ripstop.scan.code import UNKNOWN, Argument, Call, Shape, Value
from ripstop.scan.javascript import libraries, syntax
from ripstop.scan.javascript.answers import status_of
from ripstop.scan.javascript.functions import define, enter, run
from ripstop.scan.javascript.modules import required
from ripstop.scan.javascript.names import ENVIRONMENT, NOTHING, options
from ripstop.scan.javascript.registering import METHODS, OTHER, handler_name, is_registration, parameters_of
from ripstop.scan.javascript.statements import ANY, note_caught
from ripstop.scan.javascript.walking import Handler, Walker, identity, routed_items

if TYPE_CHECKING:
    from tree_sitter import Node


_CHAINED = METHODS | OTHER | {"basePath"}


class Callee(NamedTuple):
    """Who is called: its value, what it is a member of, the member's name, and its dotted name."""

    value: Value
    owner: Value
    word: str
    node: Node
    name: str


def _called(value: Value, owner: Value, word: str, node: Node) -> Callee:
    if value.text and (value.shape is Shape.NAME or value.shape is Shape.INSTANCE):
        return Callee(value, owner, word, node, value.text)
    return Callee(value, owner, word, node, f"{UNKNOWN}.{word}" if word else UNKNOWN)


def call(walker: Walker, node: Node) -> Value:
    """``f(...)``, ``a.b(...)``, and a tagged template."""
    hint = walker.take_hint()
    awaited = walker.awaited == node.id
    function, given = node.child_by_field_name("function"), node.child_by_field_name("arguments")
    if function is None or given is None:
        return NOTHING
    kind = function.type
    if kind in ("super", "import") or (kind == "identifier" and function.text == b"require"):
        source = required(node)
        walker.visit(given)
        return NOTHING if source is None else walker.names.required(walker.module, source)
    before = walker.caught
    catches = kind == "member_expression" and _is_catching(function, given)
    if catches:
        walker.caught = (ANY, *before)
    callee = _callee(walker, function)
    walker.caught = before
    since = len(walker.exits)
    found = _made(walker, node, callee, given, hint, awaited=awaited)
    if catches:
        note_caught(walker, (ANY,), callee.node, since)
    return found


def construction(walker: Walker, node: Node) -> Value:
    """``new X(...)``"""
    hint = walker.take_hint()
    constructor, given = syntax.field(node, "constructor"), syntax.field(node, "arguments")
    if constructor is None:
        return NOTHING
    callee = _callee(walker, constructor)
    arguments, block = _arguments(walker, callee, given, hint) if given is not None else ((), ())
    target = f"{callee.name}.constructor"
    if (status := status_of(callee.name, arguments)) is not None:
        walker.exits.append(Exit("answer", status, walker.place(callee.node)))
    _emit(walker, node, callee, arguments, block, target=target)
    if callee.name == UNKNOWN:
        return NOTHING
    items = _items(arguments)
    known = libraries.class_of(callee.name) or callee.name
    return _identified(walker, node, Value(Shape.INSTANCE, known, options(items)))


def _is_catching(function: Node, given: Node) -> bool:
    """``promise.catch(...)``: what the promise comes from is caught."""
    name = function.child_by_field_name("property")
    return name is not None and name.text == b"catch" and bool(given.named_children)


def _callee(walker: Walker, function: Node) -> Callee:
    inner = function if function.type not in syntax.WRAPPERS else syntax.bare(function) or function
    if inner.type == "member_expression":
        owner, name = inner.child_by_field_name("object"), inner.child_by_field_name("property")
        if owner is not None and name is not None:
            value, word = walker.visit(owner), syntax.text(name).lstrip("#")
            return _called(walker.names.member(value, word), value, word, name)
    if inner.type in syntax.FUNCTIONS:
        own = walker.within()
        enter(own, inner)
        run(own, inner)
        walker.calls += own.calls
        return _called(NOTHING, NOTHING, "", inner)
    value = walker.visit(inner)
    word = syntax.text(inner) if inner.type == "identifier" else ""
    return _called(value, NOTHING, word, inner)


def _made(walker: Walker, node: Node, callee: Callee, given: Node, hint: str, *, awaited: bool) -> Value:
    arguments, block = _arguments(walker, callee, given, hint)
    name = callee.name
    status = status_of(name, arguments)
    if status is not None:
        walker.exits.append(Exit("answer", status, walker.place(callee.node)))
    elif name == "next" or (callee.word == "next" and callee.owner == NOTHING):
        _passed_on(walker, callee, arguments)
    _emit(walker, node, callee, arguments, block, target=name, awaited=awaited)
    if callee.word == "decorate" and len(arguments) > 1 and not walker.quiet:
        walker.names.decorated.setdefault(arguments[0].value.text, arguments[1].value)
    if hint and any(given.value.text == hint for given in arguments):
        return Value(Shape.NAME, hint)
    return _result(walker, node, callee, arguments)


def _passed_on(walker: Walker, callee: Callee, arguments: tuple[Argument, ...]) -> None:
    """``next(new Wrong())``: Express' way to raise."""
    if arguments and arguments[0].value.shape in (Shape.INSTANCE, Shape.CALL):
        walker.exits.append(Exit("raise", arguments[0].value.text, walker.place(callee.node)))


def _result(walker: Walker, node: Node, callee: Callee, arguments: tuple[Argument, ...]) -> Value:
    """What the call is worth."""
    name, owner = callee.name, callee.owner
    items = _items(arguments)
    if any(value.text == ENVIRONMENT for _, value in items):
        return Value(Shape.NAME, ENVIRONMENT)
    if name in libraries.PASSING and items:
        return items[0][1]
    if callee.word in libraries.PASSING and owner.shape in (Shape.SETTING, Shape.TEXT):
        return owner
    if name == "Promise.all" and items:
        return items[0][1]
    if callee.word in ("get", "resolve") and items and items[0][1].text in walker.names.classes:
        return Value(Shape.INSTANCE, items[0][1].text)
    if owner.shape is Shape.INSTANCE and owner.text in libraries.FRAMEWORKS and callee.word in _CHAINED:
        return _chained(walker, node, callee, items)
    if name.startswith("express.Route.") or name in libraries.FLUENT:
        return owner
    if name.partition(".")[0] == "knex" and (found := _built(callee, items)) is not None:
        return found
    if name == UNKNOWN or name.startswith(f"{UNKNOWN}."):
        return Value(Shape.CALL, name, items)
    return _returned(walker, node, name, walker.names.result(name, items))


def _built(callee: Callee, items: tuple[tuple[str, Value], ...]) -> Value | None:
    """A query of knex's: what is called on it gives it again, with the table it began with."""
    if callee.owner.shape is Shape.CALL and callee.word not in ("from", "into", "table"):
        return callee.owner
    if callee.name == "knex" or callee.word in ("from", "into", "table"):
        table = bool(items) and items[0][1].shape is Shape.TEXT and "://" not in items[0][1].text
        made = callee.owner == NOTHING and callee.value.shape is Shape.NAME and not table
        return None if made else Value(Shape.CALL, "knex", items)
    return None


def _chained(walker: Walker, node: Node, callee: Callee, items: tuple[tuple[str, Value], ...]) -> Value:
    """What a method of an application or router gives: itself, or one that hangs on it."""
    owner, word = callee.owner, callee.word
    path = items[0][1] if items else NOTHING
    on = owner.get(libraries.IDENTITY) or NOTHING
    if owner.text.startswith("express.") and word == "route":
        return Value(Shape.INSTANCE, "express.Route", ((libraries.IDENTITY, on), ("path", path)))
    if word == "basePath":
        return Value(Shape.INSTANCE, owner.text, (identity(walker.module, node), ("on", on), ("path", path)))
    return owner


def _returned(walker: Walker, node: Node, name: str, value: Value) -> Value:
    """An application that a function of the project makes is another one at each call."""
    applies = value.shape is Shape.INSTANCE and value.text in libraries.FRAMEWORKS
    inner = value.get(libraries.IDENTITY)
    if name not in walker.names.functions or not applies or inner is None:
        return _identified(walker, node, value)
    return Value(value.shape, value.text, (identity(walker.module, node), ("of", inner), *value.items[1:]))


def _identified(walker: Walker, node: Node, value: Value) -> Value:
    """An application or router with what tells it from others."""
    applies = value.shape is Shape.INSTANCE and value.text in libraries.FRAMEWORKS
    if applies and value.get(libraries.IDENTITY) is None:
        return Value(value.shape, value.text, (identity(walker.module, node), *value.items))
    return value


def _items(arguments: tuple[Argument, ...]) -> tuple[tuple[str, Value], ...]:
    return tuple((str(index), argument.value) for index, argument in enumerate(arguments))


def _arguments(
    walker: Walker, callee: Callee, given: Node, hint: str
) -> tuple[tuple[Argument, ...], tuple[Call, ...]]:
    """The arguments' values, and the calls that callbacks among them make."""
    if given.type == "template_string":
        return (Argument(walker.visit(given)),), ()
    parts = syntax.parts(given)
    registers = is_registration(callee.name, callee.owner, callee.word, parts)
    found: list[Argument] = []
    block: list[Call] = []
    for index, part in enumerate(parts):
        if part.type == "spread_element":
            found.append(Argument(walker.visit(part.named_children[0]), "*"))
        elif registers:
            name = handler_name(walker, callee.owner, callee.word, parts, index)
            found.append(Argument(_handler(walker, part, name, callee)))
        elif part.type in syntax.FUNCTIONS:
            found.append(Argument(_callback(walker, part, callee, hint, block)))
        else:
            found.append(Argument(_plain(walker, part, hint, block)))
    return tuple(found), tuple(block)


def _handler(walker: Walker, part: Node, name: str, callee: Callee) -> Value:
    """An argument of what registers a route: functions in it are the routes' handlers, called later."""
    inner = _unwrapped(walker, part)
    if inner.type in syntax.FUNCTIONS:
        return define(walker, inner, name, parameters_of(callee.owner, callee.word))
    if inner.type == "object":
        return walker.visit_as(inner, name)
    if inner.type == "array":
        values = [_handler(walker, one, walker.line_name(one), callee) for one in syntax.parts(inner)]
        return Value(Shape.LIST, items=tuple((str(index), value) for index, value in enumerate(values)))
    return walker.visit(inner)


def _unwrapped(walker: Walker, part: Node) -> Node:
    """The function in ``wrap(async (req, res) => ...)``, ``wrap(controller.create)``, ``x.bind(y)``."""
    node = syntax.bare(part) or part
    if node.type != "call_expression":
        return node
    function, given = syntax.field(node, "function"), syntax.field(node, "arguments")
    if function is None or given is None:
        return node
    word = syntax.field(function, "property")
    if word is not None and syntax.text(word) == "bind":
        return syntax.field(function, "object") or node
    if required(node) is not None:
        return node
    for one in syntax.parts(given):
        inner = _unwrapped(walker, one)
        if inner.type in syntax.FUNCTIONS:
            return inner
        alone = len(syntax.parts(given)) == 1 and inner.type in ("identifier", "member_expression")
        if alone and walker.visit(inner).text in walker.names.functions:
            return inner
    return node


def _callback(walker: Walker, part: Node, callee: Callee, hint: str, block: list[Call]) -> Value:
    """A function given to a call: the name's own function where it is wrapped, else part of the call."""
    known = walker.names.functions.get(hint) if hint else None
    if known is not None and known[1] == part:
        return define(walker, part, hint)
    if walker.quiet:
        return Value(Shape.NAME, walker.line_name(part))
    inner = walker.within()
    inner.in_loop = walker.in_loop or callee.word in libraries.ITERATING
    for given in _given(callee):
        enter(inner, part, given)
        run(inner, part)
    block += inner.calls
    return Value(Shape.NAME, walker.line_name(part))


def _given(callee: Callee) -> list[tuple[Value, ...]]:
    """What a callback is given, once; once for each item where those are applications or routers."""
    if callee.word in libraries.ITERATING and callee.owner.shape is Shape.LIST:
        found = routed_items(callee.owner)
        if found:
            return [(item,) for item in found]
    kinds = libraries.CALLBACKS.get(callee.name, ())
    return [tuple(Value(Shape.INSTANCE, kind) if kind else NOTHING for kind in kinds)]


def _plain(walker: Walker, part: Node, hint: str, block: list[Call]) -> Value:
    """Any other argument; a function of the project's by name is called by whom it is given to."""
    wraps = part.type == "call_expression" and hint in walker.names.functions
    value = walker.visit_as(part, hint if wraps else "")
    named = part.type in ("identifier", "member_expression") and value.shape is Shape.NAME
    if named and not walker.quiet and value.text in walker.names.functions:
        place, caught = walker.place(part), walker.caught
        block.append(
            Call(value.text, place, (), Sureness.LIKELY, value.text, caught=caught, in_loop=walker.in_loop)
        )
    return value


def _emit(
    walker: Walker,
    node: Node,
    callee: Callee,
    arguments: tuple[Argument, ...],
    block: tuple[Call, ...],
    *,
    target: str,
    awaited: bool = False,
) -> None:
    if walker.quiet:
        return
    found = target if target in walker.names.functions else ""
    name = callee.name
    walker.calls.append(
        Call(
            name,
            walker.place(callee.node),
            arguments,
            Sureness.GUESS if name.startswith(UNKNOWN) else Sureness.CERTAIN,
            found,
            callee.owner,
            block,
            walker.caught,
            walker.in_loop,
            awaited or walker.awaited == node.id,
        )
    )


HANDLERS: Mapping[str, Handler] = {"call_expression": call, "new_expression": construction}
