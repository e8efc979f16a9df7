"""Flask by syntax: decorators, blueprints inside blueprints, added rules and view classes."""

from __future__ import annotations

from collections.abc import Iterator

from ripstop.scan.code import Call, Codebase, Function, Value
from ripstop.scan.routes.classes import inherited, is_a, method_in
from ripstop.scan.routes.graph import Gap, Graph, Joint, Node, Point, decorator_guards, place_of
from ripstop.scan.routes.made import (
    calls,
    given,
    method_of,
    module_of,
    named,
    objects,
    owner_of,
    parameters_bound,
    reference,
    references,
    text,
    texts,
)
from ripstop.scan.routes.paths import angles

VERBS = ("get", "post", "put", "patch", "delete")
REGISTERING = (*VERBS, "route")
_LIBRARIES = ("flask", "quart", "apiflask", "flask_openapi3", "flask_smorest")
_APPLICATIONS = ("Flask", "Quart", "APIFlask", "OpenAPI")
_BLUEPRINTS = ("Blueprint", "APIBlueprint")
_BEFORE = ("before_request", "before_app_request")
_VIEWS = ("MethodView", "View", "Resource")


def graph(code: Codebase) -> Graph:
    """All Flask applications and blueprints of the project and what is declared on them."""
    found = Graph("flask")
    for name, value in objects(code, _LIBRARIES, (*_APPLICATIONS, *_BLUEPRINTS)):
        is_root = is_a(value.text, _LIBRARIES, _APPLICATIONS, code)
        found.nodes[name] = Node(angles(text(given(value, "url_prefix", 5), code) or ""), (), is_root)
    if not found.nodes:
        return found
    bound = parameters_bound(code)
    for function, call in calls(code):
        owner = owner_of(call, function, code, bound)
        if owner in found.nodes:
            _read(found, function, call, owner, code, bound)
        elif method_of(call) == "register_blueprint" and _is_ours(call, code):
            found.gaps.append(Gap(call.place, "registers on an application that is computed"))
    for function in code.functions.values():
        for decorator in function.decorators:
            _decorated(found, function, decorator, owner_of(decorator, function, code, bound), code)
    return found


def _is_ours(call: Call, code: Codebase) -> bool:
    return is_a(call.name.rpartition(".")[0], _LIBRARIES, (*_APPLICATIONS, *_BLUEPRINTS), code)


def _read(
    found: Graph, function: Function, call: Call, owner: str, code: Codebase, bound: dict[str, str]
) -> None:
    match method_of(call):
        case "register_blueprint":
            _registered(found, call, owner, code, bound)
        case "add_url_rule":
            _added(found, function, call, owner, code)
        case "before_request" | "before_app_request":
            _guard(found, owner, reference(call.argument("f", 0), code))


def _guard(found: Graph, owner: str, name: str) -> None:
    node = found.nodes[owner]
    if name:
        found.nodes[owner] = Node(node.prefix, (*node.guards, name), node.is_root)


def _registered(found: Graph, call: Call, owner: str, code: Codebase, bound: dict[str, str]) -> None:
    name = named(call.argument("blueprint", 0), code)
    name = bound.get(name, name)
    where = call.argument("url_prefix", 1)
    prefix = text(where, code) if where is not None else None
    if call.in_loop or name not in found.nodes or (where is not None and prefix is None):
        found.gaps.append(Gap(call.place, "registers a blueprint that is computed"))
        return
    found.joints.append(Joint(owner, name, angles(prefix or ""), instead=prefix is not None))


def _added(found: Graph, function: Function, call: Call, owner: str, code: Codebase) -> None:
    path = text(call.argument("rule", 0), code, module_of(function.name))
    view = call.argument("view_func", 2)
    handler = _viewed(view, code)
    methods = texts(call.argument("methods"), code) if call.argument("methods") is not None else []
    if call.in_loop or path is None or not handler or methods is None or not _is_there(handler, code):
        found.gaps.append(Gap(call.place, "adds rules that are computed"))
        return
    for method, answering, guards in _answers(handler, methods, code):
        place = place_of(answering, call.place, code)
        found.points.append(Point(owner, method, angles(path), answering, place, guards))


def _is_there(handler: str, code: Codebase) -> bool:
    return (
        handler in code.functions
        or handler in code.bases
        or any(f"{handler}.{verb}" in code.functions for verb in VERBS)
    )


def _viewed(view: Value | None, code: Codebase) -> str:
    """The function or class a rule leads to; ``Orders.as_view("orders")`` leads to ``Orders``."""
    if view is not None and view.text.endswith(".as_view"):
        owner = view.get(".")
        return named(owner, code) or view.text.removesuffix(".as_view")
    return reference(view, code)


def _answers(handler: str, stated: list[str], code: Codebase) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Each method, the function for it and what stands before it."""
    if handler in code.functions:
        guards = decorator_guards(code.functions[handler], REGISTERING)
        for method in stated or ["GET"]:
            yield method.upper(), handler, guards
        return
    shared = references(inherited(handler, "decorators", code), code)
    if is_a(handler, ("flask",), ("MethodView",), code) or not stated:
        for verb in VERBS:
            answering = method_in(handler, verb, code)
            if answering and (not stated or verb.upper() in [one.upper() for one in stated]):
                yield (
                    verb.upper(),
                    answering,
                    (*shared, *decorator_guards(code.functions[answering], REGISTERING)),
                )
        return
    for method in stated:
        yield method.upper(), f"{handler}.dispatch_request", shared


def _decorated(found: Graph, function: Function, call: Call, owner: str, code: Codebase) -> None:
    verb = method_of(call)
    if owner not in found.nodes:
        return
    if verb in _BEFORE:
        _guard(found, owner, function.name)
    if verb not in REGISTERING:
        return
    path = text(call.argument("rule", 0), code, module_of(function.name))
    if path is None:
        found.gaps.append(Gap(call.place, f"{function.name} answers at a computed path"))
        return
    guards = decorator_guards(function, (*REGISTERING, *_BEFORE))
    stated = texts(call.argument("methods"), code)
    for method in [verb] if verb in VERBS else stated or ["GET"]:
        found.points.append(Point(owner, method.upper(), angles(path), function.name, function.place, guards))
