"""FastAPI by syntax: decorators on applications and routers, and what includes or mounts what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from ripstop.model.survey import Sureness
from ripstop.scan.code import Call, Codebase, Function, Shape, Value
from ripstop.scan.routes.classes import is_a, line
from ripstop.scan.routes.graph import Gap, Graph, Joint, Node, Point, decorator_guards, place_of
from ripstop.scan.routes.made import (
    MADE,
    as_items,
    calls,
    followed,
    given,
    method_of,
    module_of,
    named,
    objects,
    owner_of,
    parameters_bound,
    reference,
    text,
    texts,
)
from ripstop.scan.routes.paths import braces

VERBS = ("get", "post", "put", "patch", "delete", "head", "options", "trace")
REGISTERING = (*VERBS, "api_route", "route")
_DEPENDS = ("Depends", "Security")
_HARMLESS = ("CORSMiddleware", "GZipMiddleware", "BrotliMiddleware")
_MOST_LEVELS = 10


def graph(code: Codebase) -> Graph:
    """All FastAPI routers of the project and what is declared on them."""
    found = Graph("fastapi")
    for name, value in objects(code, ("fastapi",), ("FastAPI", "APIRouter")):
        is_root = is_a(value.text, ("fastapi",), ("FastAPI",), code)
        prefix = text(given(value, "prefix"), code) or ""
        found.nodes[name] = Node(braces(prefix), _depended(given(value, "dependencies"), code), is_root)
    if not found.nodes:
        return found
    bound = parameters_bound(code)
    for function, call in calls(code):
        owner = owner_of(call, function, code, bound)
        if owner in found.nodes or _is_ours(call, code):
            _read(found, function, call, owner, code, bound)
    for function in code.functions.values():
        for decorator in function.decorators:
            _decorated(found, function, decorator, owner_of(decorator, function, code, bound), code)
    found.points = _with_their_classes(found.points, code)
    return found


def _is_ours(call: Call, code: Codebase) -> bool:
    return is_a(call.name.rpartition(".")[0], ("fastapi",), ("FastAPI", "APIRouter"), code)


def _read(
    found: Graph, function: Function, call: Call, owner: str, code: Codebase, bound: dict[str, str]
) -> None:
    match method_of(call):
        case "include_router" | "mount":
            _joined(found, call, owner, code, bound)
        case "add_api_route" | "add_route":
            _added(found, function, call, owner, code)
        case "add_middleware":
            name = reference(call.argument("", 0) or call.argument("middleware_class"), code)
            if name and name.rpartition(".")[2] not in _HARMLESS:
                _guard(found, owner, name)


def _guard(found: Graph, owner: str, name: str) -> None:
    node = found.nodes.get(owner)
    if node is not None:
        found.nodes[owner] = Node(node.prefix, (*node.guards, name), node.is_root)


def _joined(found: Graph, call: Call, owner: str, code: Codebase, bound: dict[str, str]) -> None:
    mounts = method_of(call) == "mount"
    child = call.argument("app", 1) if mounts else call.argument("router", 0)
    where = call.argument("path", 0) if mounts else call.argument("prefix")
    name = named(child, code)
    name = bound.get(name, name)
    prefix = text(where, code) if where is not None else ""
    if mounts and name not in found.nodes:
        return
    if call.in_loop or name not in found.nodes or prefix is None or owner not in found.nodes:
        what = (
            "includes a router that is computed"
            if name not in found.nodes
            else "includes under a computed path"
        )
        found.gaps.append(Gap(call.place, what))
        return
    guards = _depended(call.argument("dependencies"), code)
    found.joints.append(Joint(owner, name, braces(prefix), guards))


def _added(found: Graph, function: Function, call: Call, owner: str, code: Codebase) -> None:
    handler = reference(call.argument("endpoint", 1) or call.argument("route", 1), code)
    path = text(call.argument("path", 0), code, module_of(function.name))
    methods = texts(call.argument("methods"), code) if call.argument("methods") is not None else ["GET"]
    known = owner in found.nodes and handler in code.functions
    if call.in_loop or path is None or methods is None or not known:
        found.gaps.append(Gap(call.place, "adds routes that are computed"))
        return
    before = _before(handler, call, code)
    for method in methods:
        place = place_of(handler, call.place, code)
        found.points.append(Point(owner, method.upper(), braces(path), handler, place, before))


def _decorated(found: Graph, function: Function, call: Call, owner: str, code: Codebase) -> None:
    verb = method_of(call)
    if verb == "middleware" and owner in found.nodes:
        _guard(found, owner, function.name)
    if verb not in REGISTERING:
        return
    sureness = Sureness.CERTAIN
    if owner not in found.nodes:
        if not _is_ours(call, code):
            return
        owner, sureness = _only_root(found, function), Sureness.LIKELY
    path = text(call.argument("path", 0), code, module_of(function.name))
    if path is None:
        found.gaps.append(Gap(call.place, f"{function.name} answers at a computed path"))
        return
    before = _before(function.name, call, code)
    for method in _methods(call, code):
        found.points.append(
            Point(owner, method, braces(path), function.name, function.place, before, sureness)
        )


def _only_root(found: Graph, function: Function) -> str:
    """The node for a route on an object that has no name: the one application, else one of its own."""
    roots = [name for name, node in found.nodes.items() if node.is_root]
    if len(roots) == 1:
        return roots[0]
    found.nodes.setdefault(function.name, Node())
    return function.name


def _methods(call: Call, code: Codebase) -> Sequence[str]:
    verb = method_of(call)
    if verb in VERBS:
        return (verb.upper(),)
    return [one.upper() for one in texts(call.argument("methods"), code) or ["GET"]]


def _before(handler: str, call: Call, code: Codebase) -> tuple[str, ...]:
    function = code.functions.get(handler)
    stated = _depended(call.argument("dependencies"), code)
    return (*stated, *_asked(function, code, 0), *decorator_guards(function, (*REGISTERING, "websocket")))


def _depended(value: Value | None, code: Codebase) -> tuple[str, ...]:
    """The dependencies in a list, each with those that it asks for itself."""
    found = followed(value, code)
    names = [reference(item, code) for _, item in found.items] if found.shape is Shape.LIST else []
    return tuple(one for name in names if name for one in (name, *_asked(code.functions.get(name), code, 1)))


def _with_their_classes(points: Iterable[Point], code: Codebase) -> list[Point]:
    """Handlers that are methods, with what the attributes of their classes depend on."""
    asked: dict[str, list[str]] = {}
    for _, call in calls(code):
        if method_of(call) in _DEPENDS and call.place.symbol in code.bases:
            made = Value(Shape.CALL, call.name, as_items(call))
            asked.setdefault(call.place.symbol, []).extend(_named(made, "", code, 0))
    found = []
    for point in points:
        owner = point.handler.rpartition(".")[0]
        above = line(owner, code) if owner in code.bases else []
        found.append(
            replace(point, guards=(*point.guards, *(one for c in above for one in asked.get(c, ()))))
        )
    return found


def _asked(function: Function | None, code: Codebase, level: int) -> Iterator[str]:
    """What the parameters of a handler or dependency depend on, at any depth."""
    if function is None or level > _MOST_LEVELS:
        return
    for parameter in function.parameters:
        for value in (*parameter.notes, *((parameter.default,) if parameter.default else ())):
            yield from _named(value, parameter.annotation, code, level)


def _named(value: Value, annotation: str, code: Codebase, level: int) -> Iterator[str]:
    """What ``Depends(...)`` names, or the annotation beside an empty one, and what that asks for."""
    if value.shape in MADE and value.text.rpartition(".")[2] in _DEPENDS:
        name = reference(value, code) if given(value, "dependency", 0) else annotation
        if name:
            yield name
            yield from _asked(_called(name, code), code, level + 1)


def _called(name: str, code: Codebase) -> Function | None:
    """The function that runs for a dependency: itself, or a class's constructor or ``__call__``."""
    return next(
        (
            code.functions[one]
            for one in (name, f"{name}.__init__", f"{name}.__call__")
            if one in code.functions
        ),
        None,
    )
