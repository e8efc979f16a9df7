"""Annotations: the type they name as the value an object of it would be, and what ``Annotated`` adds."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from ripstop.scan.code import Shape, Value
from ripstop.scan.python.expressions import value
from ripstop.scan.python.frames import Frame
from ripstop.scan.python.modules import Assigned, ClassDefinition
from ripstop.scan.python.values import UNKNOWN_VALUE, instance, listed, named

LISTS = frozenset({
    "list", "set", "frozenset", "tuple", "typing.List", "typing.Set", "typing.Sequence", "typing.Iterable",
    "typing.Tuple", "typing.FrozenSet", "typing.Collection", "collections.abc.Sequence", "collections.deque",
    "collections.abc.Iterable", "collections.abc.Collection", "collections.abc.Set", "sqlalchemy.Sequence",
})  # fmt: skip
GENERATORS = ("Iterator", "AsyncIterator", "Generator", "AsyncGenerator", "ContextManager", "AsyncIterable",
              "AbstractContextManager", "AbstractAsyncContextManager", "AsyncContextManager")  # fmt: skip
SAME = frozenset({
    "Optional", "Awaitable", "Required", "NotRequired", "Final", "ClassVar", "ReadOnly", "InitVar", "Mapped",
    "WriteOnlyMapped", "DynamicMapped", "Provide", "FromDishka", "Injected",
})  # fmt: skip
NO_TYPE = frozenset(
    {"typing.Any", "object", "typing.Callable", "collections.abc.Callable", "typing.TypeVar", "type"}
)
MOST_DEPTH = 12


@dataclass(frozen=True, slots=True)
class Annotation:
    """``of`` is an object of the type (unknown where it tells nothing), ``name`` the type's dotted name."""

    of: Value = UNKNOWN_VALUE
    name: str = ""
    notes: tuple[Value, ...] = ()


NONE = Annotation(Value(Shape.NOTHING), "None")


def annotation(node: ast.expr | None, frame: Frame, *, depth: int = 0) -> Annotation:
    """What an annotation says, read in the frame it stands in; aliases are followed."""
    if node is None or depth > MOST_DEPTH:
        return Annotation()
    match node:
        case ast.Constant(value=None):
            return NONE
        case ast.Constant(value=str(written)):
            return annotation(parsed_annotation(written), frame, depth=depth + 1)
        case ast.BinOp(op=ast.BitOr(), left=left, right=right):
            return _either([left, right], frame, depth)
        case ast.Subscript(value=outer, slice=inner):
            return _subscript(outer, inner, frame, depth)
        case ast.Name() | ast.Attribute():
            return _plain(node, frame, depth)
    return Annotation()


def parsed_annotation(written: str) -> ast.expr | None:
    """The expression in an annotation that is written as a text; None where it is none."""
    try:
        return ast.parse(written.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _either(nodes: list[ast.expr], frame: Frame, depth: int) -> Annotation:
    """The first alternative that is not None."""
    read = [annotation(node, frame, depth=depth + 1) for node in nodes]
    return next((one for one in read if one.name and one is not NONE), read[0] if read else Annotation())


def _plain(node: ast.expr, frame: Frame, depth: int) -> Annotation:
    dotted = _dotted(node, frame)
    if not dotted:
        return Annotation()
    project = frame.project
    symbol = project.symbols.get(dotted)
    if isinstance(symbol, Assigned) and symbol.value is not None:
        if not isinstance(symbol.value, ast.Name | ast.Attribute | ast.Subscript | ast.BinOp | ast.Constant):
            told = project.constant(dotted)
            if told.text.endswith(".TypeVar"):
                return _filled_in(dotted.rpartition(".")[2], frame, depth)
            return Annotation(told, dotted)
        home = project.homes[dotted]
        alias = Frame(project, home, dotted.rpartition(".")[0], silent=True)
        return annotation(symbol.value, alias, depth=depth + 1)
    if dotted.endswith(".Self") and frame.own_class:
        dotted = frame.own_class
    if dotted in NO_TYPE:
        return Annotation(name=dotted)
    if dotted in LISTS:
        return Annotation(Value(Shape.LIST), dotted)
    return Annotation(instance(dotted), dotted)


def _filled_in(parameter: str, frame: Frame, depth: int) -> Annotation:
    """What the class at hand puts in place of a type parameter."""
    symbol = frame.project.symbols.get(frame.own_class)
    stated = frame.project.type_arguments(frame.own_class).get(parameter) if frame.own_class else None
    if stated is None or not isinstance(symbol, ClassDefinition):
        return Annotation()
    home = Frame(frame.project, symbol.module, symbol.module.name, at_module=True, silent=True)
    return annotation(stated, home, depth=depth + 1)


def _dotted(node: ast.expr, frame: Frame) -> str:
    """The dotted name an annotation's expression stands for: classes only, so constants are not opened."""
    if isinstance(node, ast.Name):
        if node.id in frame.module.bound and not _is_local(node.id, frame):
            return frame.project.member(frame.module.name, node.id)
        found = frame.look_up(node.id)
        return found.text if found.shape is Shape.NAME else ""
    found = value(node, frame)
    return found.text if found.shape is Shape.NAME else ""


def _is_local(name: str, frame: Frame) -> bool:
    one: Frame | None = frame
    while one is not None:
        if name in one.names:
            return True
        one = one.outer
    return False


def _subscript(outer: ast.expr, inner: ast.expr, frame: Frame, depth: int) -> Annotation:
    name = _dotted(outer, frame)
    last = name.rpartition(".")[2]
    parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
    if last == "Annotated" and parts:
        told = annotation(parts[0], frame, depth=depth + 1)
        notes = tuple(value(part, frame) for part in parts[1:])
        return Annotation(told.of, told.name, (*told.notes, *notes))
    if last == "Union":
        return _either(parts, frame, depth)
    if last == "Literal":
        return Annotation(instance("str"), "str")
    if not parts or not name:
        return Annotation(name=name)
    return _generic(name, last, parts, frame, depth)


def _generic(name: str, last: str, parts: list[ast.expr], frame: Frame, depth: int) -> Annotation:
    if last in SAME:
        return annotation(parts[0], frame, depth=depth + 1)
    if last == "Coroutine":
        return annotation(parts[-1], frame, depth=depth + 1)
    if last in ("type", "Type"):
        told = annotation(parts[0], frame, depth=depth + 1)
        return Annotation(named(told.name), told.name) if told.name else Annotation()
    if last in GENERATORS:
        told = annotation(parts[0], frame, depth=depth + 1)
        return Annotation(instance("collections.abc.Iterator", (("0", told.of),)), name)
    if name in LISTS:
        told = annotation(parts[0], frame, depth=depth + 1)
        return Annotation(listed([told.of]), name)
    return Annotation(instance(name) if name not in NO_TYPE else UNKNOWN_VALUE, name)
