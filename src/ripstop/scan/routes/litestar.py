"""Litestar by syntax: decorated handlers, controllers and routers, held together by lists."""

from __future__ import annotations

from collections.abc import Iterator

from ripstop.model.survey import Place
from ripstop.scan.code import Call, Codebase, Function, Shape, Value
from ripstop.scan.routes.classes import inherited, is_a
from ripstop.scan.routes.graph import Gap, Graph, Joint, Node, Point, decorator_guards
from ripstop.scan.routes.made import (
    MADE,
    MODULE,
    calls,
    followed,
    given,
    key,
    looped,
    method_of,
    named,
    objects,
    owner_of,
    parameters_bound,
    reference,
    references,
    text,
    unnamed,
)
from ripstop.scan.routes.paths import braces

VERBS = ("get", "post", "put", "patch", "delete", "head", "route")
_LIBRARY = ("litestar",)
_MOST_LEVELS = 20
_HARMLESS = ("CORSConfig", "CompressionConfig", "CompressionMiddleware")


def graph(code: Codebase) -> Graph:
    """All Litestar applications, routers, controllers and handlers, each a node."""
    found = Graph("litestar")
    for function in code.functions.values():
        for decorator in function.decorators:
            if is_a(decorator.name, _LIBRARY, VERBS, code):
                _handler(found, function, decorator, code)
    holders = [*objects(code, _LIBRARY, ("Litestar", "Router")), *unnamed(code, _LIBRARY, ("Litestar",))]
    for name, value in holders:
        is_root = is_a(value.text, _LIBRARY, ("Litestar",), code)
        found.nodes[name] = _node(value, code, is_root=is_root)
    found.loops = looped(code, ("Router", *VERBS))
    for name, value in holders:
        _holds(
            found,
            name,
            given(value, "route_handlers", None if "Router" in value.text else 0),
            _home(name, code),
            code,
            0,
        )
    bound = parameters_bound(code) if found.nodes else {}
    for function, call in calls(code):
        owner = owner_of(call, function, code, bound)
        if ".route_handlers." in call.name and method_of(call) in ("append", "extend"):
            _extended(found, call, code)
        if method_of(call) != "register" or owner not in found.nodes:
            continue
        if call.in_loop:
            found.gaps.append(Gap(call.place, "registers handlers in a loop"))
        else:
            _held(found, owner, call.argument("value", 0) or Value(), call.place, code, 0)
    return found


def _extended(found: Graph, call: Call, code: Codebase) -> None:
    """A plugin that adds handlers to the configuration: they are held by the only application there is."""
    roots = [name for name, node in found.nodes.items() if node.is_root]
    value = call.argument("", 0)
    if len(roots) != 1:
        found.gaps.append(Gap(call.place, "adds handlers to an application that is computed"))
    elif method_of(call) == "extend":
        _holds(found, roots[0], value, call.place, code, 0)
    else:
        _held(found, roots[0], value or Value(), call.place, code, 0)


def _home(name: str, code: Codebase) -> Place:
    owner = name.rpartition(".")[0]
    function = code.functions.get(owner + MODULE) or code.functions.get(owner)
    return function.place if function is not None else Place("", 0)


def _node(value: Value, code: Codebase, *, is_root: bool) -> Node:
    path = text(given(value, "path", None if is_root else 0), code) or ""
    guards = (*references(given(value, "guards"), code), *_middleware(given(value, "middleware"), code))
    return Node(braces(path).rstrip("/"), guards, is_root)


def _middleware(value: Value | None, code: Codebase) -> tuple[str, ...]:
    names = references(value, code)
    return tuple(name for name in names if name.rpartition(".")[2] not in _HARMLESS)


def _handler(found: Graph, function: Function, call: Call, code: Codebase) -> None:
    """A handler is a node of its own, below its controller where it is a method of one."""
    guards = (
        *references(call.argument("guards"), code),
        *_middleware(call.argument("middleware"), code),
        *decorator_guards(function, VERBS),
        *_provided(function, call.argument("dependencies"), code),
    )
    found.nodes[function.name] = Node("", guards)
    owner = function.name.rpartition(".")[0]
    if is_a(owner, _LIBRARY, ("Controller",), code) and owner not in _LIBRARY:
        _controller(found, owner, code)
        found.joints.append(Joint(owner, function.name))
    for path in _paths(call, code):
        if path is None:
            found.gaps.append(Gap(call.place, f"{function.name} answers at a computed path"))
            continue
        for method in _methods(call, code):
            found.points.append(Point(function.name, method, path, function.name, function.place))


def _provided(function: Function, value: Value | None, code: Codebase) -> Iterator[str]:
    asked = {one.name for one in function.parameters}
    for name, item in followed(value, code).items:
        if name in asked:
            yield reference(item, code)


def _controller(found: Graph, name: str, code: Codebase) -> None:
    path = text(inherited(name, "path", code), code) or ""
    guards = (
        *references(inherited(name, "guards", code), code),
        *_middleware(inherited(name, "middleware", code), code),
    )
    found.nodes.setdefault(name, Node(braces(path).rstrip("/"), guards))


def _paths(call: Call, code: Codebase) -> list[str | None]:
    value = call.argument("path", 0)
    if value is None or value.shape is Shape.NOTHING:
        return [""]
    whole = followed(value, code)
    found = (
        [text(item, code) for _, item in whole.items] if whole.shape is Shape.LIST else [text(whole, code)]
    )
    return [None if one is None else braces(one).strip("/") for one in found]


def _methods(call: Call, code: Codebase) -> list[str]:
    verb = method_of(call)
    if verb != "route":
        return [verb.upper()]
    value = followed(call.argument("http_method"), code)
    if value.shape is Shape.LIST:
        names = [text(item, code) or item.text.rpartition(".")[2] for _, item in value.items]
    else:
        names = [text(value, code) or value.text.rpartition(".")[2]]
    return [name.upper() for name in names if name] or ["GET"]


def _holds(found: Graph, owner: str, value: Value | None, home: Place, code: Codebase, level: int) -> None:
    if value is None:
        return
    whole = followed(value, code)
    if whole.shape is not Shape.LIST:
        found.gaps.append(Gap(home, "its route handlers are computed"))
        return
    for _, item in whole.items:
        _held(found, owner, item, home, code, level)


def _held(found: Graph, owner: str, item: Value, home: Place, code: Codebase, level: int) -> None:
    """One entry of a list of handlers: a function, a controller, a router by name or made on the spot."""
    name = named(item, code)
    made = followed(item, code)
    if made.shape in MADE and key(made) in found.loops:
        found.gaps.append(Gap(home, "makes routes in a loop"))
    elif name in found.nodes:
        found.joints.append(Joint(owner, name))
    elif made.shape in MADE and is_a(made.text, _LIBRARY, ("Router",), code) and level < _MOST_LEVELS:
        inner = f"{owner}#{len(found.nodes)}"
        found.nodes[inner] = _node(made, code, is_root=False)
        found.joints.append(Joint(owner, inner))
        _holds(found, inner, given(made, "route_handlers"), home, code, level + 1)
    elif any(is_a(base, _LIBRARY, ("Controller",), code) for base in code.bases.get(name, ())):
        _inheriting(found, owner, name, code)
    elif not is_a(made.text or name, _LIBRARY, (made.text or name).split(".")[-1:], code):
        found.gaps.append(Gap(home, "its list of route handlers has a part that is computed"))


def _inheriting(found: Graph, owner: str, name: str, code: Codebase) -> None:
    """A controller whose handlers are all its parents': their points, under its own path."""
    _controller(found, name, code)
    found.joints.append(Joint(owner, name))
    for base in code.bases.get(name, ()):
        found.joints += [Joint(name, one.child) for one in found.joints if one.parent == base]
