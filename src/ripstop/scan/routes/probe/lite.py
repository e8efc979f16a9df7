"""The routes of a Litestar application, as the running objects tell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ripstop.scan.routes.paths import braces
from ripstop.scan.routes.probe.telling import (
    BY_THEMSELVES,
    HARMLESS,
    Told,
    body_of,
    is_the_frameworks,
    name_of,
    route,
)


def document(app: Any) -> Any:
    """The OpenAPI document, None where it is switched off."""
    return app.openapi_schema.to_schema() if app.openapi_config is not None else None


def routes(app: Any, described: Any) -> Iterator[Told]:
    """Every HTTP route that the project wrote."""
    for one in app.routes:
        for handler in getattr(one, "route_handlers", None) or ():
            written = getattr(handler.fn, "value", handler.fn)
            if is_the_frameworks(written):
                continue
            for method in sorted(str(getattr(name, "value", name)) for name in handler.http_methods):
                if method not in BY_THEMSELVES or len(handler.http_methods) == 1:
                    path = braces(one.path)
                    yield route(
                        method, path, written, guards=_guards(handler), body=body_of(described, path, method)
                    )


def _guards(handler: Any) -> Iterator[str]:
    for guard in handler.resolve_guards():
        yield name_of(getattr(guard, "func", guard))
    for middleware in handler.resolve_middleware():
        name = name_of(getattr(middleware, "middleware", middleware))
        if not name.endswith(HARMLESS):
            yield name
    resolve = getattr(handler, "resolve_dependencies", None)
    needed = set(
        (getattr(handler, "parsed_fn_signature", None) and handler.parsed_fn_signature.parameters) or ()
    )
    for name, provided in (resolve() if resolve else {}).items():
        if name in needed:
            yield name_of(getattr(provided.dependency, "value", provided.dependency))
