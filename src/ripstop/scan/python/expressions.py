"""Expressions: their values, and the calls made on the way, in the order in which they happen.

Each reader takes a node and the frame it stands in; calls are added to the frame. Statements, and the
bodies of lambdas, are read elsewhere.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from ripstop.scan.code import YIELD, Shape, Value
from ripstop.scan.python import texts
from ripstop.scan.python.attributes import attribute
from ripstop.scan.python.calling import element, is_table, result
from ripstop.scan.python.emitting import Made, emit
from ripstop.scan.python.frames import Frame
from ripstop.scan.python.modules import Definition
from ripstop.scan.python.values import (
    MOST_ITEMS,
    UNKNOWN_VALUE,
    arguments_as_items,
    first_known,
    instance,
    listed,
    made,
    named,
    number,
    one_of,
    setting,
    text,
)


def value(node: ast.expr, frame: Frame) -> Value:
    """The value of an expression, as far as it can be told."""
    return READERS.get(type(node), _children)(node, frame)


def _children(node: ast.AST, frame: Frame) -> Value:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            value(child, frame)
        elif isinstance(child, ast.comprehension | ast.keyword):
            _children(child, frame)
    return UNKNOWN_VALUE


def _constant(node: ast.Constant, _frame: Frame) -> Value:
    match node.value:
        case None:
            return Value(Shape.NOTHING)
        case str(content):
            return text(content)
        case bytes(content):
            return text(content.decode("utf-8", "replace"))
        case bool(content):
            return number(str(content).lower())
        case int() | float():
            return number(_digits(node.value))
    return UNKNOWN_VALUE


def _digits(content: float) -> str:
    try:
        return repr(content)
    except ValueError:
        return "0"


def _name(node: ast.Name, frame: Frame) -> Value:
    return frame.look_up(node.id)


def _attribute(node: ast.Attribute, frame: Frame) -> Value:
    if _is_super(node.value):
        return _inherited(node.attr, frame)
    owner = value(node.value, frame)
    if node.attr == "urls" and owner.shape is Shape.NAME and frame.project.type_of(owner):
        return named(f"{owner.text}.urls")
    return attribute(frame.project, owner, node.attr)


def _is_super(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"


def _inherited(name: str, frame: Frame) -> Value:
    own = frame.own_class
    if not own:
        return UNKNOWN_VALUE
    found = frame.project.inherited(own, name, after=True)
    outside = frame.project.outside(own)
    return named(found or (f"{outside}.{name}" if outside else f"{own}.{name}"))


def _call(node: ast.Call, frame: Frame, *, awaited: bool = False) -> Value:
    owner, callee, written = _callee(node.func, frame)
    made_call = Made(node, callee, owner, written, awaited=awaited)
    for given in node.args:
        if isinstance(given, ast.Starred):
            made_call.give(value(given.value, frame), "*")
        else:
            made_call.give(value(given, frame))
    for keyword in node.keywords:
        made_call.give(value(keyword.value, frame), keyword.arg or "**")
    name = emit(made_call, frame)
    if name == "setattr":
        _set_by_name(made_call, frame)
    if callee.shape is not Shape.NAME or frame.project.type_of(callee):
        callee = named(name) if not name.startswith("?") else callee
    return result(frame.project, callee, arguments_as_items(made_call.arguments, owner), owner)


def _set_by_name(made_call: Made, frame: Frame) -> None:
    """``setattr(order, name, value)``: a change of a row, as an assignment would be."""
    owner, *rest = [argument.value for argument in made_call.arguments] or [UNKNOWN_VALUE]
    kind = frame.project.type_of(owner)
    if kind and is_table(frame.project, kind):
        changed = Made(made_call.node, named(f"{kind}.__setattr__"), owner, "__setattr__")
        for one in rest:
            changed.give(one)
        emit(changed, frame)


def _callee(node: ast.expr, frame: Frame) -> tuple[Value, Value, str]:
    """What is called: the value it is called on, the value called, and its last name as written."""
    if isinstance(node, ast.Attribute):
        if _is_super(node.value):
            return instance(frame.own_class), _inherited(node.attr, frame), node.attr
        owner = value(node.value, frame)
        return owner, attribute(frame.project, owner, node.attr), node.attr
    return UNKNOWN_VALUE, value(node, frame), texts.hole(node)


def _lambda(node: ast.Lambda, frame: Frame) -> Value:
    name = f"{frame.name.removesuffix('.<module>')}.<lambda {node.lineno}>"
    if name in frame.project.symbols:
        name = f"{name[:-1]}:{node.col_offset}>"
    if not frame.silent:
        definition = Definition(name, node, frame.module, around=frame)
        frame.project.keep(name, definition, frame.module)
        frame.inner.append((definition, frame))
    return named(name)


def _joined(node: ast.JoinedStr, frame: Frame) -> Value:
    parts = []
    for one in node.values:
        if isinstance(one, ast.FormattedValue):
            parts.append(texts.part(value(one.value, frame), one.value))
        elif isinstance(one, ast.Constant):
            parts.append(str(one.value))
    return text("".join(parts))


def _compared(node: ast.Compare, frame: Frame) -> Value:
    """A condition on columns, as the tables they are of; any other comparison is unknown."""
    _children(node, frame)
    owners = [one.value for one in (node.left, *node.comparators) if isinstance(one, ast.Attribute)]
    classes = [frame.project.meant(frame.look_up(one.id)) for one in owners if isinstance(one, ast.Name)]
    tables = [one for one in classes if one.shape is Shape.NAME and is_table(frame.project, one.text)]
    return listed(tables) if tables else UNKNOWN_VALUE


def _operation(node: ast.BinOp, frame: Frame) -> Value:
    left, right = value(node.left, frame), value(node.right, frame)
    if isinstance(node.op, ast.BitAnd | ast.BitOr) and Shape.LIST in (left.shape, right.shape):
        return listed([*_parts(left), *_parts(right)])
    if isinstance(node.op, ast.Add) and Shape.LIST in (left.shape, right.shape):
        return listed([*_parts(left), *_parts(right)])
    if isinstance(node.op, ast.Add):
        return texts.joined(left, right, node)
    if isinstance(node.op, ast.Mod) and left.shape is Shape.TEXT:
        return texts.percent(left, right)
    if isinstance(node.op, ast.Div) and texts.is_text(left) and right.shape is Shape.TEXT:
        return texts.address(left, right)
    return _product(left, right, node)


def _parts(of: Value) -> list[Value]:
    """The items of a list; what is no list, such as a router's paths, stands for its own."""
    return [item for _, item in of.items] if of.shape is Shape.LIST else [of]


def _product(left: Value, right: Value, node: ast.BinOp) -> Value:
    whole = left.shape is right.shape is Shape.NUMBER and left.text.isdigit() and right.text.isdigit()
    if whole and isinstance(node.op, ast.Mult) and len(left.text) + len(right.text) < 20:
        return number(str(int(left.text) * int(right.text)))
    return UNKNOWN_VALUE


def _either(node: ast.BoolOp, frame: Frame) -> Value:
    values = [value(one, frame) for one in node.values]
    return first_known(*values) if isinstance(node.op, ast.Or) else first_known(*reversed(values))


def _conditional(node: ast.IfExp, frame: Frame) -> Value:
    value(node.test, frame)
    return first_known(value(node.body, frame), value(node.orelse, frame))


def _mapping(node: ast.Dict, frame: Frame) -> Value:
    items: list[tuple[str, Value]] = []
    for key, content in zip(node.keys, node.values, strict=True):
        if len(items) > MOST_ITEMS and isinstance(content, ast.Constant):
            continue
        name = value(key, frame) if key is not None else Value(Shape.UNKNOWN, "**")
        told = value(content, frame)
        if key is None and told.shape is Shape.MAPPING:
            items += list(told.items)
        else:
            items.append((name.text, told))
    return made(Shape.MAPPING, "", tuple(items))


def _list(node: ast.List | ast.Tuple | ast.Set, frame: Frame) -> Value:
    found: list[Value] = []
    for one in node.elts:
        if len(found) > MOST_ITEMS and isinstance(one, ast.Constant):
            continue
        if isinstance(one, ast.Starred):
            told = value(one.value, frame)
            found += [item for _, item in told.items] if told.shape is Shape.LIST else [UNKNOWN_VALUE]
        else:
            found.append(value(one, frame))
    return listed(found)


def _subscript(node: ast.Subscript, frame: Frame) -> Value:
    owner = value(node.value, frame)
    key = value(node.slice, frame)
    if owner.shape is Shape.NAME and owner.text == "os.environ":
        return setting(key.text) if key.shape is Shape.TEXT else UNKNOWN_VALUE
    meant = frame.project.meant(owner)
    if meant.shape is Shape.NAME:
        return meant
    if meant.shape in (Shape.MAPPING, Shape.LIST) and key.shape in (Shape.TEXT, Shape.NUMBER):
        found = meant.get(key.text)
        return found or (element(frame.project, meant) if meant.shape is Shape.LIST else UNKNOWN_VALUE)
    if meant.shape is Shape.MAPPING:
        return one_of(meant)
    if isinstance(node.slice, ast.Slice):
        return meant
    return element(frame.project, meant)


def _await(node: ast.Await, frame: Frame) -> Value:
    if isinstance(node.value, ast.Call):
        return _call(node.value, frame, awaited=True)
    return value(node.value, frame)


def _assigned(node: ast.NamedExpr, frame: Frame) -> Value:
    told = value(node.value, frame)
    frame.assign(node.target.id, told)
    return told


def _comprehension(node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp, frame: Frame) -> Value:
    outside = frame.in_loop
    for generator in node.generators:
        bind_names(generator.target, element(frame.project, value(generator.iter, frame)), frame)
        frame.in_loop = True
        for condition in generator.ifs:
            value(condition, frame)
    if isinstance(node, ast.DictComp):
        value(node.key, frame)
        told = Value(Shape.MAPPING)
        value(node.value, frame)
    else:
        told = listed([value(node.elt, frame)])
    frame.in_loop = outside
    return told


def bind_names(target: ast.expr, told: Value, frame: Frame) -> None:
    """Give the names of a target their values; parts of a list by their place."""
    match target:
        case ast.Name(id=name):
            frame.assign(name, told)
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            told = frame.project.meant(told)
            for place, part in enumerate(parts):
                item = told.get(str(place)) if told.shape is Shape.LIST else None
                bind_names(part, item or UNKNOWN_VALUE, frame)
        case ast.Starred(value=rest):
            bind_names(rest, UNKNOWN_VALUE, frame)


def _yield(node: ast.Yield, frame: Frame) -> Value:
    told = value(node.value, frame) if node.value is not None else UNKNOWN_VALUE
    frame.yielded = first_known(frame.yielded, told)
    emit(Made(node, named(YIELD), UNKNOWN_VALUE, YIELD), frame)
    return UNKNOWN_VALUE


def _yield_from(node: ast.YieldFrom, frame: Frame) -> Value:
    told = value(node.value, frame)
    frame.yielded = first_known(frame.yielded, element(frame.project, told))
    return UNKNOWN_VALUE


READERS: dict[type[ast.AST], Callable[[Any, Frame], Value]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Call: _call,
    ast.Lambda: _lambda,
    ast.JoinedStr: _joined,
    ast.BinOp: _operation,
    ast.Compare: _compared,
    ast.BoolOp: _either,
    ast.IfExp: _conditional,
    ast.Dict: _mapping,
    ast.List: _list,
    ast.Tuple: _list,
    ast.Set: _list,
    ast.Subscript: _subscript,
    ast.Await: _await,
    ast.NamedExpr: _assigned,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.DictComp: _comprehension,
    ast.Yield: _yield,
    ast.YieldFrom: _yield_from,
}
