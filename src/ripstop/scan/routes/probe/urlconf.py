"""The routes of a Django project, as its resolver tells: functions, view classes, REST framework's."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Iterable, Iterator
from typing import Any

from ripstop.scan.routes.asked import methods
from ripstop.scan.routes.paths import angles, join, regex
from ripstop.scan.routes.probe.serializers import schema_of
from ripstop.scan.routes.probe.telling import (
    BY_THEMSELVES,
    HTTP_METHODS,
    Told,
    is_the_frameworks,
    name_of,
    route,
    unwrapped,
)

_MOST_LEVELS = 20
_MIXINS = ("RequiredMixin", "UserPassesTestMixin", "PermissionMixin")
_LEFT_OUT = (
    "django.contrib.",
    "django.views.static",
    "django.views.i18n",
    "debug_toolbar.",
    "drf_spectacular.",
    "drf_yasg.",
)


def routes() -> Iterator[Told]:
    """Every route of ``ROOT_URLCONF`` but the admin's, static files' and those with a format's suffix."""
    from django.conf import settings
    from django.urls import get_resolver

    guards = tuple(one for one in settings.MIDDLEWARE if not one.startswith("django."))
    yield from _below(get_resolver().url_patterns, "", guards, 0)


def _below(patterns: Iterable[Any], prefix: str, guards: tuple[str, ...], level: int) -> Iterator[Told]:
    if level > _MOST_LEVELS:
        return
    for one in patterns:
        path = prefix + _written(one.pattern)
        if hasattr(one, "url_patterns"):
            if one.app_name != "admin":
                yield from _below(one.url_patterns, path, guards, level + 1)
        elif "{format}" not in path and not _is_left_out(one.callback):
            yield from _view(one.callback, join(path), guards)


def _written(pattern: Any) -> str:
    """The text of a pattern as the project wrote it; of a translated one in the language of now."""
    route_text = getattr(pattern, "_route", None)
    if route_text is not None:
        return angles(str(route_text))
    return regex(str(getattr(pattern, "_regex", pattern)))


def _is_left_out(view: Any) -> bool:
    shown = getattr(view, "view_class", None) or getattr(view, "cls", None) or unwrapped(view)
    return is_the_frameworks(shown) or name_of(shown).startswith(_LEFT_OUT)


def _view(view: Any, path: str, guards: tuple[str, ...]) -> Iterator[Told]:
    shown = getattr(view, "view_class", None) or getattr(view, "cls", None)
    actions = getattr(view, "actions", None)
    if shown is None:
        yield from (route(method, path, view, guards=guards) for method in function_methods(view))
        return
    mixins = (name_of(one) for one in shown.__mro__[1:] if one.__name__.endswith(_MIXINS))
    before = (*guards, *mixins, *_classes(shown, "permission_classes"))
    by_function = shown.__name__ == "WrappedAPIView"
    for method in HTTP_METHODS:
        action = actions.get(method.lower()) if actions else method.lower()
        own = getattr(shown, action, None) if action else None
        if own is None or not _is_meant(method, own, shown):
            continue
        if by_function:
            name, handler = f"{view.__module__}.{view.__name__}", _inside(own) or view
        else:
            name, handler = f"{name_of(shown)}.{action}", own if _is_of(own, shown) else shown
        yield route(method, path, handler, name=name, guards=before, body=_body(shown, method))


def _is_meant(method: str, own: Any, shown: Any) -> bool:
    """Not what a class allows nobody, nor what Django's generic views answer by the way."""
    if method in BY_THEMSELVES or method.lower() not in shown.http_method_names:
        return False
    library = getattr(own, "__module__", "")
    by_the_way = method == "PUT" or shown.__name__ == "RedirectView" or "RedirectView" in own.__qualname__
    return method == "GET" or not (library.startswith("django.views.generic.") and by_the_way)


def _inside(handler: Any) -> Any:
    """The function below ``@api_view``, which its handler closes over."""
    cells = getattr(handler, "__closure__", None) or ()
    return next((cell.cell_contents for cell in cells if inspect.isfunction(cell.cell_contents)), None)


def _is_of(function: Any, shown: type) -> bool:
    """Whether the project wrote the function, rather than a base class of a library."""
    return getattr(function, "__module__", "").partition(".")[0] == shown.__module__.partition(".")[0]


def _classes(shown: Any, setting: str) -> Iterator[str]:
    for one in getattr(shown, setting, None) or ():
        if inspect.isclass(one):
            yield name_of(one)


def _body(shown: Any, method: str) -> Any:
    serializer = getattr(shown, "serializer_class", None)
    return schema_of(serializer) if serializer and method in ("POST", "PUT", "PATCH") else None


def function_methods(view: Any) -> list[str]:
    """The methods a function answers: by its decorator, else by what it compares and reads, else GET."""
    allowed = _required(view)
    if allowed:
        return sorted(set(allowed) - BY_THEMSELVES) or sorted(allowed)
    try:
        return methods(textwrap.dedent(inspect.getsource(unwrapped(view))))
    except (OSError, TypeError):
        return ["GET"]


def _required(view: Any) -> list[str]:
    """What ``require_http_methods`` closes over, at any depth of decorators."""
    for _ in range(_MOST_LEVELS):
        if getattr(getattr(view, "__code__", None), "co_filename", "").endswith("decorators/http.py"):
            for cell in view.__closure__ or ():
                if isinstance(cell.cell_contents, (list, tuple)):
                    return [str(one) for one in cell.cell_contents]
        view = getattr(view, "__wrapped__", None)
        if view is None:
            break
    return []
