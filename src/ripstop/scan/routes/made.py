"""What a project makes and names: applications, routers, lists of routes, and the texts they are given.

Works on the language-neutral Codebase alone; knows no framework's rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from ripstop.scan.code import UNKNOWN, Argument, Call, Codebase, Function, Shape, Value
from ripstop.scan.routes.classes import inherited, is_a

_MOST_STEPS = 20
_HOLE = re.compile(r"\{([A-Za-z_][\w.]*)\}")
MADE = (Shape.CALL, Shape.INSTANCE)
MODULE = ".<module>"


def objects(code: Codebase, roots: Sequence[str], classes: Sequence[str]) -> Iterator[tuple[str, Value]]:
    """The named values that are made from one of these classes, with the arguments they were given."""
    for name, value in code.constants.items():
        if value.shape in MADE and is_a(value.text, roots, classes, code):
            yield name, value


def unnamed(code: Codebase, roots: Sequence[str], classes: Sequence[str]) -> Iterator[tuple[str, Value]]:
    """What functions make of these classes without a name, as in ``return Starlette(...)``."""
    known = {key(value) for _, value in objects(code, roots, classes)}
    for function, call in calls(code):
        if is_a(call.name, roots, classes, code) and key_of(call) not in known:
            yield (
                f"{function.name}.<line {call.place.line}>",
                Value(Shape.INSTANCE, call.name, as_items(call)),
            )


def calls(code: Codebase) -> Iterator[tuple[Function, Call]]:
    """Every call of the project, those in a block after the one that opened it."""
    for function in code.functions.values():
        for call in function.calls:
            yield from ((function, one) for one in _with_block(call, 0))


def _with_block(call: Call, level: int) -> Iterator[Call]:
    yield call
    if level < _MOST_STEPS:
        for inner in call.block:
            yield from _with_block(inner, level + 1)


def module_of(function: str) -> str:
    """The module of a module body, or what a function stands in: a module or a class."""
    return function.removesuffix(MODULE) if function.endswith(MODULE) else function.rpartition(".")[0]


def method_of(call: Call) -> str:
    """The last part of a call's name."""
    return call.name.rpartition(".")[2]


Key = tuple[str, tuple[tuple[str, Value], ...]]


def key(value: Value) -> Key:
    """What something made is known by: its class or function, and its arguments."""
    return value.text, value.items


def key_of(call: Call) -> Key:
    """The key of what a call makes."""
    return call.name, as_items(call)


def as_items(call: Call) -> tuple[tuple[str, Value], ...]:
    """The arguments of a call as the items of what it makes."""
    plain = [one.value for one in call.arguments if not one.name]
    stated = [(one.name, one.value) for one in call.arguments if one.name]
    return (*((str(at), value) for at, value in enumerate(plain)), *stated)


def looped(code: Codebase, names: Sequence[str]) -> frozenset[Key]:
    """The keys of what calls of these last names make in loops and comprehensions: one stands for many."""
    return frozenset(key_of(call) for _, call in calls(code) if call.in_loop and method_of(call) in names)


def given(value: Value, name: str, position: int | None = None) -> Value | None:
    """The argument of something made: by name, else by its position."""
    found = value.get(name)
    return found if found is not None or position is None else value.get(str(position))


def positional(value: Value) -> list[Value]:
    """The positional arguments of something made, or the items of a list."""
    return [item for name, item in value.items if not name or name.isdigit()]


def followed(value: Value | None, code: Codebase) -> Value:
    """What a name stands for, through other names; the last name where nothing is known of it."""
    value = value or Value()
    for _ in range(_MOST_STEPS):
        if value.shape is not Shape.NAME:
            break
        behind = constant(value.text, code)
        if behind is None or behind == value:
            break
        value = behind
    return value


def named(value: Value | None, code: Codebase) -> str:
    """The dotted name under which the project made what a value names; empty for what is no name."""
    value = value or Value()
    if value.shape is not Shape.NAME:
        return ""
    name = value.text
    for _ in range(_MOST_STEPS):
        behind = constant(name, code)
        if behind is None or behind.shape is not Shape.NAME or behind.text == name:
            break
        name = behind.text
    return name


def constant(name: str, code: Codebase) -> Value | None:
    """A constant by its name; of an object's attribute that of its class (``settings.API_V1``)."""
    found = code.constants.get(name)
    if found is not None:
        return found
    owner, _, attribute = name.rpartition(".")
    made = code.constants.get(owner)
    return inherited(made.text, attribute, code) if made is not None and made.shape in MADE else None


def text(value: Value | None, code: Codebase, module: str = "") -> str | None:
    """A text as far as it is literal or made of constants; None where it is computed."""
    found = followed(value, code)
    if found.shape is Shape.SETTING:
        found = found.get("default") or Value(Shape.TEXT, f"{{{found.text}}}")
    if found.shape is not Shape.TEXT:
        return None
    return _HOLE.sub(lambda hole: _filled(hole.group(), hole.group(1), code, module), found.text)


def _filled(written: str, name: str, code: Codebase, module: str) -> str:
    """A hole that names a constant is that constant; any other is a variable of the path."""
    for whole in (name, f"{module}.{name}"):
        found = followed(constant(whole, code), code)
        if found.shape is Shape.TEXT:
            return found.text
    if name.isupper():
        alike = (value for one, value in code.constants.items() if one.endswith(f".{name}"))
        return next((value.text for value in alike if value.shape is Shape.TEXT), written)
    return written


def texts(value: Value | None, code: Codebase) -> list[str] | None:
    """The texts of a list; None where it is none, or not all of it can be read."""
    found = followed(value, code)
    if found.shape is not Shape.LIST:
        return None
    read = [text(item, code) for _, item in found.items]
    return [one for one in read if one is not None] if None not in read else None


def reference(value: Value | None, code: Codebase) -> str:
    """The qualified name of the function or class a value leads to; empty where it leads to none.

    ``Depends(f)``, ``Provide(f)`` and ``partial(f, ...)`` lead to ``f``; an object to its class.
    """
    value = value or Value()
    for _ in range(_MOST_STEPS):
        if value.shape is Shape.NAME:
            behind = constant(value.text, code)
            if behind is None:
                return value.text
            value = behind
        elif value.shape in MADE:
            inner = next((one for one in positional(value) if one.shape is Shape.NAME), None)
            if inner is None or value.text.rpartition(".")[2] not in _LEADING:
                return value.text
            value = inner
        else:
            return ""
    return ""


_LEADING = frozenset({"Depends", "Security", "Provide", "partial", "csrf_exempt", "login_required"})


def references(value: Value | None, code: Codebase) -> tuple[str, ...]:
    """The qualified names in a list of dependencies, guards or classes."""
    found = followed(value, code)
    items = [item for _, item in found.items] if found.shape in (Shape.LIST, Shape.MAPPING) else []
    return tuple(name for name in (reference(item, code) for item in items) if name)


def owner_of(call: Call, function: Function, code: Codebase, bound: Mapping[str, str]) -> str:
    """The name of the project's object a method is called on, through the parameter it may have come by.

    ``bound`` is what ``parameters_bound`` tells. Empty where the object has no name.
    """
    name = named(call.owner, code)
    if name:
        return bound.get(name, name)
    kind = call.owner.text if call.owner.shape is Shape.INSTANCE else ""
    came = [
        one.name
        for one in function.parameters
        if one.annotation == kind and f"{function.name}.{one.name}" in bound
    ]
    return bound[f"{function.name}.{came[0]}"] if len(came) == 1 else ""


def parameters_bound(code: Codebase) -> dict[str, str]:
    """What the project's functions are given: ``pkg.register.app`` is ``pkg.main.app``, by its first call."""
    found: dict[str, str] = {}
    for _, call in calls(code):
        function = code.functions.get(call.target) if call.target else None
        if function is None:
            continue
        for parameter, value in _pairs(function, call.arguments):
            name = named(value, code)
            if name:
                found.setdefault(f"{function.name}.{parameter}", name)
    return {name: _end(given_name, found) for name, given_name in found.items()}


def _pairs(function: Function, arguments: Sequence[Argument]) -> Iterator[tuple[str, Value]]:
    names = [one.name for one in function.parameters if one.name not in ("self", "cls")]
    position = 0
    for argument in arguments:
        if argument.name:
            yield argument.name, argument.value
        elif position < len(names):
            yield names[position], argument.value
            position += 1


def _end(name: str, found: Mapping[str, str]) -> str:
    for _ in range(_MOST_STEPS):
        if name not in found:
            break
        name = found[name]
    return name


def is_known(name: str) -> bool:
    """Whether a dotted name is resolved at all."""
    return bool(name) and not name.startswith(UNKNOWN)
