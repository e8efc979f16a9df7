"""Functions and classes where they are defined: their decorators, parameters, and a frame for their body."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from ripstop.scan.code import Call, Parameter, Shape, Value
from ripstop.scan.python import texts
from ripstop.scan.python.annotations import Annotation, annotation
from ripstop.scan.python.calling import entered
from ripstop.scan.python.expressions import value
from ripstop.scan.python.frames import Frame
from ripstop.scan.python.modules import ClassDefinition, Definition, FunctionNode, class_definition
from ripstop.scan.python.values import UNKNOWN_VALUE, first_known, instance, named

DEPENDS = frozenset({"fastapi.Depends", "fastapi.Security", "litestar.di.Provide", "fast_depends.Depends"})
OVERLOADS = ("overload", "setter", "deleter")


def define_function(node: FunctionNode, frame: Frame) -> None:
    """Make a function known where its statement stands, and note that its body is to be read."""
    name = f"{frame.name}.{node.name}"
    known = frame.project.symbols.get(name)
    if isinstance(known, Definition) and known.node is node:
        definition = known
    else:
        taken = known is not None and not _is_overload(known)
        name = f"{name}<{node.lineno}>" if taken else name
        definition = Definition(name, node, frame.module, frame.own_class if frame.is_class else "")
        frame.project.keep(name, definition, frame.module)
    if not frame.at_module:
        frame.names[node.name] = named(name)
        definition.around = frame
    if not frame.silent:
        frame.inner.append((definition, frame))


def _is_overload(known: object) -> bool:
    decorators = getattr(getattr(known, "node", None), "decorator_list", [])
    return any(texts.hole(decorator) in OVERLOADS for decorator in decorators)


def define_class(node: ast.ClassDef, frame: Frame) -> Frame:
    """Make a class known, and a frame to read its body in; its calls are those of where it stands."""
    name = f"{frame.name}.{node.name}"
    known = frame.project.symbols.get(name)
    if not isinstance(known, ClassDefinition) or known.node is not node:
        known = class_definition(node, frame.module, frame.name)
        frame.project.keep(name, known, frame.module)
    if not frame.at_module:
        frame.names[node.name] = named(name)
    return Frame(
        frame.project,
        frame.module,
        name,
        own_class=name,
        outer=frame,
        calls=frame.calls,
        inner=frame.inner,
        is_class=True,
        silent=frame.silent,
    )


def body_frame(definition: Definition, outer: Frame) -> Frame:
    """A frame for a function's body; ``outer`` is where it is defined, of which classes lend no names."""
    around: Frame | None = outer
    while around is not None and (around.is_class or around.at_module):
        around = around.outer
    own = definition.own_class or (around.own_class if around else "")
    return Frame(outer.project, definition.module, definition.name, own_class=own, outer=around)


def parameters(definition: Definition, frame: Frame) -> tuple[Parameter, ...]:
    """A function's parameters; the frame of its body learns what they hold."""
    given = definition.node.args
    positional = [*given.posonlyargs, *given.args]
    missing: list[ast.expr | None] = [None] * (len(positional) - len(given.defaults))
    pairs = [*zip(positional, [*missing, *given.defaults], strict=True)]
    pairs += [*zip(given.kwonlyargs, given.kw_defaults, strict=True)]
    found = []
    for place, (argument, default) in enumerate(pairs):
        told = annotation(argument.annotation, frame)
        written = value(default, frame) if default is not None else None
        frame.names[argument.arg] = _held(told, written, frame)
        if place == 0 and definition.own_class:
            frame.names[argument.arg] = _own(definition, frame.names[argument.arg])
        found.append(Parameter(argument.arg, told.name, written, told.notes))
    for rest in (given.vararg, given.kwarg):
        if rest is not None:
            frame.names[rest.arg] = UNKNOWN_VALUE
    return tuple(found)


def _own(definition: Definition, otherwise: Value) -> Value:
    decorators = [texts.hole(one) for one in getattr(definition.node, "decorator_list", [])]
    if "staticmethod" in decorators:
        return otherwise
    return named(definition.own_class) if "classmethod" in decorators else instance(definition.own_class)


def _held(told: Annotation, default: Value | None, frame: Frame) -> Value:
    """The object a parameter holds: of its annotation's type, or what a dependency gives."""
    given = [one for one in (*told.notes, default) if one is not None and one.text in DEPENDS]
    injected = [_injected(one, told, frame) for one in given]
    if told.of.shape is Shape.LIST or frame.project.type_of(told.of) in frame.project.symbols:
        return first_known(told.of, *injected)
    if told.of.shape is Shape.INSTANCE and "." in told.of.text:
        return told.of
    return first_known(*injected, told.of)


def _injected(depends: Value, told: Annotation, frame: Frame) -> Value:
    what = depends.get("0") or depends.get("dependency") or named(told.name)
    if what.shape is not Shape.NAME:
        return UNKNOWN_VALUE
    symbol = frame.project.symbols.get(what.text)
    if isinstance(symbol, Definition):
        summary = frame.project.summary(what.text)
        return first_known(summary.yielded, entered(frame.project, summary.returned))
    return instance(what.text) if isinstance(symbol, ClassDefinition) else UNKNOWN_VALUE


def decorators(nodes: Sequence[ast.expr], frame: Frame) -> tuple[Call, ...]:
    """A function's decorators from the outermost, each a call, those without arguments as well."""
    found = []
    for node in nodes:
        outside, frame.calls = frame.calls, []
        told = value(node, frame)
        if isinstance(node, ast.Call) and frame.calls:
            found.append(frame.calls.pop())
        else:
            owner = value(node.value, frame) if isinstance(node, ast.Attribute) else UNKNOWN_VALUE
            known = told.shape in (Shape.NAME, Shape.INSTANCE) and told.text
            name = told.text if known else f"?.{texts.hole(node)}"
            found.append(Call(name, frame.place(node), owner=owner))
        frame.calls = outside
    return tuple(found)
