"""Hono by syntax: methods, ``on``, ``basePath`` and applications below applications."""

from __future__ import annotations

from ripstop.scan.code import Call, Codebase, Shape, Value
from ripstop.scan.routes.graph import Gap, Graph
from ripstop.scan.routes.made import followed, method_of
from ripstop.scan.routes.sites import VERBS, Path, Sites, flat, gather, name_of, paths_of

KINDS = ("hono.Hono",)


def graph(code: Codebase) -> Graph:
    """All Hono applications of the project and what is declared on them."""
    return gather(Sites(Graph("hono"), code, KINDS, KINDS), _read)


def _read(sites: Sites, call: Call, site: str) -> None:
    _based(sites, call.owner, site)
    word = method_of(call)
    given = [argument.value for argument in call.arguments]
    if word == "route" and len(given) > 1:
        child = given[1]
        held = sites.node(child) if child.shape is Shape.INSTANCE else ""
        _based(sites, child, held)
        for path in paths_of(given[0]) if held else ():
            sites.join(site, held, path.text)
        if not held:
            sites.graph.gaps.append(Gap(call.place, "holds what only the running application knows"))
    elif word == "use":
        _used(sites, site, given)
    elif word == "on" and len(given) > 2:
        for method in flat(given[0]):
            _declared(sites, call, site, method.text, given[1:])
    elif word == "openapi" and len(given) > 1:
        _described(sites, call, site, given)
    elif word in VERBS and len(given) > 1:
        _declared(sites, call, site, word, given)


def _based(sites: Sites, value: Value, site: str) -> None:
    """What ``basePath`` gave hangs on the application it was asked of."""
    on, path = value.get("on"), value.get("path")
    if on is None or path is None or not on.text or not site:
        return
    sites.node(Value(Shape.INSTANCE, value.text, (("@", on),)))
    for prefix in paths_of(path):
        sites.join(on.text, site, prefix.text)


def _used(sites: Sites, site: str, given: list[Value]) -> None:
    paths = paths_of(given[0]) if given else []
    names = [name_of(value) for one in given[1 if paths else 0 :] for value in flat(one)]
    for path in paths or [Path("")]:
        sites.guard(site, path.text, list(filter(None, names)))


def _declared(sites: Sites, call: Call, site: str, method: str, given: list[Value]) -> None:
    paths = paths_of(given[0])
    called = [value for one in given[1:] for value in flat(one)]
    for path in paths:
        sites.point(site, method, path, called, call)
    if not paths:
        sites.graph.gaps.append(Gap(call.place, "declares a route whose path is computed"))


def _described(sites: Sites, call: Call, site: str, given: list[Value]) -> None:
    """``openapi(createRoute({method, path}), handler)``: the path has braces already."""
    made = followed(given[0], sites.code)
    described = made.get("0") or made
    method, path = described.get("method"), described.get("path")
    if method is None or path is None or path.shape is not Shape.TEXT:
        sites.graph.gaps.append(Gap(call.place, "declares a route that is described elsewhere"))
        return
    sites.point(site, method.text, Path(path.text), given[1:2], call)
