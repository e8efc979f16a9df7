"""Reading one TOML value: what it must be, and what is said where it is not."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import Any
from zoneinfo import ZoneInfo

from ripstop.errors import UsageError

Reader = Callable[[Any, str], Any]
"""Takes a TOML value and its place; answers with what goes into the dataclass, or raises UsageError."""


def read_table(table: Any, place: str, readers: Mapping[str, Reader]) -> dict[str, Any]:
    """A table's values, each read by its key's reader."""
    values = {}
    for key, value in a_mapping(table, place).items():
        if key not in readers:
            raise UsageError(
                "unknown-key",
                f"{place or 'top level'}: unknown key {key!r}{nearest(key, readers)}",
                details=[f"known: {', '.join(readers)}"],
            )
        values[key] = readers[key](value, join(place, key))
    return values


def nearest(name: str, known: Iterable[str], form: str = "{!r}") -> str:
    near = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"; did you mean {form.format(near[0])}?" if near else ""


def join(place: str, key: str) -> str:
    return f"{place}.{key}" if place else key


_NAMES = {
    str: "a string",
    bool: "a boolean",
    int: "an integer",
    float: "a number",
    list: "a list",
    dict: "a table",
}


def wrong(place: str, expected: str, value: object) -> UsageError:
    shown = repr(value) if isinstance(value, str | int | float) else ""
    got = _NAMES.get(type(value), f"a {type(value).__name__}")
    return UsageError("wrong-type", f"{place}: expected {expected}, got {got} {shown}".rstrip())


def a_mapping(value: Any, place: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise wrong(place, "a table", value)
    return dict(value)


def a_text(value: Any, place: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise wrong(place, "a string that is not empty", value)
    return value


def a_path(value: Any, place: str) -> str:
    if not isinstance(value, str) or not value.startswith("/"):
        raise wrong(place, "a path that begins with /", value)
    return value


def a_double(value: Any, place: str) -> str:
    """A form that can name a double; whether one is there, its loading says."""
    if not isinstance(value, str) or not re.fullmatch(r"[\w-]+|(?!upstream:)[\w.]+:\S.*", value):
        raise wrong(place, "module:attribute, openapi:FILE, cassette:FILE or a double's name", value)
    return value


def a_url(value: Any, place: str) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"https?://[^/\s?#]+[^\s?#]*", value):
        raise wrong(place, "a URL that begins with http:// or https://", value)
    return value.rstrip("/")


def a_zone(value: Any, place: str) -> str:
    """A zone of the IANA database that this machine has."""
    try:
        return ZoneInfo(a_text(value, place)).key
    except (ValueError, OSError, KeyError):
        raise wrong(place, 'a time zone of this machine, such as "Europe/Berlin"', value) from None


def a_flag(value: Any, place: str) -> bool:
    if not isinstance(value, bool):
        raise wrong(place, "true or false", value)
    return value


def some_texts(value: Any, place: str) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise wrong(place, "a list of strings", value)
    return tuple(a_text(one, f"{place}[{index}]") for index, one in enumerate(value))


def some_commands(value: Any, place: str) -> tuple[str, ...]:
    return (a_text(value, place),) if isinstance(value, str) else some_texts(value, place)


def a_string_table(value: Any, place: str) -> dict[str, str]:
    """A table of strings; a number in it is as good as its digits."""
    found = {}
    for key, one in a_mapping(value, place).items():
        if isinstance(one, bool) or not isinstance(one, str | int | float):
            raise wrong(join(place, key), "a string", one)
        found[key] = str(one)
    return found


def some_settings(value: Any, place: str) -> dict[str, str]:
    """As ``a_string_table``; PostgreSQL writes its booleans on and off."""
    words = {True: "on", False: "off"}
    table = a_mapping(value, place)
    return a_string_table(
        {key: words[one] if isinstance(one, bool) else one for key, one in table.items()}, place
    )


def a_whole(low: int, high: int) -> Reader:
    def read(value: Any, place: str) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise wrong(place, f"an integer from {low} to {high}", value)
        return value

    return read


def one_of(*words: str) -> Reader:
    def read(value: Any, place: str) -> str:
        if value not in words:
            raise wrong(place, f"one of {', '.join(words)}", value)
        return str(value)

    return read


def some_seconds(value: Any, place: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 86_400:
        raise wrong(place, "a number of seconds above 0", value)
    return float(value)


def a_sum(value: Any, place: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
        raise wrong(place, "a number that is not below 0", value)
    return float(value)


def as_is(value: Any, place: str) -> Any:
    return a_mapping(value, place)
