"""Fastify by syntax: methods, ``route``, plugins with a prefix, and hooks before the handler."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from ripstop.scan.code import Call, Codebase, Shape, Value
from ripstop.scan.routes.graph import Gap, Graph
from ripstop.scan.routes.made import method_of
from ripstop.scan.routes.paths import join
from ripstop.scan.routes.sites import VERBS, Path, Sites, flat, gather, name_of, paths_of

KINDS = ("fastify.FastifyInstance",)
_BEFORE = ("onRequest", "preParsing", "preValidation", "preHandler")
_HOOKS = re.compile(r"\.auto-?hooks\.", re.IGNORECASE)
_AUTOLOAD = ("@fastify/autoload", "fastify-autoload")


def graph(code: Codebase) -> Graph:
    """All Fastify instances of the project and what is declared on them."""
    return gather(Sites(Graph("fastify"), code, KINDS, KINDS), _read)


def _read(sites: Sites, call: Call, site: str) -> None:
    word = method_of(call)
    given = [argument.value for argument in call.arguments]
    if word == "register" and given:
        _registered(sites, call, site, given)
    elif word == "addHook" and len(given) > 1:
        if given[0].text in _BEFORE and (name := name_of(given[1])):
            sites.guard(site, "", [name])
    elif word == "route" and given:
        _declared(sites, call, site, given[0], given[0].get("url") or given[0].get("path"))
    elif word in VERBS and len(given) > 1:
        options = given[1] if given[1].shape is Shape.MAPPING else Value()
        handler = given[-1] if given[-1].shape is not Shape.MAPPING else options.get("handler")
        items = (("method", Value(Shape.TEXT, word)), *options.items)
        _declared(sites, call, site, Value(Shape.MAPPING, items=items), given[0], handler)


def _declared(
    sites: Sites, call: Call, site: str, options: Value, path: Value | None, handler: Value | None = None
) -> None:
    answers = handler or options.get("handler") or Value()
    before = [value for name in _BEFORE for value in flat(options.get(name) or Value())]
    called = [*(value for value in before if name_of(value)), answers]
    paths = paths_of(path or Value())
    if not paths:
        sites.graph.gaps.append(Gap(call.place, "declares a route whose path is computed"))
    for one in paths:
        for method in flat(options.get("method") or Value()):
            sites.point(site, method.text or "*", one, called, call)


def _registered(sites: Sites, call: Call, site: str, given: list[Value]) -> None:
    """``register(plugin, {prefix})``: the plugin's function is given an instance of its own."""
    plugin, options = given[0], given[1] if len(given) > 1 else Value()
    prefix = next(iter(paths_of(options.get("prefix") or Value())), Path(""))
    if plugin.text in _AUTOLOAD:
        inner = options.get("options") or Value()
        prefix = next(iter(paths_of(inner.get("prefix") or Value())), prefix)
        sites.later.append(partial(_loaded, sites, call, site, options, prefix.text))
    elif plugin.text in sites.code.functions:
        sites.join(site, f"{plugin.text}.0", prefix.text)
    elif plugin.shape is Shape.UNKNOWN:
        sites.graph.gaps.append(Gap(call.place, "registers what only the running application knows"))


def _loaded(sites: Sites, call: Call, site: str, options: Value, prefix: str) -> None:
    """A folder of plugins: its folders are parts of the path (@fastify/autoload, ``dirNameRoutePrefix``)."""
    folder = options.get("dir") or Value()
    last = [item.text for _, item in folder.items if item.shape is Shape.TEXT]
    if not last:
        sites.graph.gaps.append(Gap(call.place, "registers a folder whose name is computed"))
        return
    parts = [*call.place.path.split("/")[:-1]]
    for part in "/".join(last).split("/"):
        parts = parts[:-1] if part == ".." else [*parts, part] if part not in ("", ".") else parts
    start = ".".join(parts)
    plugins = {name: _folder(name, start) for name in _plugins(sites, start)}
    hooks = {name: folder for name, folder in plugins.items() if _HOOKS.search(name)}
    for name, below in plugins.items():
        guards = [
            guard
            for hook, where in hooks.items()
            if hook != name and below[: len(where)] == where
            for guard in sites.guards(f"{hook}.0", "")
        ]
        sites.join(site, f"{name}.0", join(prefix, *(_segment(one) for one in below)), guards)


def _plugins(sites: Sites, start: str) -> Iterator[str]:
    """The functions below a folder that do something with their first parameter as an application."""
    for node in list(sites.graph.nodes):
        name = node.removesuffix(".0")
        if node.endswith(".0") and name.startswith(f"{start}.") and name in sites.code.functions:
            yield name


def _folder(name: str, start: str) -> list[str]:
    return name.removeprefix(f"{start}.").split(".")[:-2]


def _segment(folder: str) -> str:
    return f"{{{folder[1:]}}}" if folder.startswith("_") else folder
