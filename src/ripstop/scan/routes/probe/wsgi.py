"""The routes of a Flask application, as its URL map tells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ripstop.scan.routes.paths import angles
from ripstop.scan.routes.probe.telling import BY_THEMSELVES, Told, is_the_frameworks, name_of, route


def routes(app: Any) -> Iterator[Told]:
    """Every rule but those for static files; the methods of a view class apart, each by its own function."""
    root = (app.config.get("APPLICATION_ROOT") or "/").rstrip("/")
    for rule in app.url_map.iter_rules():
        view = app.view_functions.get(rule.endpoint)
        if view is None or is_the_frameworks(view) or _is_static(rule):
            continue
        asked = rule.methods or {"GET"}
        for method in sorted(asked - BY_THEMSELVES) or sorted(asked - {"OPTIONS"}) or sorted(asked):
            yield _told(method, root + angles(rule.rule), view, _before(app, rule.endpoint))


def _is_static(rule: Any) -> bool:
    """Flask serves a folder by a closure of its own."""
    return str(rule.endpoint).rpartition(".")[2] == "static" and str(rule.rule).endswith("<path:filename>")


def _told(method: str, path: str, view: Any, guards: tuple[str, ...]) -> Told:
    written = getattr(view, "view_class", None)
    if written is None:
        return route(method, path, view, guards=guards)
    guards = (*guards, *(name_of(one) for one in getattr(written, "decorators", ()) or ()))
    own = getattr(written, method.lower(), None)
    name = f"{name_of(written)}.{method.lower() if own else 'dispatch_request'}"
    return route(method, path, own or written, name=name, guards=guards)


def _before(app: Any, endpoint: str) -> tuple[str, ...]:
    """What runs before the view: the application's functions, then those of each blueprint above it."""
    names: list[str | None] = [None]
    parts = endpoint.split(".")[:-1]
    names += [".".join(parts[: count + 1]) for count in range(len(parts))]
    return tuple(name_of(one) for name in names for one in app.before_request_funcs.get(name, ()))
