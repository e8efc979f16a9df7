"""The routes of a FastAPI or Starlette application, mounted ones included, as the running objects tell."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import Any

from ripstop.scan.routes.paths import braces, join
from ripstop.scan.routes.probe.telling import (
    BY_THEMSELVES,
    HARMLESS,
    HTTP_METHODS,
    Told,
    body_of,
    is_the_frameworks,
    name_of,
    route,
    unwrapped,
)

_MOST_LEVELS = 20


def document(app: Any) -> Any:
    """The OpenAPI document, None for what has none."""
    return app.openapi() if callable(getattr(app, "openapi", None)) else None


def routes(
    app: Any, described: Any, prefix: str = "", guards: tuple[str, ...] = (), level: int = 0
) -> Iterator[Told]:
    """Every route of an application or router below ``prefix``; ``described`` is its OpenAPI document."""
    if level > _MOST_LEVELS:
        return
    guards = (*guards, *_middleware(app))
    for one in _flat(getattr(app, "routes", None) or ()):
        if getattr(one, "endpoint", None) is not None:
            yield from _route(one, described, prefix, guards)
        elif getattr(one, "app", None) is not None:
            yield from _mounted(one, prefix, guards, level + 1)


def _flat(given: Iterable[Any]) -> Iterable[Any]:
    """Routers that FastAPI includes when asked stand as one route in its list: its own walk unfolds them."""
    walk = getattr(sys.modules.get("fastapi.routing"), "iter_route_contexts", None)
    found: Iterable[Any] = walk(given) if walk else given
    return found


def _mounted(one: Any, prefix: str, guards: tuple[str, ...], level: int) -> Iterator[Told]:
    inner = getattr(one, "_base_app", None) or one.app
    for _ in range(_MOST_LEVELS):
        if hasattr(inner, "routes"):
            below = join(prefix, braces(getattr(one, "path", "") or ""))
            yield from routes(inner, _quietly(inner), below, guards, level)
            return
        inner = getattr(inner, "app", None)


def _quietly(app: Any) -> Any:
    try:
        return document(app)
    except Exception:
        return None


def _route(one: Any, described: Any, prefix: str, guards: tuple[str, ...]) -> Iterator[Told]:
    endpoint, path = one.endpoint, braces(one.path)
    if is_the_frameworks(endpoint) or not hasattr(one, "methods"):
        return
    before = (*guards, *_dependencies(getattr(one, "dependant", None)))
    written = unwrapped(endpoint)
    for method in _methods(one, written):
        body = body_of(described, one.path_format, method)
        name = f"{name_of(written)}.{method.lower()}" if isinstance(written, type) else ""
        handler = getattr(written, method.lower(), written) if name else endpoint
        yield route(method, join(prefix, path), handler, name=name, guards=before, body=body)


def _methods(one: Any, endpoint: Any) -> list[str]:
    if isinstance(endpoint, type):
        return [
            name for name in HTTP_METHODS if hasattr(endpoint, name.lower()) and name not in BY_THEMSELVES
        ]
    asked = one.methods or ("GET",)
    return sorted(name for name in asked if name not in BY_THEMSELVES or len(asked) == 1)


def _dependencies(dependant: Any, level: int = 0) -> Iterator[str]:
    if level > _MOST_LEVELS:
        return
    for one in getattr(dependant, "dependencies", None) or ():
        if one.call is not None:
            yield name_of(one.call)
        yield from _dependencies(one, level + 1)


def _middleware(app: Any) -> Iterator[str]:
    for one in getattr(app, "user_middleware", None) or ():
        given = getattr(one, "kwargs", None) or getattr(one, "options", None) or {}
        name = name_of(given.get("dispatch") or one.cls)
        if not name.endswith(HARMLESS):
            yield name
