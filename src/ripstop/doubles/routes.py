"""Routes of a double: ``POST /v1/charges/{id}/refund``, matching them, and the nearest miss."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from ripstop.doubles.ledger import fields_of
from ripstop.doubles.refusals import Wrong
from ripstop.doubles.shape import Shape, differences
from ripstop.errors import UsageError
from ripstop.model.http import Reply, Request

Handler = Callable[..., Reply]
Check = Callable[[Request], Wrong | None]
"""Says why a request is turned away before it executes, None where it is not."""
Happened = Callable[[Request, Reply], Iterable[tuple[str, Mapping[str, Any]]]]
"""The effects, kind and data, that a 2xx reply to a request stands for."""
_PATTERN = re.compile(r"^([A-Z]+) (/[^\s?#]*)$")
_PARAM = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """One thing a double answers. ``names`` are the path parameters its handler asks for."""

    method: str
    path: str
    handler: Handler
    names: frozenset[str]
    effect: str | Happened | None = None
    compensates: str | None = None
    json: Shape = None
    form: Shape = None
    strict: bool = False
    check: Check | None = None

    @property
    def pattern(self) -> str:
        return f"{self.method} {self.path}"

    def params(self, path: str) -> dict[str, str] | None:
        """The path's parameters, None where the path is another one."""
        own, given = self.path.split("/"), path.split("/")
        if len(own) != len(given):
            return None
        found: dict[str, str] = {}
        for want, have in zip(own, given, strict=True):
            param = _PARAM.search(want)
            value = _between(have, want[: param.start()], want[param.end() :]) if param else None
            if param and value:
                found[param[1]] = unquote(value)
            elif want != have:
                return None
        return found

    def wrong(self, request: Request) -> Wrong | None:
        """Why the request is turned away before it executes: its body's shape, then the route's own check."""
        if differing := self.differences(request):
            return Wrong(differing)
        return self.check(request) if self.check else None

    def differences(self, request: Request) -> tuple[str, ...]:
        """What keeps the request's body from having the declared shape."""
        if self.form is not None:
            return differences(self.form, _typed(self.form, fields_of(request)), strict=self.strict)
        if self.json is None:
            return ()
        try:
            content = request.json()
        except (ValueError, RecursionError):
            return (f"body: expected JSON, got {request.body[:80]!r}",)
        return differences(self.json, content, strict=self.strict)


def _between(segment: str, before: str, after: str) -> str:
    """What stands between a segment's own beginning and end, such as the id in ``7.json``."""
    fits = segment.startswith(before) and segment.endswith(after)
    return segment[len(before) : len(segment) - len(after)] if fits else ""


def split_pattern(pattern: str) -> tuple[str, str]:
    """Method and path of a route as written. Raises UsageError ``double-route``."""
    match = _PATTERN.match(pattern)
    if match is None:
        raise UsageError(
            "double-route",
            f"{pattern!r} is not a route",
            way_out="write the method and the path, such as 'POST /v1/charges/{id}/refund'",
        )
    return match[1], match[2]


def find(routes: Iterable[Route], method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """The route that answers, those with fewer parameters first, and the path's parameters."""
    for route in sorted(routes, key=lambda r: len(_PARAM.findall(r.path))):
        params = route.params(path) if route.method == method.upper() else None
        if params is not None:
            return route, params
    return None


def nearest(routes: Iterable[Route], request: Request) -> tuple[str, ...]:
    """How the nearest route differs from a request that none answers."""
    candidates = sorted(routes, key=lambda route: _likeness(route, request), reverse=True)
    if not candidates:
        return ("the double has no routes",)
    route = candidates[0]
    found = [f"nearest route: {route.pattern}"]
    if route.method != request.method.upper():
        found.append(f"method: {request.method} is not {route.method}")
    if route.params(request.path) is None:
        found.append(f"path: {request.path[:200]} is not {route.path}")
    return tuple(found)


def _likeness(route: Route, request: Request) -> tuple[bool, float, bool]:
    alike = difflib.SequenceMatcher(None, route.path, request.path[:500]).ratio()
    return route.params(request.path) is not None, alike, route.method == request.method.upper()


def _typed(shape: Shape, fields: Mapping[str, Any]) -> dict[str, Any]:
    """A form carries text only: read as a number what is declared as one and looks like one."""
    wanted = {name.removesuffix("?"): inner for name, inner in shape.items()}
    return {name: _number(wanted.get(name), value) for name, value in fields.items()}


def _number(shape: Shape, value: Any) -> Any:
    if shape not in (int, float):
        return value
    try:
        return shape(value)
    except ValueError:
        return value
