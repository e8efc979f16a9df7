"""Django REST framework: what its serializers and generic views do without a line of the project's own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ripstop.model.survey import Place
from ripstop.scan.code import Call, Codebase, Function, Shape, Value
from ripstop.scan.reaching.known import known
from ripstop.scan.reaching.names import last, root

_LINE_LIMIT = 50
_READ, _CREATE, _UPDATE, _DELETE = "read", "create", "update", "delete"
_CALLED = {
    "get": ("list", "retrieve"),
    "post": ("create",),
    "put": ("update",),
    "patch": ("partial_update", "update"),
    "delete": ("destroy",),
}
"""What a generic view's methods call on itself."""
_ACTIONS = {
    **dict.fromkeys(("get", "list", "retrieve", "head"), (_READ,)),
    **dict.fromkeys(("post", "create"), (_CREATE,)),
    **dict.fromkeys(("put", "patch", "update", "partial_update"), (_READ, _UPDATE)),
    **dict.fromkeys(("delete", "destroy"), (_READ, _DELETE)),
}


def meant(call: Call, code: Codebase) -> Call:
    """A serializer's ``save`` with the one method that it calls: ``create``, or ``update`` of a row."""
    if last(call.name) != "save" or root(call.name) != "rest_framework":
        return call
    given = call.owner.get("instance") or call.owner.get("0")
    wanted = "update" if given is not None and given.shape is not Shape.NOTHING else "create"
    kept = tuple(one for one in call.block if last(one.target) == wanted)
    model = model_of(call.owner.text, code)
    if not kept and wanted == "update" and model:
        kept = (_row(model, "save", call.place),)
    return replace(call, block=kept) if kept else call


def _row(model: str, method: str, place: Place) -> Call:
    return Call(f"django.db.models.Model.{method}", place, owner=Value(Shape.INSTANCE, model))


def model_of(serializer: str, code: Codebase) -> str:
    """The class of the rows that a serializer writes; empty where it does not say."""
    found = (code.constants.get(f"{kind}.Meta.model") for kind in line(serializer, code))
    return next((value.text for value in found if value is not None and value.text), "")


def line(kind: str, code: Codebase) -> tuple[str, ...]:
    """A class and the project's classes it is derived from, nearest first, then the library's."""
    found: list[str] = []
    waiting = [kind]
    while waiting and len(found) < _LINE_LIMIT:
        one = waiting.pop(0)
        if one not in found:
            found.append(one)
            waiting += code.bases.get(one, ())
    return tuple(found)


def inherited(name: str, code: Codebase) -> Function | None:
    """A method by the name of a class that only inherits it, or that a generic view has from the library."""
    kind, _, method = name.rpartition(".")
    parents = line(kind, code)
    names = (method, *_CALLED.get(method, ()))
    found = (code.functions.get(f"{parent}.{one}") for one in names for parent in parents)
    own = next((one for one in found if one is not None), None)
    if own is not None or not any(parent.startswith("rest_framework.") for parent in parents):
        return own
    place = _place(parents, code)
    calls = tuple(
        call for action in _ACTIONS.get(method, ()) for call in _calls(action, parents, place, code)
    )
    return Function(name, place, place.line, calls=calls)


def _calls(action: str, parents: tuple[str, ...], place: Place, code: Codebase) -> Iterator[Call]:
    rows = _constant("queryset", parents, code)
    serializer = _constant("serializer_class", parents, code)
    if action == _READ:
        yield from _own("get_queryset", parents, place, code) or _of(rows, "Manager.get", place)
    elif action == _DELETE:
        yield from _own("perform_destroy", parents, place, code) or _of(rows, "QuerySet.delete", place)
    else:
        yield from _own(f"perform_{action}", parents, place, code)
        yield from _saved(action, serializer, place, code)


def _saved(action: str, serializer: Value | None, place: Place, code: Codebase) -> Iterator[Call]:
    """What a serializer does of itself, or the project's own method for it."""
    if serializer is None:
        return
    made = Value(Shape.INSTANCE, serializer.text)
    own = tuple(replace(one, owner=made) for one in _own(action, line(made.text, code), place, code))
    model = model_of(serializer.text, code)
    yield from own or ((_row(model, "save", place),) if model else ())


def _own(method: str, parents: tuple[str, ...], place: Place, code: Codebase) -> tuple[Call, ...]:
    found = (f"{parent}.{method}" for parent in parents)
    name = next((one for one in found if one in code.functions), "")
    return (Call(name, place, target=name),) if name else ()


def _of(rows: Value | None, method: str, place: Place) -> tuple[Call, ...]:
    return (Call(f"django.db.models.{method}", place, owner=rows),) if rows is not None else ()


def _constant(name: str, parents: tuple[str, ...], code: Codebase) -> Value | None:
    found = (code.constants.get(f"{parent}.{name}") for parent in parents)
    return next((value for value in found if value is not None and value.text), None)


def _place(parents: tuple[str, ...], code: Codebase) -> Place:
    """A line of the class: where its first method is, else its table's."""
    for parent in parents:
        places = [one.place for name, one in code.functions.items() if name.startswith(f"{parent}.")]
        if places:
            return min(places)
    table = known(code).table(model_of(_text(_constant("serializer_class", parents, code)), code))
    return table.place if table is not None else Place("", 1)


def _text(value: Value | None) -> str:
    return value.text if value is not None else ""
