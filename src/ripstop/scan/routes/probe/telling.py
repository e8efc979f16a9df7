"""What a route is told as: the names and places of functions, and values made fit for JSON."""

from __future__ import annotations

import functools
import inspect
import json
import os
import re
from collections.abc import Iterable, Mapping
from typing import Any

Told = dict[str, Any]
HTTP_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE")
BY_THEMSELVES = frozenset({"HEAD", "OPTIONS"})
HARMLESS = ("CORSMiddleware", "GZipMiddleware", "BrotliMiddleware", "CompressionMiddleware")
"""Middleware that refuses nobody."""
FRAMEWORKS = frozenset({"fastapi", "starlette", "flask", "werkzeug", "django", "rest_framework", "litestar"})
_MOST_LEVELS = 12
_DEFINED = re.compile(r"\s*(async\s+def|def|class)\b")


def route(
    method: str, path: str, handler: Any, *, name: str = "", guards: Iterable[str] = (), body: Any = None
) -> Told:
    """One route as the probe writes it; ``file`` is absolute, empty where the handler has no source."""
    file, line = place_of(handler)
    return {
        "method": method,
        "path": path,
        "handler": name or name_of(handler),
        "file": file,
        "line": line,
        "guards": list(dict.fromkeys(guards)),
        "body": body,
    }


def unwrapped(thing: Any) -> Any:
    """The function that somebody wrote, below partials, bound methods and well-behaved decorators."""
    for _ in range(_MOST_LEVELS):
        if isinstance(thing, functools.partial):
            thing = thing.func
        elif inspect.ismethod(thing):
            thing = thing.__func__
        elif callable(getattr(thing, "__wrapped__", None)):
            thing = thing.__wrapped__
        else:
            break
    return thing


def name_of(thing: Any) -> str:
    """The qualified name of a function or class; of an object without one that of its class."""
    thing = unwrapped(thing)
    if not hasattr(thing, "__qualname__"):
        thing = type(thing)
    module = getattr(thing, "__module__", None) or ""
    return f"{module}.{thing.__qualname__}".replace(".<locals>", "").lstrip(".")


def is_the_frameworks(thing: Any) -> bool:
    """Whether it was written by a framework's authors: its documents, static files, redirects."""
    thing = unwrapped(thing)
    module = getattr(thing, "__module__", None) or type(thing).__module__
    return module.partition(".")[0] in FRAMEWORKS


def place_of(thing: Any) -> tuple[str, int]:
    """The file and the line of ``def`` or ``class``; ("", 0) where there is no source."""
    thing = unwrapped(thing)
    if not (inspect.isfunction(thing) or inspect.isclass(thing)):
        thing = type(thing)
    try:
        file = inspect.getsourcefile(thing)
        lines, first = inspect.getsourcelines(thing)
    except (OSError, TypeError, IndexError, SyntaxError):
        return "", 0
    below = next((at for at, line in enumerate(lines) if _DEFINED.match(line)), 0)
    return os.path.realpath(file) if file else "", max(first, 1) + below


def body_of(document: Any, path: str, method: str) -> Any:
    """The JSON Schema of a request's body by an OpenAPI document, its references filled in; None without."""
    operation = _at(document, "paths", path, method.lower())
    content = _at(operation, "requestBody", "content")
    if not isinstance(content, Mapping) or not content:
        return None
    chosen = content.get("application/json") or next(iter(content.values()))
    schema = _at(chosen, "schema")
    return None if schema is None else _filled(schema, document, ())


def _at(value: Any, *keys: str) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _filled(schema: Any, document: Any, inside: tuple[str, ...]) -> Any:
    """A schema without ``$ref``; one that holds itself ends in an empty schema, as does a very deep one."""
    if isinstance(schema, list):
        return [_filled(one, document, inside) for one in schema]
    if not isinstance(schema, Mapping):
        return schema
    reference = schema.get("$ref")
    if not isinstance(reference, str):
        return {key: _filled(one, document, inside) for key, one in schema.items()}
    if reference in inside or len(inside) >= _MOST_LEVELS:
        return {}
    return _filled(_at(document, *reference.lstrip("#/").split("/")), document, (*inside, reference))


def plain(value: Any) -> Any:
    """The same as JSON would read it; what JSON cannot hold as text."""
    return json.loads(json.dumps(value, default=str))
