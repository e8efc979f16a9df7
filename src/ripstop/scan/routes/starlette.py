"""Starlette by syntax: lists of Route and Mount, added routes and decorators."""

from __future__ import annotations

from ripstop.model.survey import Place
from ripstop.scan.code import Call, Codebase, Function, Shape, Value
from ripstop.scan.routes.classes import is_a, method_in
from ripstop.scan.routes.graph import Gap, Graph, Joint, Node, Point, decorator_guards, place_of
from ripstop.scan.routes.made import (
    MADE,
    MODULE,
    as_items,
    calls,
    followed,
    given,
    key,
    looped,
    method_of,
    module_of,
    named,
    objects,
    owner_of,
    parameters_bound,
    reference,
    text,
    texts,
    unnamed,
)
from ripstop.scan.routes.paths import braces

_LIBRARY = ("starlette",)
_MADE = ("Starlette", "Router")
_VERBS = ("get", "post", "put", "patch", "delete")
_HARMLESS = ("CORSMiddleware", "GZipMiddleware")
_MOST_LEVELS = 20


def graph(code: Codebase) -> Graph:
    """All Starlette applications and routers of the project and what is declared on them."""
    found = Graph("starlette")
    holders = [*objects(code, _LIBRARY, _MADE), *unnamed(code, _LIBRARY, ("Starlette",))]
    for name, value in holders:
        is_root = is_a(value.text, _LIBRARY, ("Starlette",), code)
        found.nodes[name] = Node("", _middleware(given(value, "middleware"), code), is_root)
    if not found.nodes:
        return found
    found.loops = looped(code, ("Route", "Mount"))
    for name, value in holders:
        _listed(
            found,
            name,
            given(value, "routes", 0 if "Router" in value.text else 1),
            _home(name, code),
            code,
            0,
        )
    bound = parameters_bound(code)
    for function, call in calls(code):
        _called(found, function, call, owner_of(call, function, code, bound), code)
    for function in code.functions.values():
        for decorator in function.decorators:
            owner = owner_of(decorator, function, code, bound)
            if method_of(decorator) == "route" and owner in found.nodes:
                _declared(found, owner, _as_value(decorator, function), function.place, code)
    return found


def _home(name: str, code: Codebase) -> Place:
    """Some place of the module in which a named object was made."""
    owner = name.rpartition(".")[0]
    function = code.functions.get(owner + MODULE) or code.functions.get(owner)
    return function.place if function is not None else Place("", 0)


def _as_value(call: Call, function: Function) -> Value:
    """A decorator written as the Route it stands for."""
    endpoint = ("endpoint", Value(Shape.NAME, function.name))
    return Value(Shape.CALL, "starlette.routing.Route", (*as_items(call), endpoint))


def _middleware(value: Value | None, code: Codebase) -> tuple[str, ...]:
    found = followed(value, code)
    inner = (given(item, "cls", 0) for _, item in found.items if item.shape in MADE)
    names = (reference(one, code) for one in inner)
    return tuple(name for name in names if name and name.rpartition(".")[2] not in _HARMLESS)


def _listed(found: Graph, owner: str, value: Value | None, home: Place, code: Codebase, level: int) -> None:
    if value is None or level > _MOST_LEVELS:
        return
    whole = followed(value, code)
    if whole.shape is not Shape.LIST:
        found.gaps.append(Gap(home, "its routes are computed"))
        return
    for _, item in whole.items:
        one = followed(item, code)
        kind = one.text.rpartition(".")[2] if one.shape in MADE else ""
        if kind and key(one) in found.loops:
            found.gaps.append(Gap(home, "makes routes in a loop"))
        elif kind == "Route":
            _declared(found, owner, one, home, code)
        elif kind in ("Mount", "Host"):
            _mounted(found, owner, one, home, code, level + 1)
        elif kind not in ("WebSocketRoute", "StaticFiles"):
            found.gaps.append(Gap(home, "its list of routes has a part that is computed"))


def _mounted(found: Graph, owner: str, one: Value, home: Place, code: Codebase, level: int) -> None:
    path = text(given(one, "path", 0), code) if not one.text.endswith("Host") else ""
    inner = given(one, "routes", None)
    child = named(given(one, "app", 1), code)
    if path is None:
        found.gaps.append(Gap(home, "mounts at a computed path"))
        return
    if inner is not None:
        child = f"{owner}{path}#{len(found.nodes)}"
        found.nodes[child] = Node("", _middleware(given(one, "middleware"), code))
        _listed(found, child, inner, home, code, level)
    elif child not in found.nodes:
        made = followed(given(one, "app", 1), code)
        if not (made.shape in MADE and is_a(made.text, _LIBRARY, _MADE, code)):
            return
        child = f"{owner}{path}#{len(found.nodes)}"
        found.nodes[child] = Node()
        _listed(found, child, given(made, "routes", 0 if "Router" in made.text else 1), home, code, level)
    found.joints.append(Joint(owner, child, braces(path).rstrip("/")))


def _declared(found: Graph, owner: str, one: Value, home: Place, code: Codebase) -> None:
    path = text(given(one, "path", 0), code)
    handler = reference(given(one, "endpoint", 1), code)
    if path is None or not handler:
        found.gaps.append(Gap(home, "has a route that is computed"))
        return
    for method, answering in _answers(handler, one, code):
        place = place_of(answering, home, code)
        guards = decorator_guards(code.functions.get(answering), ("route",))
        found.points.append(Point(owner, method, braces(path), answering, place, guards))


def _answers(handler: str, one: Value, code: Codebase) -> list[tuple[str, str]]:
    """Each method with the function for it: those of an HTTPEndpoint, else the stated ones, else GET."""
    own = [(verb.upper(), name) for verb in _VERBS if (name := method_in(handler, verb, code))]
    if own and handler not in code.functions:
        return own
    stated = texts(given(one, "methods"), code) or ["GET"]
    return [(method.upper(), handler) for method in stated]


def _called(found: Graph, function: Function, call: Call, owner: str, code: Codebase) -> None:
    if owner not in found.nodes:
        return
    items = as_items(call)
    kind = method_of(call)
    if kind == "add_route":
        value = Value(
            Shape.CALL,
            "starlette.routing.Route",
            tuple(("endpoint" if n == "route" else n, v) for n, v in items),
        )
        if call.in_loop or text(given(value, "path", 0), code, module_of(function.name)) is None:
            found.gaps.append(Gap(call.place, "adds routes that are computed"))
        else:
            _declared(found, owner, value, call.place, code)
    elif kind == "mount":
        _mounted(found, owner, Value(Shape.CALL, "starlette.routing.Mount", items), call.place, code, 0)
    elif kind == "add_middleware":
        name = reference(call.argument("middleware_class", 0), code)
        if name and name.rpartition(".")[2] not in _HARMLESS:
            node = found.nodes[owner]
            found.nodes[owner] = Node(node.prefix, (*node.guards, name), node.is_root)
