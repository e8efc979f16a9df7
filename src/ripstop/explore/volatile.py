"""What differs between two runs of the same thing: ids, times, tokens. Found by comparing, never guessed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ripstop.model.state import Change, Effect

_MISSING = object()


def pointers(left: Any, right: Any, at: str = "") -> Iterator[str]:
    """JSON pointers (RFC 6901) of the places where two JSON values differ.

    >>> list(pointers({"id": 1, "ok": True}, {"id": 2, "ok": True}))
    ['/id']
    """
    if isinstance(left, dict) and isinstance(right, dict):
        for key in sorted({*left, *right}):
            token = str(key).replace("~", "~0").replace("/", "~1")
            yield from pointers(left.get(key, _MISSING), right.get(key, _MISSING), f"{at}/{token}")
    elif isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        for index, (one, other) in enumerate(zip(left, right, strict=True)):
            yield from pointers(one, other, f"{at}/{index}")
    elif left is _MISSING or right is _MISSING or left != right:
        yield at


def columns(left: Sequence[Change], right: Sequence[Change]) -> frozenset[tuple[str, str]]:
    """(table, column) pairs whose values differ between two runs' changes, taken in order."""
    return frozenset(
        (one.table, column)
        for one, other in zip(left, right, strict=False)
        if (one.kind, one.table) == (other.kind, other.table)
        for before, after in ((one.old, other.old), (one.new, other.new))
        for column in {*(before or {}), *(after or {})}
        if (before or {}).get(column) != (after or {}).get(column)
    )


def effect_fields(left: Iterable[Effect], right: Iterable[Effect]) -> frozenset[tuple[str, str]]:
    """(effect kind, field) pairs whose values differ; the idempotency key counts as ``key``."""
    found: set[tuple[str, str]] = set()
    for one, other in zip(left, right, strict=False):
        found |= {
            (one.kind, name)
            for name in {*one.data, *other.data}
            if one.data.get(name) != other.data.get(name)
        }
        if one.key != other.key:
            found.add((one.kind, "key"))
    return frozenset(found)


def shape(changes: Iterable[Change], effects: Iterable[Effect]) -> tuple[tuple[str, str], ...]:
    """What two runs must have in common: kind and place of every change and effect."""
    rows = tuple((change.kind, change.table) for change in changes)
    return rows + tuple((effect.seam, effect.kind) for effect in effects)
