"""Declared shapes of bodies, and what differs from them, field by field.

A shape is a type (``int``), a union of types (``int | None``), a literal (``"usd"``), a tuple of
alternatives, a list with the shape of each item, a mapping of field to shape (a name that ends
in ``?`` may be missing), or a predicate of the value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Any

Shape = Any


def differences(shape: Shape, value: Any, *, at: str = "body", strict: bool = False) -> tuple[str, ...]:
    """What keeps ``value`` from being of the shape, a line a field; empty where nothing does.

    Fields that are not declared are allowed unless ``strict``.

    >>> differences({"amountCents": int}, {"amountCents": "abc"})
    ("body.amountCents: expected int, got 'abc'",)
    """
    return tuple(_differences(shape, value, at, strict))


def _differences(shape: Shape, value: Any, at: str, strict: bool) -> Iterator[str]:
    if isinstance(shape, Mapping):
        yield from _object(shape, value, at, strict)
    elif isinstance(shape, list):
        yield from _array(shape, value, at, strict)
    elif not _fits(shape, value, strict):
        yield f"{at}: expected {described(shape)}, got {_shown(value)}"


def _object(shape: Mapping[str, Shape], value: Any, at: str, strict: bool) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield f"{at}: expected an object, got {_shown(value)}"
        return
    declared = {name.removesuffix("?"): (inner, name.endswith("?")) for name, inner in shape.items()}
    for name, (inner, optional) in declared.items():
        if name in value:
            yield from _differences(inner, value[name], f"{at}.{name}", strict)
        elif not optional:
            yield f"{at}.{name}: missing, expected {described(inner)}"
    for name in value if strict else ():
        if name not in declared:
            yield f"{at}.{name}: not declared, got {_shown(value[name])}"


def _array(shape: list[Shape], value: Any, at: str, strict: bool) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{at}: expected a list, got {_shown(value)}"
        return
    for place, item in enumerate(value) if shape else ():
        yield from _differences(shape[0], item, f"{at}[{place}]", strict)


def _fits(shape: Shape, value: Any, strict: bool) -> bool:
    if isinstance(shape, tuple):
        return any(not differences(one, value, strict=strict) for one in shape)
    if isinstance(shape, UnionType):
        return any(_fits(one, value, strict) for one in shape.__args__)
    if shape is None or shape is type(None):
        return value is None
    if isinstance(shape, type):
        return _is_a(shape, value)
    if callable(shape):
        return bool(shape(value))
    return type(shape) is type(value) and bool(shape == value)


def _is_a(kind: type, value: Any) -> bool:
    """JSON has one kind of number, and true is none of them (RFC 8259, 3)."""
    if isinstance(value, bool):
        return kind in (bool, object)
    if kind is float:
        return isinstance(value, int | float)
    return isinstance(value, kind)


def described(shape: Shape) -> str:
    """A shape in the words of an error message."""
    if isinstance(shape, tuple):
        return " or ".join(described(one) for one in shape)
    if isinstance(shape, UnionType):
        return " or ".join(described(one) for one in shape.__args__)
    if shape is None or shape is type(None):
        return "null"
    if isinstance(shape, Mapping):
        return "an object"
    if isinstance(shape, list):
        return "a list"
    if isinstance(shape, type):
        return shape.__name__
    return f"a value that {getattr(shape, '__name__', 'fits')} accepts" if callable(shape) else repr(shape)


def _shown(value: Any) -> str:
    text = "null" if value is None else repr(value)
    return text if len(text) <= 80 else text[:80] + "…"
