"""Statements, one after another: what names are given, what is open, caught or repeated around each call."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from ripstop.scan.code import Argument, Shape, Value
from ripstop.scan.python import exits, texts
from ripstop.scan.python.annotations import annotation
from ripstop.scan.python.calling import element, entered, is_table
from ripstop.scan.python.defining import define_class, define_function
from ripstop.scan.python.emitting import Made, emit
from ripstop.scan.python.expressions import bind_names, value
from ripstop.scan.python.frames import Frame
from ripstop.scan.python.modules import Imported, imported, shared_name
from ripstop.scan.python.values import UNKNOWN_VALUE, first_known, named, text

FRAMEWORKS = (
    "fastapi.", "starlette.", "flask", "quart.", "litestar.", "sanic.", "aiohttp.web", "bottle.", "ninja.",
    "rest_framework.routers", "falcon.", "celery.Celery", "dramatiq.", "tornado.web",
)  # fmt: skip
"""Objects of these that a function makes keep their names: routes are told to them one by one."""
SUPPRESS = "contextlib.suppress"


def run(body: Sequence[ast.stmt], frame: Frame) -> None:
    """Read statements in their order into the frame."""
    for statement in body:
        reader = READERS.get(type(statement))
        if reader is not None:
            reader(statement, frame)


def _expression(node: ast.Expr, frame: Frame) -> None:
    if isinstance(node.value, ast.Constant):
        return
    told = value(node.value, frame)
    if told.shape in (Shape.CALL, Shape.INSTANCE):
        exits.aborted(told.text, told, node, frame)


def _assign(node: ast.Assign, frame: Frame) -> None:
    told = value(node.value, frame)
    for target in node.targets:
        bind(target, told, frame)
        if isinstance(target, ast.Name) and (frame.at_module or frame.is_class):
            frame.project.note(f"{frame.name}.{target.id}", node.value, told)


def _annotated(node: ast.AnnAssign, frame: Frame) -> None:
    told = value(node.value, frame) if node.value is not None else UNKNOWN_VALUE
    if told.shape in (Shape.UNKNOWN, Shape.NOTHING, Shape.CALL) and not frame.project.type_of(told):
        told = first_known(annotation(node.annotation, frame).of, told)
    bind(node.target, told, frame)


def _augmented(node: ast.AugAssign, frame: Frame) -> None:
    told = value(node.value, frame)
    if isinstance(node.target, ast.Name):
        before = frame.look_up(node.target.id)
        sum_of = ast.BinOp(node.target, node.op, node.value)
        joined = texts.joined(before, told, sum_of) if isinstance(node.op, ast.Add) else UNKNOWN_VALUE
        told = first_known(joined, before)
    bind(node.target, told, frame)


def bind(target: ast.expr, told: Value, frame: Frame) -> None:
    """Give a target its value; an attribute of a row's object is a write, and told as a call."""
    match target:
        case ast.Name(id=name):
            frame.assign(name, _kept(name, told, frame))
            if name in frame.stated:
                frame.project.learn(f"{frame.module.name}.{name}", told)
        case ast.Attribute(value=owner, attr=name):
            _set_attribute(target, value(owner, frame), name, told, frame)
        case ast.Subscript(value=owner, slice=key):
            value(owner, frame)
            value(key, frame)
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            meant = frame.project.meant(told)
            for place, part in enumerate(parts):
                item = meant.get(str(place)) if meant.shape is Shape.LIST else None
                bind(part, item or UNKNOWN_VALUE, frame)
        case _:
            bind_names(target, told, frame)


def _kept(name: str, told: Value, frame: Frame) -> Value:
    if told.shape is Shape.INSTANCE and told.text.startswith(FRAMEWORKS):
        whole = f"{frame.name}.{name}"
        frame.project.values[whole] = told
        return named(whole)
    return told


def _set_attribute(node: ast.expr, owner: Value, name: str, told: Value, frame: Frame) -> None:
    kind = frame.project.type_of(owner)
    if shared_name(node):
        frame.project.learn(f"state.{name}", told)
    if kind and kind == frame.own_class:
        frame.project.learn(f"{kind}.self.{name}", told)
    if kind and is_table(frame.project, kind):
        made = Made(node, named(f"{kind}.__setattr__"), owner, "__setattr__")
        made.arguments += [Argument(text(name)), Argument(told)]
        emit(made, frame)


def _return(node: ast.Return, frame: Frame) -> None:
    if node.value is not None:
        _returned(node.value, node, frame)


def _returned(node: ast.expr, statement: ast.stmt, frame: Frame) -> None:
    if isinstance(node, ast.IfExp):
        value(node.test, frame)
        _returned(node.body, statement, frame)
        _returned(node.orelse, statement, frame)
        return
    told = value(node, frame)
    if frame.returned.shape is not Shape.INSTANCE or told.shape is Shape.INSTANCE:
        frame.returned = first_known(frame.returned, told)
    exits.answer(told, statement, frame)


def _raise(node: ast.Raise, frame: Frame) -> None:
    told = value(node.exc, frame) if node.exc is not None else UNKNOWN_VALUE
    if node.cause is not None:
        value(node.cause, frame)
    exits.raised(told, node, frame)


def _if(node: ast.If, frame: Frame) -> None:
    value(node.test, frame)
    _branch(node.body, frame)
    _branch(node.orelse, frame)


def _branch(body: Sequence[ast.stmt], frame: Frame) -> None:
    frame.branches += 1
    run(body, frame)
    frame.branches -= 1


def _for(node: ast.For | ast.AsyncFor, frame: Frame) -> None:
    bind(node.target, element(frame.project, value(node.iter, frame)), frame)
    _repeated(node.body, frame)
    _branch(node.orelse, frame)


def _while(node: ast.While, frame: Frame) -> None:
    outside, frame.in_loop = frame.in_loop, True
    value(node.test, frame)
    frame.in_loop = outside
    _repeated(node.body, frame)
    _branch(node.orelse, frame)


def _repeated(body: Sequence[ast.stmt], frame: Frame) -> None:
    outside, frame.in_loop = frame.in_loop, True
    _branch(body, frame)
    frame.in_loop = outside


def _try(node: ast.Try | ast.TryStar, frame: Frame) -> None:
    outside = frame.caught
    names = [_names_caught(handler, frame) for handler in node.handlers]
    frame.caught = (*(name for some in names for name in some), *outside)
    run(node.body, frame)
    frame.caught = outside
    _branch(node.orelse, frame)
    for handler, some in zip(node.handlers, names, strict=True):
        before = len(frame.exits)
        if handler.name:
            frame.names[handler.name] = Value(Shape.INSTANCE, some[0]) if len(some) == 1 else UNKNOWN_VALUE
        _branch(handler.body, frame)
        exits.caught(some, handler, frame, before)
    run(node.finalbody, frame)


def _names_caught(handler: ast.ExceptHandler, frame: Frame) -> tuple[str, ...]:
    if handler.type is None:
        return ("BaseException",)
    return _names(value(handler.type, frame), handler.type)


def _names(told: Value, node: ast.expr) -> tuple[str, ...]:
    if told.shape is Shape.LIST:
        return tuple(name for _, item in told.items for name in _names(item, node))
    return (told.text if told.shape is Shape.NAME else texts.hole(node),)


def _with(node: ast.With | ast.AsyncWith, frame: Frame) -> None:
    _open(node.items, node, frame)


def _open(items: Sequence[ast.withitem], node: ast.With | ast.AsyncWith, frame: Frame) -> None:
    """Enter the first of the contexts, and read the others and the body as what happens within."""
    if not items:
        run(node.body, frame)
        return
    outside, caught = frame.calls, frame.caught
    before = len(outside)
    told = value(items[0].context_expr, frame)
    if told.shape in (Shape.CALL, Shape.INSTANCE) and told.text == SUPPRESS:
        frame.caught = (
            *(name for _, one in told.items for name in _names(one, items[0].context_expr)),
            *caught,
        )
    frame.calls = []
    _enter(told, items[0], frame)
    if items[0].optional_vars is not None:
        bind(items[0].optional_vars, entered(frame.project, told), frame)
    _open(items[1:], node, frame)
    _leave(told, items[0], frame)
    block, frame.calls, frame.caught = tuple(frame.calls), outside, caught
    if len(outside) == before or not isinstance(items[0].context_expr, ast.Call | ast.Await):
        _emit_method(told, "__aenter__" if isinstance(node, ast.AsyncWith) else "__enter__", items[0], frame)
    if outside:
        last = outside.pop()
        outside.append(replace(last, block=(*last.block, *block)))


def _enter(told: Value, item: ast.withitem, frame: Frame) -> None:
    _own_method(told, ("__enter__", "__aenter__"), item, frame)


def _leave(told: Value, item: ast.withitem, frame: Frame) -> None:
    _own_method(told, ("__exit__", "__aexit__"), item, frame)


def _own_method(told: Value, names: tuple[str, str], item: ast.withitem, frame: Frame) -> None:
    """The call of a context manager's own method, where the project defines its class."""
    kind = frame.project.type_of(told)
    for name in names:
        found = frame.project.inherited(kind, name) if kind else ""
        if found:
            emit(Made(item.context_expr, named(found), told, name), frame)
            return


def _emit_method(told: Value, name: str, item: ast.withitem, frame: Frame) -> None:
    kind = frame.project.type_of(told)
    callee = named(f"{frame.project.outside(kind) or kind}.{name}") if kind else UNKNOWN_VALUE
    emit(Made(item.context_expr, callee, told, name), frame)


def _match(node: ast.Match, frame: Frame) -> None:
    value(node.subject, frame)
    for case in node.cases:
        if case.guard is not None:
            value(case.guard, frame)
        _branch(case.body, frame)


def _import(node: ast.Import | ast.ImportFrom, frame: Frame) -> None:
    """An import inside a function; those of the module are known already."""
    if frame.at_module:
        return
    for name, bound in imported(node, frame.module):
        if isinstance(bound, Imported):
            frame.names[name] = frame.project.value(frame.project.imported(frame.module, bound))


def _global(node: ast.Global, frame: Frame) -> None:
    frame.stated |= set(node.names)


def _others(node: ast.Delete | ast.Assert, frame: Frame) -> None:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            value(child, frame)


def _function(node: ast.FunctionDef | ast.AsyncFunctionDef, frame: Frame) -> None:
    define_function(node, frame)


def _class(node: ast.ClassDef, frame: Frame) -> None:
    run(node.body, define_class(node, frame))


READERS: dict[type[ast.stmt], Callable[[Any, Frame], None]] = {
    ast.Expr: _expression,
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.Return: _return,
    ast.Raise: _raise,
    ast.If: _if,
    ast.For: _for,
    ast.AsyncFor: _for,
    ast.While: _while,
    ast.Try: _try,
    ast.TryStar: _try,
    ast.With: _with,
    ast.AsyncWith: _with,
    ast.Match: _match,
    ast.Import: _import,
    ast.ImportFrom: _import,
    ast.Global: _global,
    ast.Delete: _others,
    ast.Assert: _others,
    ast.FunctionDef: _function,
    ast.AsyncFunctionDef: _function,
    ast.ClassDef: _class,
}
