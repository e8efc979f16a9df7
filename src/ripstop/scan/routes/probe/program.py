"""Import an application, tell its routes as JSON on a descriptor of its own, and end."""

from __future__ import annotations

import importlib
import inspect
import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any

from ripstop.scan.routes.probe import asgi, lite, urlconf, wsgi
from ripstop.scan.routes.probe.asking import wanted
from ripstop.scan.routes.probe.surroundings import GIVEN, answer_every_question, cut_off
from ripstop.scan.routes.probe.telling import Told, plain

_CLASSES = (
    ("litestar", "litestar.app", "Litestar"),
    ("fastapi", "fastapi.applications", "FastAPI"),
    ("starlette", "starlette.applications", "Starlette"),
    ("starlette", "starlette.routing", "Router"),
    ("flask", "flask.app", "Flask"),
    ("django", "django.core.handlers.base", "BaseHandler"),
)
_MOST_WRAPPERS = 20
_LONGEST = 400


def main(asked: dict[str, Any], answer: int) -> None:
    """Write what ``tell`` says to the descriptor ``answer``; what the application prints is not ours."""
    cut_off()
    if asked["lenient"]:
        answer_every_question()
    for name in ("ripstop", "ripstop.scan", "ripstop.scan.routes"):
        sys.modules.pop(name, None)
    sys.path[:0] = asked["paths"]
    sys.argv = [asked["target"]]
    text = json.dumps(tell(asked))
    with os.fdopen(answer, "w", encoding="utf-8") as out:
        out.write(text)
    sys.stderr.flush()
    os._exit(0)


def tell(asked: dict[str, Any]) -> Told:
    """``target`` is ``module:name``, ``module:name()`` for a factory, or empty for ``settings`` alone."""
    if asked.get("settings"):
        os.environ["DJANGO_SETTINGS_MODULE"] = asked["settings"]
    try:
        app = load(asked["target"]) if asked["target"] else _django()
        return {**_told(app), "placed": GIVEN}
    except BaseException as error:  # SystemExit too: some applications leave when a setting is missing
        return {"error": failure(error, asked["root"])}


def load(target: str) -> Any:
    """The object a target names; a factory is called where the target says so, or where it is one."""
    module, _, name = target.partition(":")
    called = name.endswith(")")
    thing: Any = importlib.import_module(module)
    for part in (name.partition("(")[0] or "app").split("."):
        thing = getattr(thing, part)
    if called or (kind_of(thing) == "" and inspect.isroutine(thing) and not _asks(thing)):
        thing = thing()
    return thing


def _asks(function: Any) -> bool:
    """Whether it cannot be called without arguments: then it is an ASGI or WSGI callable itself."""
    needed = inspect.signature(function).parameters.values()
    return any(
        one.default is one.empty and one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)
        for one in needed
    )


def kind_of(app: Any) -> str:
    """The framework whose application it is; empty for anything else. Imports nothing."""
    for kind, module, name in _CLASSES:
        known = getattr(sys.modules.get(module), name, None)
        if known is not None and isinstance(app, known):
            return kind
    return ""


def _below(app: Any) -> Any:
    """The application inside middleware that was wrapped around it by hand."""
    for _ in range(_MOST_WRAPPERS):
        if kind_of(app):
            break
        inner = next(
            (getattr(app, n) for n in ("app", "application", "wsgi_app", "wrapped") if hasattr(app, n)), None
        )
        inner = getattr(inner, "__self__", inner)
        if inner is None:
            break
        app = inner
    return app


def _django() -> Any:
    import django
    from django.core.handlers.base import BaseHandler

    django.setup()
    return BaseHandler()


def _told(app: Any) -> Told:
    app = _below(app)
    kind = kind_of(app)
    if not kind:
        raise TypeError(
            f"{type(app).__module__}.{type(app).__qualname__} is no application of a known framework"
        )
    described, unsaid = None, ""
    try:
        described = {"litestar": lite.document, "fastapi": asgi.document}.get(kind, lambda _: None)(app)
    except Exception as error:
        unsaid = _last_line(error)
    if kind == "litestar":
        found = lite.routes(app, described)
    elif kind == "flask":
        found = wsgi.routes(app)
    elif kind == "django":
        found = urlconf.routes()
    else:
        found = asgi.routes(app, described)
    return {"kind": kind, "routes": plain(list(found)), "openapi": plain(described), "unsaid": unsaid}


def failure(error: BaseException, root: str) -> Told:
    """The last line of a traceback, and the deepest line of the project in it where there is one."""
    frames = [
        (os.path.realpath(one.filename), one.lineno or 0) for one in traceback.extract_tb(error.__traceback__)
    ]
    if isinstance(error, SyntaxError) and error.filename:
        frames.append((os.path.realpath(error.filename), error.lineno or 0))
    own = [one for one in frames if _is_own(one[0], root)]
    file, line = own[-1] if own else ("", 0)
    return {"said": _last_line(error), "file": file, "line": line, "wants": wanted(error)}


def _is_own(file: str, root: str) -> bool:
    path = Path(file)
    if path.name.startswith("<"):
        return False
    return path.is_relative_to(root) and path.parent != Path(__file__).parent and "site-packages" not in file


def _last_line(error: BaseException) -> str:
    """On one line; a complaint of several lines (pydantic's) whole, as far as it is short."""
    lines = traceback.format_exception_only(type(error), error)
    return " ".join(lines[-1].split())[:_LONGEST]
