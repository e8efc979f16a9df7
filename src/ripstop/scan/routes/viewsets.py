"""Viewsets of REST framework on their routers, by syntax: list, detail and extra actions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ripstop.scan.code import Call, Codebase, Shape, Value
from ripstop.scan.routes.classes import inherited, line, members, method_in
from ripstop.scan.routes.graph import Gap, decorator_guards
from ripstop.scan.routes.made import (
    calls,
    constant,
    followed,
    given,
    method_of,
    named,
    objects,
    reference,
    text,
    texts,
)
from ripstop.scan.routes.paths import regex
from ripstop.scan.routes.views import Answer, class_guards, default_permissions

DRF = ("rest_framework", "rest_framework_nested", "rest_framework_extensions")
ROUTERS = ("DefaultRouter", "SimpleRouter", "ExtendedDefaultRouter", "ExtendedSimpleRouter")
_ACTIONS = (
    ("list", "GET", False),
    ("create", "POST", False),
    ("retrieve", "GET", True),
    ("update", "PUT", True),
    ("partial_update", "PATCH", True),
    ("destroy", "DELETE", True),
)
_FROM_LIBRARY = {
    "ModelViewSet": "list create retrieve update partial_update destroy",
    "ReadOnlyModelViewSet": "list retrieve",
    "ListModelMixin": "list",
    "CreateModelMixin": "create",
    "RetrieveModelMixin": "retrieve",
    "UpdateModelMixin": "update partial_update",
    "DestroyModelMixin": "destroy",
}


@dataclass(frozen=True, slots=True)
class Known:
    """What is looked up often: routers, what is registered on each, functions and constants by owner.

    ``defaults`` are the permissions of views that name none.
    """

    routers: tuple[str, ...]
    registered: Mapping[str, Sequence[Call]]
    members: Mapping[str, Sequence[str]]
    constants: Mapping[str, Sequence[Value]]
    defaults: tuple[str, ...]


def known(code: Codebase) -> Known:
    """One look through all of a project."""
    calls_on: dict[str, list[Call]] = {}
    constants: dict[str, list[Value]] = {}
    routers = tuple(name for name, _ in objects(code, DRF, ROUTERS))
    for _, call in calls(code) if routers else ():
        if method_of(call) == "register":
            calls_on.setdefault(named(call.owner, code), []).append(call)
    for name, value in code.constants.items():
        constants.setdefault(name.rpartition(".")[0], []).append(value)
    return Known(routers, calls_on, members(code), constants, default_permissions(code))


def registered(router: str, code: Codebase, known: Known) -> Iterator[tuple[str, Answer] | Gap]:
    """Each path below a router, without its first slash, and the answer there."""
    made = constant(router, code) or Value()
    slash = "" if _is_no(given(made, "trailing_slash", 0)) else "/"
    for call in known.registered.get(router, ()):
        prefix, viewset = text(call.argument("prefix", 0), code), reference(call.argument("viewset", 1), code)
        if prefix is None or not viewset or call.in_loop:
            yield Gap(call.place, "registers viewsets that are computed")
            continue
        yield from _answers(regex(prefix), viewset, slash, code, known)


def _is_no(value: Value | None) -> bool:
    return value is not None and value.text in ("False", "false")


def _is_yes(value: Value | None) -> bool:
    return value is not None and value.text in ("True", "true")


def _answers(
    prefix: str, viewset: str, slash: str, code: Codebase, known: Known
) -> Iterator[tuple[str, Answer]]:
    guards = class_guards(viewset, code, known.defaults)
    library = {
        name
        for one in line(viewset, code)
        if one not in code.bases
        for name in _FROM_LIBRARY.get(one.rpartition(".")[2], "").split()
    }
    variable = text(
        inherited(viewset, "lookup_url_kwarg", code) or inherited(viewset, "lookup_field", code), code
    )
    detail = f"{prefix}/{{{variable or 'pk'}}}"
    allowed = texts(inherited(viewset, "http_method_names", code), code)
    for action, verb, is_detail in _ACTIONS:
        own = method_in(viewset, action, code)
        if (own or action in library) and (allowed is None or verb.lower() in allowed):
            before = (*guards, *decorator_guards(code.functions.get(own), ()))
            answer = Answer(verb, own or f"{viewset}.{action}", before)
            yield (detail if is_detail else prefix) + slash, answer
    for path, answer in _extra(viewset, code, known):
        below = detail if path.startswith("/") else prefix
        yield (
            f"{below}/{path.lstrip('/')}{slash}",
            Answer(answer.method, answer.handler, (*guards, *answer.guards)),
        )


def _extra(viewset: str, code: Codebase, known: Known) -> Iterator[tuple[str, Answer]]:
    """Methods decorated with ``action``; the path begins with a slash for those of one object."""
    for owner in line(viewset, code):
        for name in known.members.get(owner, ()):
            for one in code.functions[name].decorators:
                if one.name.rpartition(".")[2] == "action":
                    yield from _action(one, name, code)


def _action(one: Call, handler: str, code: Codebase) -> Iterator[tuple[str, Answer]]:
    stated = one.argument("url_path")
    path = regex(text(stated, code) or handler.rpartition(".")[2])
    verbs = texts(one.argument("methods", 0), code) or ["get"]
    own = references_of(one.argument("permission_classes"), code)
    guards = (*own, *decorator_guards(code.functions.get(handler), ()))
    for verb in verbs:
        yield (
            f"{'/' if _is_yes(one.argument('detail', 1)) else ''}{path}",
            Answer(verb.upper(), handler, guards),
        )


def references_of(value: Value | None, code: Codebase) -> tuple[str, ...]:
    """The qualified names in a list of classes."""
    found = followed(value, code)
    names = [reference(item, code) for _, item in found.items] if found.shape is Shape.LIST else []
    return tuple(name for name in names if name)
