"""Express by syntax: methods of applications and routers, ``route()``, and routers within routers."""

from __future__ import annotations

from ripstop.scan.code import Call, Codebase, Shape, Value
from ripstop.scan.routes.graph import Gap, Graph
from ripstop.scan.routes.made import method_of
from ripstop.scan.routes.sites import (
    VERBS,
    Path,
    Sites,
    arguments,
    flat,
    gather,
    name_of,
    paths_of,
)

KINDS = ("express.Application", "express.Router", "express.Route")


def graph(code: Codebase) -> Graph:
    """All Express applications and routers of the project and what is declared on them."""
    return gather(Sites(Graph("express"), code, KINDS, ("express.Application",)), _read)


def _read(sites: Sites, call: Call, site: str) -> None:
    word = method_of(call)
    if call.owner.text == "express.Route":
        if word in VERBS:
            for path in paths_of(call.owner.get("path") or Value()):
                sites.point(site, word, path, arguments(call), call)
    elif word == "use":
        _used(sites, call, site)
    elif word in VERBS and len(call.arguments) > 1:
        called = [value for argument in call.arguments[1:] for value in flat(argument.value)]
        paths = paths_of(call.arguments[0].value)
        for path in paths:
            sites.point(site, word, path, called, call)
        if not paths and called:
            sites.graph.gaps.append(Gap(call.place, "declares a route whose path is computed"))


def _used(sites: Sites, call: Call, site: str) -> None:
    """``use(path, ...)``: routers are held, anything else goes before what follows."""
    if not call.arguments:
        return
    paths = paths_of(call.arguments[0].value)
    rest = call.arguments[1:] if paths else call.arguments
    called = [value for argument in rest for value in flat(argument.value)]
    guards: list[str] = []
    for value in called:
        child = sites.node(value) if value.shape is Shape.INSTANCE else ""
        for path in (paths or [Path("")]) if child else ():
            sites.join(site, child, path.text, guards)
        if not child and (name := name_of(value)):
            guards.append(name)
        elif not child and value.shape is Shape.UNKNOWN:
            sites.graph.gaps.append(Gap(call.place, "uses what only the running application knows"))
    for path in paths or [Path("")]:
        sites.guard(site, path.text, guards)
