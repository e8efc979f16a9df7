"""What the JavaScript frameworks have in common: applications told apart, paths with ``:name``, middleware.

An application or router is known by the item ``@`` of its value, the place where it was made; a function's
parameter by the function's name and its position, since applications are handed to functions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from ripstop.model.survey import Route, Sureness
from ripstop.scan.code import UNKNOWN, Call, Codebase, Shape, Value
from ripstop.scan.routes.graph import Graph, Joint, Node, Point
from ripstop.scan.routes.made import MODULE, method_of
from ripstop.scan.routes.paths import regex

IDENTITY = "@"
SITES = frozenset(
    {"express.Application", "express.Router", "express.Route", "hono.Hono", "fastify.FastifyInstance"}
)
REGISTERING = frozenset(
    {"get", "post", "put", "patch", "delete", "del", "options", "head", "all", "use", "on", "register",
     "route", "addHook", "openapi"}
)  # fmt: skip
VERBS = ("get", "post", "put", "patch", "delete", "del", "options", "head", "all")
ANY = "*"
"""The method of a route that answers to all."""
_NAMED = re.compile(r":(\w+)(?:\((?:[^()]|\([^()]*\))*\)|\{[^{}]*\})?([?*+]?)")
_OPTIONAL = re.compile(r"\{(/?[^{}]*:\w+[^{}]*|/?\*\w+)\}")
_REST = re.compile(r"\*(\w*)")
_HOLE = re.compile(r"\{\w+\}")
_PARTS_LIMIT = 40


@dataclass(frozen=True, slots=True)
class Path:
    """A path with braces; ``is_guess`` where a pattern or a value that is not known is part of it."""

    text: str
    is_guess: bool = False


@dataclass(slots=True)
class Sites:
    """One framework's applications as they are found, on their way into a Graph."""

    graph: Graph
    code: Codebase
    kinds: Sequence[str]
    roots: Sequence[str]
    before: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    passed: dict[str, set[str]] = field(default_factory=dict)
    joined: set[Joint] = field(default_factory=set)
    supposed: set[str] = field(default_factory=set)
    later: list[Callable[[], None]] = field(default_factory=list)
    made_of: dict[str, str] = field(default_factory=dict)

    def node(self, owner: Value) -> str:
        """The application a value stands for; empty where it is none of this framework's."""
        site = identity(owner)
        if not site or (owner.text not in self.kinds and owner.shape is Shape.INSTANCE):
            return ""
        if owner.shape is Shape.UNKNOWN:
            self.supposed.add(site)
        self.graph.nodes.setdefault(site, Node(is_root=owner.text in self.roots and site.endswith(">")))
        made_of = owner.get("of")
        if made_of is not None and made_of.text and site not in self.made_of:
            self.made_of[site] = made_of.text
            self.join(site, made_of.text, "")
        return site

    def guard(self, site: str, prefix: str, names: Sequence[str]) -> None:
        """What goes before everything declared on a site from here on."""
        self.before.setdefault(site, []).extend((prefix, name) for name in names)

    def guards(self, site: str, path: str) -> tuple[str, ...]:
        """What goes before a path on a site, as far as it was said until now."""
        own = [name for prefix, name in self.before.get(site, ()) if _below(path, prefix)]
        inner = self.made_of.get(site)
        return (*(self.guards(inner, path) if inner else ()), *own)

    def join(self, parent: str, child: str, prefix: str, guards: Sequence[str] = ()) -> None:
        """One site within another."""
        self.graph.nodes.setdefault(child, Node())
        every = (*self.guards(parent, prefix), *guards)
        joint = Joint(parent, child, f"/{prefix.strip('/')}" if prefix.strip("/") else "", every)
        if joint not in self.joined:
            self.joined.add(joint)
            self.graph.joints.append(joint)

    def point(self, site: str, method: str, path: Path, called: Sequence[Value], call: Call) -> None:
        """A route: the last of ``called`` answers, the others go before it."""
        if not called:
            return
        names = [name_of(value) for value in called]
        method = {"DEL": "DELETE", "ALL": ANY}.get(method.upper(), method.upper())
        sure = Sureness.GUESS if path.is_guess else Sureness.CERTAIN
        before = (*self.guards(site, path.text), *filter(None, names[:-1]))
        self.graph.points.append(Point(site, method, path.text, names[-1], call.place, before, sure))


Read = Callable[[Sites, Call, str], None]


def gather(sites: Sites, read: Read) -> Graph:
    """Reads every call made on an application, and follows applications into the functions given them."""
    for call in _concerned(sites.code):
        if is_site(call.owner, sites.kinds) or call.owner.shape is Shape.UNKNOWN:
            site = sites.node(call.owner)
            if site:
                read(sites, call, site)
        if call.target:
            _handed(sites, call)
    for step in sites.later:
        step()
    _follow(sites)
    _settle(sites)
    return sites.graph


@lru_cache(maxsize=1)
def _concerned(code: Codebase) -> tuple[Call, ...]:
    """The calls on applications or with one, functions' before modules': so what they do is known there.

    Looked for once for all frameworks, since most calls of a project are none of these.
    """
    found: list[Call] = []
    for function in code.functions.values():
        waiting = [*reversed(function.calls)]
        while waiting:
            call = waiting.pop()
            if _concerns(call):
                found.append(call)
            if call.block:
                waiting += reversed(call.block)
    return tuple(sorted(found, key=lambda one: one.place.symbol.endswith(MODULE)))


def _concerns(call: Call) -> bool:
    owner = call.owner
    if is_site(owner, SITES) or (call.target and any(_may_hand(one.value) for one in call.arguments)):
        return True
    return owner.shape is Shape.UNKNOWN and owner.text != "" and method_of(call) in REGISTERING


def _may_hand(value: Value) -> bool:
    if value.shape is Shape.MAPPING:
        return any(_may_hand(item) for _, item in value.items if item.shape is not Shape.MAPPING)
    return is_site(value, SITES) or (value.shape is Shape.UNKNOWN and value.text != "")


def is_site(value: Value, kinds: Collection[str]) -> bool:
    """Whether a value is an application or router of these kinds."""
    return value.text in kinds and value.shape is Shape.INSTANCE


def told(graph: Graph) -> Iterator[Route]:
    """The routes of a graph, each once, without the slash that these frameworks do not ask for at the end."""
    seen: set[tuple[str, str, str]] = set()
    for route in graph.routes():
        path = route.path.rstrip("/") or "/"
        key = (route.method, path, route.handler)
        if key not in seen:
            seen.add(key)
            yield replace(route, path=path)


def _handed(sites: Sites, call: Call) -> None:
    """``addRoutes(app)``: what the function does with its parameter is done to the application."""
    for index, argument in enumerate(call.arguments):
        given = argument.value
        ways = [
            ("", given),
            *((f".{key}", item) for key, item in given.items if given.shape is Shape.MAPPING),
        ]
        for way, value in ways:
            child = f"{call.target}.{index}{way}"
            if value.shape is Shape.UNKNOWN and value.text:
                sites.passed.setdefault(value.text, set()).add(child)
            elif is_site(value, sites.kinds) and (site := sites.node(value)):
                sites.join(site, child, "")


def _follow(sites: Sites) -> None:
    """Parameters that are handed on are applications where they were given one."""
    waiting = [joint.child for joint in sites.graph.joints]
    seen: set[str] = set()
    while waiting:
        site = waiting.pop()
        if site not in seen:
            seen.add(site)
            children = sites.passed.get(site, ())
            waiting += children
            for child in sorted(children):
                sites.join(site, child, "")


def _settle(sites: Sites) -> None:
    """Leaves out parameters that only look like applications, and were never given one."""
    graph = sites.graph
    held = {joint.child for joint in graph.joints}
    for name in sites.supposed - held:
        graph.nodes.pop(name, None)
    graph.points = [point for point in graph.points if point.owner in graph.nodes]


def identity(value: Value) -> str:
    """What tells an application from others; empty for anything else."""
    if value.shape is Shape.INSTANCE:
        found = value.get(IDENTITY)
        return found.text if found is not None else ""
    return value.text if value.shape is Shape.UNKNOWN else ""


def arguments(call: Call) -> list[Value]:
    """What a call was given, lists of handlers taken apart."""
    return [value for argument in call.arguments for value in flat(argument.value)]


def flat(value: Value, level: int = 0) -> Iterator[Value]:
    if value.shape is Shape.LIST and level < _PARTS_LIMIT:
        for _, item in value.items:
            yield from flat(item, level + 1)
    else:
        yield value


def paths_of(value: Value) -> list[Path]:
    """The paths a value tells: one, a list of them, or a pattern; none where it is something else."""
    if value.shape is Shape.LIST:
        return [path for _, item in value.items for path in paths_of(item)]
    if value.shape is Shape.TEXT:
        return [colons(value.text)]
    if value.shape is Shape.UNKNOWN and value.text.startswith("/"):
        return [Path(regex(value.text.rpartition("/")[0][1:].replace("\\/", "/")) or "/", is_guess=True)]
    if value.shape is Shape.SETTING:
        return [Path(f"/{{{value.text}}}", is_guess=True)]
    return []


def colons(path: str) -> Path:
    """``/a/:id`` as ``/a/{id}``. A wildcard, an optional part or a text that is not known makes a guess.

    >>> colons("/users/:id(\\\\d+)/files/*")
    Path(text='/users/{id}/files/{path}', is_guess=True)
    """
    optional = _OPTIONAL.sub(r"\1", path)
    holes = _HOLE.search(_NAMED.sub("", optional)) is not None
    named = _NAMED.sub(r"{\1}", optional)
    text = _REST.sub(lambda rest: f"{{{rest[1] or 'path'}}}", named)
    guess = holes or optional != path or text != named or any(found[2] for found in _NAMED.finditer(optional))
    return Path(text if text.startswith(("/", "{")) or not text else f"/{text}", guess)


def name_of(value: Value) -> str:
    """The dotted name of a handler or middleware; empty where it has none."""
    if value.shape in (Shape.NAME, Shape.CALL, Shape.INSTANCE) and not value.text.startswith(UNKNOWN):
        return value.text
    return ""


def _below(path: str, prefix: str) -> bool:
    whole = prefix.removesuffix("{path}").rstrip("/")
    return not whole or path == whole or path.startswith(f"{whole}/")
