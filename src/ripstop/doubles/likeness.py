"""Whether two replies are of one shape: a double's, and the real server's. Values do not matter."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ripstop.model.http import Reply
from ripstop.model.trace import operation_of

Place = tuple[str, ...]
"""Where a field is: its names from the body down, ``[]`` for a list's items."""
_LIKE = 0.6


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference of a server's reply from the double's. ``drift`` is False where the double merely
    knows less than the server tells, or tells more than the server has to."""

    text: str
    drift: bool = True


def never(_place: Place) -> bool:
    return False


def compare(
    ours: Reply, theirs: Reply, *, optional: Callable[[Place], bool] = never
) -> tuple[Difference, ...]:
    """How the server's reply differs in shape; empty where it does not.

    ``optional`` says of a field of ours whether the server may leave it out.
    """
    found = []
    if ours.status != theirs.status:
        found.append(Difference(f"status: {ours.status} at the double, {theirs.status} at the server"))
    mine, other = _content(ours), _content(theirs)
    if (mine is None) != (other is None):
        kinds = [reply.header("content-type") or "nothing" for reply in (ours, theirs)]
        found.append(Difference(f"body: {kinds[0]} at the double, {kinds[1]} at the server"))
    elif mine is not None:
        found += _values(mine[0], other[0] if other else None, (), optional)
    return tuple(dict.fromkeys(found))


def _values(ours: Any, theirs: Any, place: Place, optional: Callable[[Place], bool]) -> Iterator[Difference]:
    if ours is None or theirs is None:
        return
    if kind(ours) != kind(theirs):
        yield Difference(f"{_at(place)}: {kind(ours)} at the double, {kind(theirs)} at the server")
    elif isinstance(ours, Mapping):
        yield from _objects(ours, theirs, place, optional)
    elif isinstance(ours, list) and ours and theirs:
        yield from _values(_merged(ours), _merged(theirs), (*place, "[]"), optional)


def _objects(
    ours: Mapping[str, Any], theirs: Mapping[str, Any], place: Place, optional: Callable[[Place], bool]
) -> Iterator[Difference]:
    gone = [name for name in ours if name not in theirs and not _is_volatile(name)]
    new = [name for name in theirs if name not in ours and not _is_volatile(name)]
    renamed = _renamed({name: ours[name] for name in gone}, {name: theirs[name] for name in new})
    for name in gone:
        here = (*place, name)
        if name in renamed:
            yield Difference(f"{_at(here)} is called {_at((*place, renamed[name]))} at the server")
        else:
            text = f"{_at(here)}: {kind(ours[name])} at the double, gone at the server"
            yield Difference(text, drift=not optional(here))
    for name in new:
        if name not in renamed.values():
            text = f"{_at((*place, name))}: {kind(theirs[name])} at the server, unknown to the double"
            yield Difference(text, drift=False)
    for name in ours:
        if name in theirs:
            yield from _values(ours[name], theirs[name], (*place, name), optional)


def _renamed(gone: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, str]:
    """Which field that is gone is which that is new: of one kind, and alike in name or value."""
    scored = sorted(
        (
            (_likeness(name, value, other, there), name, other)
            for name, value in gone.items()
            for other, there in new.items()
            if value is None or there is None or kind(value) == kind(there)
        ),
        reverse=True,
    )
    alone = len(gone) == len(new) == 1
    found: dict[str, str] = {}
    for score, name, other in scored:
        if name not in found and other not in found.values() and (alone or score >= _LIKE):
            found[name] = other
    return found


def _likeness(name: str, value: Any, other: str, there: Any) -> float:
    plain, like = (re.sub(r"[^a-z0-9]", "", one.lower()) for one in (name, other))
    ratio = difflib.SequenceMatcher(None, plain, like).ratio()
    telling = value is not None and not isinstance(value, bool) and value not in ("", 0, [], {})
    return ratio + (1.0 if telling and bool(value == there) else 0.0)


def _merged(items: list[Any]) -> Any:
    """A list's items as one: of objects every field that any of them has."""
    if not all(isinstance(one, Mapping) for one in items):
        return items[0]
    found: dict[str, Any] = {}
    for one in items:
        found |= {name: value for name, value in one.items() if found.get(name) is None}
    return found


def _content(reply: Reply) -> tuple[Any] | None:
    """The body as JSON, in a tuple; None where it is none."""
    try:
        return (reply.json(),)
    except (ValueError, RecursionError):
        return None


def kind(value: Any) -> str:
    """The kind of a JSON value; whole and broken numbers are one (RFC 8259, 3)."""
    if isinstance(value, bool):
        return "boolean"
    names = {dict: "object", list: "list", str: "string", int: "number", float: "number"}
    return names.get(type(value), "null")


def _is_volatile(name: str) -> bool:
    return operation_of("GET", f"/{name}") == "GET /{id}"


def _at(place: Place) -> str:
    return "body" + "".join("[]" if part == "[]" else f".{part}" for part in place)
