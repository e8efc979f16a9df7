"""Making values: each bounded in size, since what is built from itself would grow without end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ripstop.scan.code import Argument, Shape, Value

UNKNOWN_VALUE = Value()
OWNER = "."
"""The item of a call or an instance that is the value it was called on."""
MOST_NODES = 400
"""A value is kept with so many parts in all; beyond, only what it is, not what it is made of."""
MOST_ITEMS = 200
MOST_CHOICES = 12
MOST_TEXT = 20_000
Items = tuple[tuple[str, Value], ...]


def named(dotted: str) -> Value:
    return Value(Shape.NAME, dotted)


def instance(dotted: str, items: Items = ()) -> Value:
    return made(Shape.INSTANCE, dotted, items)


def text(content: str) -> Value:
    return Value(Shape.TEXT, content[:MOST_TEXT])


def number(content: str) -> Value:
    return Value(Shape.NUMBER, content)


def setting(name: str, default: Value | None = None) -> Value:
    known = default is not None and default.shape is not Shape.UNKNOWN
    return Value(Shape.SETTING, name, (("default", default),) if known and default else ())


def listed(values: Iterable[Value]) -> Value:
    return made(Shape.LIST, "", tuple((str(place), value) for place, value in enumerate(values)))


def made(shape: Shape, content: str, items: Items) -> Value:
    """A value with items, its parts counted."""
    if len(items) > MOST_ITEMS:
        items = items[:MOST_ITEMS]
    if any(value.items for _, value in items) and _size(items, MOST_NODES) >= MOST_NODES:
        items = tuple((name, Value(value.shape, value.text)) for name, value in items)
    return Value(shape, content, items)


def _size(items: Items, most: int) -> int:
    count = 0
    waiting = [items]
    while waiting and count < most:
        some = waiting.pop()
        count += len(some)
        waiting += [value.items for _, value in some if value.items]
    return count


def arguments_as_items(arguments: Sequence[Argument], owner: Value = UNKNOWN_VALUE) -> Items:
    """Arguments by name, positional ones by their number; what was called on under ``.``."""
    items: list[tuple[str, Value]] = []
    place = 0
    for argument in arguments:
        if argument.name:
            items.append((argument.name, argument.value))
        else:
            items.append((str(place), argument.value))
            place += 1
    if owner.shape is not Shape.UNKNOWN:
        items.append((OWNER, owner))
    return tuple(items)


def one_of(mapping: Value) -> Value:
    """What a table of functions gives for a key that is not known: nobody knows which, one of these."""
    functions = tuple((name, value) for name, value in mapping.items if value.shape is Shape.NAME)
    return Value(items=functions[:MOST_CHOICES])


def first_known(*values: Value) -> Value:
    """The first that tells something; nothing, as in ``x or None``, only where no other does."""
    for value in values:
        if value.shape not in (Shape.UNKNOWN, Shape.NOTHING):
            return value
    return next((value for value in values if value.shape is Shape.NOTHING), UNKNOWN_VALUE)
