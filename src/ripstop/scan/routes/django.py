"""Django by syntax: urlconfs that include one another; their views are read in `views` and `viewsets`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from ripstop.model.survey import Place, Route, Sureness
from ripstop.scan.code import Codebase, Function, Shape, Value
from ripstop.scan.routes.classes import is_a
from ripstop.scan.routes.graph import Gap
from ripstop.scan.routes.made import (
    MADE,
    MODULE,
    Key,
    as_items,
    followed,
    given,
    key,
    key_of,
    method_of,
    positional,
    text,
)
from ripstop.scan.routes.paths import angles, join, regex
from ripstop.scan.routes.views import Answer, answers, viewed
from ripstop.scan.routes.viewsets import DRF, ROUTERS, Known, known, registered

_PATHS = ("path", "re_path", "url")
_REGEX = ("re_path", "url")
_ADDED = ("i18n_patterns", "patterns", "list", "tuple", "format_suffix_patterns")
_LEFT_OUT = ("static", "staticfiles_urlpatterns", "debug_toolbar_urls")
_LIBRARIES = ("django.", "debug_toolbar", "rest_framework", "drf_spectacular", "drf_yasg")
_ADDING = ("append", "extend", "insert")
_MOST_LEVELS = 20


@dataclass(frozen=True, slots=True)
class _Conf:
    """A urlconf that is being read: what is in it, and the line of each pattern.

    ``loops`` are the patterns that stand for many, ``routers`` those its ``urls`` may be.
    """

    module: str
    home: Place
    known: Known
    lines: dict[Key, Place] = field(default_factory=dict)
    loops: frozenset[Key] = frozenset()
    routers: list[str] = field(default_factory=list)

    def line(self, value: Value) -> Place:
        return self.lines.get(key(value), self.home)


@dataclass(frozen=True, slots=True)
class _At:
    """Where in the tree of patterns the reading is: the path so far and how deep."""

    conf: _Conf
    path: str = ""
    level: int = 0


def both(code: Codebase) -> tuple[list[Route], list[Gap]]:
    """Routes and gaps by one reading."""
    found: dict[tuple[str, str], Route] = {}
    gaps: list[Gap] = []
    for one in _all(code):
        if isinstance(one, Gap):
            gaps.append(one)
        else:
            found.setdefault((one.operation, one.handler), one)
    return list(found.values()), gaps


def is_unsure(route: Route) -> bool:
    """Whether its method stands in no decorator, so that only the view's body can tell."""
    return route.framework == "django" and route.sureness is Sureness.LIKELY


def _all(code: Codebase) -> Iterator[Route | Gap]:
    guards = _middleware(code)
    looked_up = known(code)
    for module in _roots(code):
        for one in _read(module, "", code, 0, looked_up):
            yield (
                replace(one, guards=tuple(dict.fromkeys((*guards, *one.guards))))
                if isinstance(one, Route)
                else one
            )


def _middleware(code: Codebase) -> tuple[str, ...]:
    """The project's own middleware, by its settings."""
    lists = [value for name, value in code.constants.items() if name.endswith(".MIDDLEWARE")]
    names = [text(item, code) or "" for value in lists[:1] for _, item in followed(value, code).items]
    return tuple(
        name for name in names if name and not name.startswith(("django.", "corsheaders.", "whitenoise."))
    )


def _roots(code: Codebase) -> list[str]:
    """The urlconfs that settings name; without settings those that no other includes."""
    stated = [
        found
        for name, value in code.constants.items()
        if name.endswith(".ROOT_URLCONF") and (found := _module(text(value, code) or "", code))
    ]
    if stated:
        return list(dict.fromkeys(stated))
    bodies = [one for name, one in code.functions.items() if name.endswith(MODULE) and _is_conf(one, code)]
    every = [one.name.removesuffix(MODULE) for one in bodies]
    included = {
        _module(text(one.value, code) or "", code)
        for body in bodies
        for call in body.calls
        if call.name.rpartition(".")[2] == "include"
        for one in call.arguments
    }
    return [conf for conf in every if conf not in included]


def _is_conf(body: Function, code: Codebase) -> bool:
    made = any(one.name.startswith("django.") and method_of(one) in _PATHS for one in body.calls)
    return made or f"{body.name.removesuffix(MODULE)}.urlpatterns" in code.constants


def _module(name: str, code: Codebase) -> str:
    """The module that a urlconf's name means, where the project is not at the root of what was read."""
    if f"{name}{MODULE}" in code.functions:
        return name
    ends = (one for one in code.functions if name and one.endswith(f".{name}{MODULE}"))
    return next(ends, "").removesuffix(MODULE)


def _read(module: str, path: str, code: Codebase, level: int, known: Known) -> Iterator[Route | Gap]:
    """A urlconf below a path: its ``urlpatterns``, and what its body adds to them."""
    patterns = code.constants.get(f"{module}.urlpatterns", Value())
    body = code.functions.get(module + MODULE)
    if body is None or level > _MOST_LEVELS:
        return
    lines = {key_of(call): call.place for call in body.calls}
    loops = frozenset(key_of(call) for call in body.calls if call.in_loop and method_of(call) in _PATHS)
    routers = [name for name in known.routers if name.rpartition(".")[0] == module] or [*known.routers]
    at = _At(_Conf(module, body.place, known, lines, loops, routers), path, level)
    if patterns.shape is not Shape.UNKNOWN:
        yield from _below(patterns, at, code)
    yield from _added(patterns, body, at, code)


def _added(patterns: Value, body: Function, at: _At, code: Codebase) -> Iterator[Route | Gap]:
    """Patterns made in the module's body that stand in no list that was read: ``urlpatterns += [...]``."""
    held = {key(one) for one in _inside(patterns)}
    for value in at.conf.known.constants.get(at.conf.module, ()):
        held |= {key(one) for one in _inside(value)}
    for call in body.calls:
        if method_of(call) not in _ADDING:
            held |= {key(one) for argument in call.arguments for one in _inside(argument.value)}
    for call in body.calls:
        if method_of(call) in _PATHS and key_of(call) not in held:
            yield from _one(Value(Shape.CALL, call.name, as_items(call)), at, code)
    if patterns.shape is Shape.UNKNOWN:
        own = [one for one in at.conf.routers if one.rpartition(".")[0] == at.conf.module]
        for router in own if not any(text.endswith(".urls") for text in _named(body)) else ():
            yield from _routed(Value(Shape.NAME, f"{router}.urls"), at, code)


def _named(body: Function) -> Iterator[str]:
    return (one.text for call in body.calls for argument in call.arguments for one in (argument.value,))


def _inside(value: Value, level: int = 0) -> Iterator[Value]:
    if value.shape in MADE:
        yield value
    if level < _MOST_LEVELS:
        for _, item in value.items:
            yield from _inside(item, level + 1)


def _below(value: Value | None, at: _At, code: Codebase) -> Iterator[Route | Gap]:
    whole = followed(value, code)
    if at.level > _MOST_LEVELS:
        return
    if whole.shape is not Shape.LIST:
        yield from _one(whole, at, code)
        return
    for _, item in whole.items:
        yield from _one(item, at, code)


def _one(value: Value, at: _At, code: Codebase) -> Iterator[Route | Gap]:
    """One entry of a list of patterns."""
    one = followed(value, code)
    kind = one.text.rpartition(".")[2] if one.shape in MADE else ""
    deeper = replace(at, level=at.level + 1)
    if kind in _PATHS:
        yield from _path(one, kind, at, code)
    elif kind in _ADDED:
        for item in positional(one):
            yield from _below(item, deeper, code)
    elif one.shape is Shape.LIST:
        yield from _below(one, deeper, code)
    elif _is_router(value, at.conf.known, code):
        yield from _routed(value, at, code)
    elif kind not in _LEFT_OUT and not one.text.startswith(_LIBRARIES):
        yield Gap(at.conf.home, "its list of routes has a part that is computed")


def _path(one: Value, kind: str, at: _At, code: Codebase) -> Iterator[Route | Gap]:
    """One ``path``. In a very long list they stand without arguments: then `_added` reads them."""
    part, target = (
        text(_translated(given(one, "route", 0) or given(one, "regex", 0)), code),
        given(one, "view", 1),
    )
    line = at.conf.line(one)
    if key(one) in at.conf.loops:
        yield Gap(line, "makes routes in a loop")
        return
    if not one.items:
        return
    if part is None or target is None:
        yield Gap(line, "has a route that is computed")
        return
    path = at.path + (regex(part) if kind in _REGEX else angles(part))
    below = _At(at.conf, path, at.level + 1)
    shown = followed(target, code)
    if shown.shape in MADE and shown.text.rpartition(".")[2] == "include":
        yield from _included(shown, below, line, code)
    elif shown.shape is Shape.LIST:
        yield from _below(next(iter(positional(shown)), None), below, code)
    elif viewed(shown, code).startswith(_LIBRARIES) or (
        shown.shape is Shape.NAME and shown.text.startswith(_LIBRARIES)
    ):
        return
    else:
        found = list(answers(target, code, at.conf.known.defaults))
        if not found:
            name = viewed(shown, code) or (shown.text if shown.shape is Shape.NAME else "")
            yield Gap(
                line, f"leads to {name or 'a view that is computed'}, whose methods are not in the code"
            )
        yield from (_route(join(path), answer, line, code) for answer in found)


def _route(path: str, answer: Answer, line: Place, code: Codebase) -> Route:
    function = code.functions.get(answer.handler)
    return Route(
        method=answer.method,
        path=path,
        handler=answer.handler,
        place=function.place if function is not None else line,
        framework="django",
        sureness=answer.sureness,
        guards=answer.guards,
    )


def _translated(value: Value | None) -> Value | None:
    """The text inside ``_("...")``."""
    if value is not None and value.shape in MADE and value.text.rpartition(".")[2].startswith("gettext"):
        return given(value, "message", 0)
    return value


def _included(one: Value, at: _At, line: Place, code: Codebase) -> Iterator[Route | Gap]:
    inner = given(one, "arg", 0) or Value()
    if _is_router(inner, at.conf.known, code):
        yield from _routed(inner, at, code)
        return
    stated = (text(inner, code) if inner.shape is Shape.TEXT else inner.text) or ""
    module = _module(stated, code)
    if module:
        yield from _read(module, at.path, code, at.level, at.conf.known)
        return
    whole = followed(inner, code)
    items = positional(whole) if whole.shape is Shape.LIST else []
    if items and followed(items[0], code).shape is Shape.LIST:
        whole = followed(items[0], code)
    if whole.shape is Shape.LIST:
        yield from _below(whole, at, code)
    elif not stated.startswith(_LIBRARIES):
        yield Gap(line, f"includes {stated or 'a list that is computed'}, which was not read")


def _is_router(value: Value, known: Known, code: Codebase) -> bool:
    """Whether a value names the ``urls`` of a REST framework router, by its own name or its class's."""
    owner = value.text.removesuffix(".urls") if value.text.endswith(".urls") else ""
    return bool(owner) and (owner in known.routers or is_a(owner, DRF, ROUTERS, code))


def _routed(value: Value, at: _At, code: Codebase) -> Iterator[Route | Gap]:
    """A router's routes. One known by its class alone is the next of the module, in their order."""
    owner = value.text.removesuffix(".urls")
    routers = at.conf.routers
    if owner not in routers:
        if not routers:
            yield Gap(at.conf.home, "includes a router that is computed")
            return
        owner = routers.pop(0) if len(routers) > 1 else routers[0]
    for one in registered(owner, code, at.conf.known):
        if isinstance(one, Gap):
            yield one
        else:
            yield _route(join(at.path, one[0]), one[1], at.conf.home, code)
