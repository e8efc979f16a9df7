"""Which methods a Django view answers, by syntax: a function, a class of Django's or of REST framework's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ripstop.model.survey import Sureness
from ripstop.scan.code import Codebase, Function, Value
from ripstop.scan.routes.classes import inherited, line, method_in
from ripstop.scan.routes.graph import decorator_guards, is_guard
from ripstop.scan.routes.made import (
    MADE,
    followed,
    named,
    positional,
    reference,
    references,
    text,
    texts,
)

VERBS = ("get", "post", "put", "patch", "delete")
_FROM_LIBRARY = {
    "TemplateView": "get",
    "RedirectView": "get",
    "ListView": "get",
    "DetailView": "get",
    "ArchiveIndexView": "get",
    "YearArchiveView": "get",
    "MonthArchiveView": "get",
    "DayArchiveView": "get",
    "DateDetailView": "get",
    "FormView": "get post",
    "CreateView": "get post",
    "UpdateView": "get post",
    "DeleteView": "get post delete",
    "LoginView": "get post",
    "LogoutView": "post",
    "PasswordChangeView": "get post",
    "PasswordResetView": "get post",
    "PasswordResetConfirmView": "get post",
    "CreateAPIView": "post",
    "ListAPIView": "get",
    "RetrieveAPIView": "get",
    "DestroyAPIView": "delete",
    "UpdateAPIView": "put patch",
    "ListCreateAPIView": "get post",
    "RetrieveUpdateAPIView": "get put patch",
    "RetrieveDestroyAPIView": "get delete",
    "RetrieveUpdateDestroyAPIView": "get put patch delete",
}
_REQUIRED = {"require_POST": ["POST"], "require_GET": ["GET"], "require_safe": ["GET"]}
_MIXINS = ("RequiredMixin", "UserPassesTestMixin", "PermissionMixin")


@dataclass(frozen=True, slots=True)
class Answer:
    """One method of a view, and the qualified name of what answers."""

    method: str
    handler: str
    guards: tuple[str, ...] = ()
    sureness: Sureness = Sureness.CERTAIN


def answers(target: Value, code: Codebase, defaults: Sequence[str] = ()) -> Iterator[Answer]:
    """The answers of what stands in a ``path``: a name, ``View.as_view()``, either inside decorators."""
    shown = followed(target, code)
    owner = viewed(target, code) or viewed(shown, code)
    if owner:
        yield from of_class(owner, code, defaults)
        return
    inner = positional(shown) if shown.shape in MADE else []
    if inner:
        known = (shown.text,) if is_guard(shown.text, ()) else ()
        yield from (replace(one, guards=(*known, *one.guards)) for one in answers(inner[0], code, defaults))
        return
    name = reference(target, code)
    if name:
        yield from _of_function(name, code)


def viewed(value: Value, code: Codebase) -> str:
    """The view class of ``View.as_view()``; empty for anything else."""
    if value.shape not in MADE or not value.text.endswith(".as_view"):
        return ""
    written = value.text.removesuffix(".as_view")
    if written in code.bases:
        return written
    return named(value.get("."), code) or written


def _of_function(name: str, code: Codebase) -> Iterator[Answer]:
    function = code.functions.get(name)
    guards = decorator_guards(function, ())
    stated = _required(function, code)
    sureness = Sureness.CERTAIN if stated else Sureness.LIKELY
    for method in stated or _refusing(function, code) or ["GET"]:
        yield Answer(method, name, (*guards, *_permitted(function, code)), sureness)


def _required(function: Function | None, code: Codebase) -> list[str]:
    """The methods that a decorator allows."""
    for one in function.decorators if function is not None else ():
        kind = one.name.rpartition(".")[2]
        if kind in _REQUIRED:
            return _REQUIRED[kind]
        if kind in ("require_http_methods", "api_view"):
            listed = texts(one.argument("request_method_list", 0) or one.argument("http_method_names"), code)
            allowed = [name.upper() for name in listed or ["GET"]]
            return [name for name in allowed if name not in ("HEAD", "OPTIONS")] or allowed
    return []


def _permitted(function: Function | None, code: Codebase) -> tuple[str, ...]:
    """What ``@permission_classes([...])`` names."""
    for one in function.decorators if function is not None else ():
        if one.name.rpartition(".")[2] == "permission_classes":
            return references(one.argument("permission_classes", 0), code)
    return ()


def _refusing(function: Function | None, code: Codebase) -> list[str]:
    for call in function.calls if function is not None else ():
        if call.name.rpartition(".")[2] == "HttpResponseNotAllowed":
            return [name.upper() for name in texts(call.argument("permitted_methods", 0), code) or []]
    return []


def of_class(owner: str, code: Codebase, defaults: Sequence[str]) -> Iterator[Answer]:
    """The methods of a view class: those it defines, and those its library gives it."""
    guards = class_guards(owner, code, defaults)
    library = {
        verb
        for one in line(owner, code)
        for verb in _FROM_LIBRARY.get(one.rpartition(".")[2], "").split()
        if one not in code.bases
    }
    allowed = texts(inherited(owner, "http_method_names", code), code)
    for verb in VERBS:
        own = method_in(owner, verb, code)
        if (own or verb in library) and (allowed is None or verb in allowed):
            before = (*guards, *decorator_guards(code.functions.get(own), ()))
            yield Answer(verb.upper(), own or f"{owner}.{verb}", before)


def class_guards(owner: str, code: Codebase, defaults: Sequence[str]) -> tuple[str, ...]:
    """The permissions of a view class, ``defaults`` where it names none, and its guarding mixins."""
    found = [one for one in line(owner, code)[1:] if one.endswith(_MIXINS)]
    stated = inherited(owner, "permission_classes", code)
    if stated is not None:
        found += references(stated, code)
    elif any(one.startswith("rest_framework.") for one in line(owner, code)):
        found += defaults
    return tuple(found)


def default_permissions(code: Codebase) -> tuple[str, ...]:
    """The permissions that the settings of REST framework give to views that name none."""
    for name, value in code.constants.items():
        if name.endswith(".REST_FRAMEWORK"):
            listed = followed(value.get("DEFAULT_PERMISSION_CLASSES"), code)
            return tuple(one for one in (text(item, code) for _, item in listed.items) if one)
    return ()
