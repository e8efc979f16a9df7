"""The routes of a project: what the running applications tell, filled in with what the syntax shows.

The door of this folder for Python services. What an import tells wins; a project that does not import keeps
the routes of its syntax, with a note that says why.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from ripstop.model.survey import Place, Route, Sureness
from ripstop.scan.code import Codebase, Function
from ripstop.scan.routes import django, fastapi, flask, litestar, starlette
from ripstop.scan.routes.applications import Application, applications, is_a_test
from ripstop.scan.routes.asked import methods
from ripstop.scan.routes.called_back import called_back
from ripstop.scan.routes.graph import Gap, Graph, decorator_guards
from ripstop.scan.routes.importing import Told, ask, interpreter
from ripstop.scan.routes.made import MODULE

_FAMILIES: Mapping[str, tuple[str, ...]] = {
    "fastapi": ("fastapi", "starlette"),
    "starlette": ("fastapi", "starlette"),
}
_GRAPHS: tuple[Callable[[Codebase], Graph], ...] = (
    fastapi.graph,
    starlette.graph,
    flask.graph,
    litestar.graph,
)
_VERBS = (*fastapi.REGISTERING, *flask.REGISTERING, *litestar.VERBS)
_MOST_ASKED = 5
_MOST_GAPS = 10


@dataclass(frozen=True, slots=True)
class Found:
    """``told`` has one entry for each application that was asked; ``notes`` are sentences for the person."""

    routes: tuple[Route, ...] = ()
    applications: tuple[Application, ...] = ()
    told: tuple[Told, ...] = ()
    notes: tuple[str, ...] = field(default=())

    @property
    def openapi(self) -> object:
        """The OpenAPI document of the first application that has one, else None."""
        return next((one.openapi for one in self.told if one.openapi is not None), None)


def find(
    root: Path, code: Codebase, *, importing: bool = True, python: str = "", timeout_s: float = 20.0
) -> Found:
    """All routes of a project's Python services, in the order of their files, each method and path once.

    ``python`` is the interpreter that has the project's dependencies, found where empty; ``timeout_s``
    bounds one import.
    """
    known = applications(root, code)
    told = tuple(_telling(_asked(root, known, python or interpreter(root), timeout_s))) if importing else ()
    seen, gaps = _by_syntax(root, code)
    spoken = {kind for one in told if one.problem is None for kind in _FAMILIES.get(one.kind, (one.kind,))}
    silent = {one.application.kind for one in told if one.problem is not None}
    by_operation = {one.operation: one for one in reversed(seen) if one.sureness is not Sureness.GUESS}
    places = _places(code) if told else {}
    imported = [
        _filled(route, by_operation.get(route.operation), places, code)
        for one in told
        for route in one.routes
    ]
    rest = [one for one in seen if one.framework not in spoken or one.framework in silent]
    notes = (*_problems(told), *_unread(gaps, spoken), *_nothing(known, imported or rest))
    before = called_back(code).before
    return Found(tuple(map(before, _once([*imported, *rest]))), known, told, notes)


def by_syntax(root: Path, code: Codebase) -> Iterator[Route]:
    """The routes that the code declares, but those of its tests."""
    yield from _by_syntax(root, code)[0]


def _by_syntax(root: Path, code: Codebase) -> tuple[list[Route], dict[str, list[Gap]]]:
    """Routes, and by framework the lines that make others."""
    routes, gaps = django.both(code)
    left: dict[str, list[Gap]] = {"django": gaps}
    for read in _GRAPHS:
        graph = read(code)
        routes += graph.routes()
        left[graph.framework] = graph.gaps
    lines = cache(lambda path: _lines(root, path))
    own = (one for one in routes if not is_a_test(one.place.path))
    return [better for one in own for better in _refined(one, lines, code)], left


def _refined(route: Route, lines: Callable[[str], list[str]], code: Codebase) -> Iterator[Route]:
    """With what only the text tells: the methods in a view's body, the line of a class."""
    function = code.functions.get(route.handler)
    if function is None:
        yield replace(route, place=_class(route, lines, code))
    elif django.is_unsure(route):
        body = lines(function.place.path)[function.place.line - 1 : function.end_line]
        yield from (replace(route, method=one) for one in methods("\n".join(body)))
    else:
        yield route


def _lines(root: Path, path: str) -> list[str]:
    try:
        return (root / path).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []


def _class(route: Route, lines: Callable[[str], list[str]], code: Codebase) -> Place:
    """The line of the class whose handler a library wrote."""
    module, _, name = route.handler.rpartition(".")[0].rpartition(".")
    body = code.functions.get(module + MODULE)
    if body is not None and name:
        written = re.compile(rf"\s*class {re.escape(name)}\b")
        for number, line in enumerate(lines(body.place.path), 1):
            if written.match(line):
                return Place(body.place.path, number, route.handler)
    return route.place


def _asked(root: Path, known: Sequence[Application], python: str, timeout_s: float) -> Iterator[Told]:
    """Ask each; those that are only guessed where no surer one has answered."""
    answered = False
    for one in known[:_MOST_ASKED]:
        if answered and one.sureness is Sureness.GUESS:
            continue
        told = ask(root, one, python=python, timeout_s=timeout_s)
        answered = answered or told.problem is None
        yield told


def _telling(told: Iterable[Told]) -> Iterator[Told]:
    """Without the failures of what was only seen in the code, where another of its kind has answered."""
    every = list(told)
    answered = {one.kind for one in every if one.problem is None}
    for one in every:
        stated = one.application.sureness is Sureness.CERTAIN
        if one.problem is None or stated or one.application.kind not in answered:
            yield one


Places = Mapping[tuple[str, str], Sequence[Function]]
"""Functions by their file and their last name."""


def _places(code: Codebase) -> Places:
    found: dict[tuple[str, str], list[Function]] = {}
    for name, function in code.functions.items():
        found.setdefault((function.place.path, name.rpartition(".")[2]), []).append(function)
    return found


def _filled(route: Route, same: Route | None, places: Places, code: Codebase) -> Route:
    """An imported route under the names of the code, with the decorators that the objects no longer show.

    ``same`` is the route by syntax: below a decorator that hides the handler it still has its name.
    """
    function = _function(route, places, code)
    written = code.functions.get(same.handler) if same is not None else None
    if written is not None and (function is None or _hides(function, written)):
        function = written
    decorated = decorator_guards(function, _VERBS)
    guards = tuple(_guards((*(same.guards if same else ()), *route.guards, *decorated), code))
    if function is None:
        return replace(route, guards=guards)
    place = Place(function.place.path, function.place.line, function.name)
    return replace(route, handler=function.name, place=place, guards=guards)


def _hides(inner: Function, written: Function) -> bool:
    """Whether a function stands inside a decorator of another."""
    return any(inner.name.startswith(f"{one.name}.") for one in written.decorators)


def _function(route: Route, places: Places, code: Codebase) -> Function | None:
    """The code's function for an imported handler: by its name, else by its file, last name and line."""
    named = code.functions.get(route.handler)
    if named is not None:
        return named
    near = places.get((route.place.path, route.handler.rpartition(".")[2]), ())
    return next((one for one in near if one.place.line <= route.place.line <= one.end_line), None)


def _guards(names: Iterable[str], code: Codebase) -> Iterator[str]:
    """Each once; a library's by its public name, though it defines it in some module inside."""
    seen: set[tuple[str, str]] = set()
    for name in names:
        key = (
            (name, "")
            if name in code.functions or name in code.bases
            else (name.partition(".")[0], name.rpartition(".")[2])
        )
        if key not in seen:
            seen.add(key)
            yield name


def _once(routes: Iterable[Route]) -> Iterator[Route]:
    found: dict[str, Route] = {}
    for one in routes:
        found.setdefault(one.operation, one)
    yield from sorted(found.values(), key=lambda one: (one.place.path, one.place.line, one.path, one.method))


def _problems(told: Iterable[Told]) -> Iterator[str]:
    """Why applications could not be asked, each reason once."""
    said: set[str] = set()
    for one in told:
        name = one.application.target or one.application.settings
        if one.problem is not None and str(one.problem) not in said:
            said.add(str(one.problem))
            missing = one.problem.said.startswith("ModuleNotFoundError")
            hint = " (is this the project's own Python?)" if missing else ""
            yield f"{name} does not import: {one.problem}{hint}; its routes are read from the syntax"
        elif one.problem is None and one.unsaid:
            yield f"{name} gives no OpenAPI document: {one.unsaid}"


def _unread(gaps: Mapping[str, Sequence[Gap]], spoken: set[str]) -> Iterator[str]:
    """The lines whose routes only an import can tell, of the frameworks that none has told of."""
    every = [one for name, some in gaps.items() if name not in spoken for one in some]
    own = [f"{one}: routes may be missing here" for one in every if not is_a_test(one.place.path)]
    shown = list(dict.fromkeys(own))
    yield from shown[:_MOST_GAPS]
    if len(shown) > _MOST_GAPS:
        yield f"{len(shown) - _MOST_GAPS} more lines make routes that may be missing"


def _nothing(known: Sequence[Application], routes: Sequence[Route]) -> Iterator[str]:
    if not known and not routes:
        yield "no FastAPI, Starlette, Flask, Django or Litestar application was found"
