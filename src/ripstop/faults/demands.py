"""From what the schema demands of a column to a value that it cannot hold, and the demand in words.

Pure. Only what is certain: where a CHECK is not understood, nothing is said of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from ripstop.model.state import ColumnRule

_INTEGERS = {"smallint": 2**15, "integer": 2**31, "bigint": 2**63}
_NUMBERS = frozenset({*_INTEGERS, "numeric", "real", "double precision"})
_SHAPED = {
    "boolean": "a boolean",
    "uuid": "a uuid",
    "date": "a date",
    "timestamp with time zone": "a time",
    "timestamp without time zone": "a time",
}
_COLUMN = r"(?:(?<=\()|^){column}(?:\)::[a-z ]+|::[a-z ]+)?\s*"
"""A column by itself as pg_get_constraintdef prints it, a cast included; not inside a function or a sum."""
_BOUND = r"(>=|<=|>|<)\s*\(*'?(-?\d+(?:\.\d+)?)\b"
_LISTED = r"(?:= ANY \(|IN \(')"
_UNCLEAR = (" OR ", "NOT ", "CASE ")
_COUNTED = re.compile(
    r"(?:^|_)(?:quantity|qty|count|amount|price|total|cents|cost|age|units|seats|stock)(?:_|$)"
)
_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\Z")
NOT_LISTED = "no-such-value"
_NOWHERE = {"smallint": 32_766, "integer": 2**31 - 2, "bigint": 2**63 - 2}
NOBODY = "00000000-0000-4000-8000-00000000dead"


def named(rule: ColumnRule) -> str:
    return f"{rule.table}.{rule.column}"


def required(rule: ColumnRule | None) -> str | None:
    """The demand that a value be there; None where NULL may stand."""
    return f"{named(rule)} NOT NULL" if rule is not None and not rule.nullable else None


def mistyped(rule: ColumnRule | None) -> str | None:
    """The demand that a text without digits breaks; None where the column may well hold it."""
    if rule is None or (rule.type not in _NUMBERS and rule.type not in _SHAPED):
        return None
    return f"{named(rule)} {rule.type}"


def unfit(value: Any, broken: str | None) -> Any:
    """What a value is replaced by so that it is certainly none of its kind, and says so.

    ``broken`` is a demand in the words of ``mistyped``; without one only the value itself tells.
    """
    kind = (broken or "").partition(" ")[2]
    if kind in _SHAPED:
        return f"not {_SHAPED[kind]}"
    if kind in _NUMBERS or (isinstance(value, int | float) and not isinstance(value, bool)):
        return "not a number"
    if isinstance(value, bool):
        return "not a boolean"
    return {"not": "a text"} if isinstance(value, str) else "neither a list nor an object"


def beyond(rule: ColumnRule) -> Iterator[tuple[int | float | str, str]]:
    """Values outside the column's type or its CHECKs, each with the demand it breaks."""
    column = _COLUMN.format(column=re.escape(rule.column))
    for check in (text for text in rule.checks if not any(word in text for word in _UNCLEAR)):
        if re.search(column + _LISTED, check):
            yield NOT_LISTED, f"{named(rule)} CHECK"
        for sign, text in re.findall(column + _BOUND, check):
            yield _past(sign, Decimal(text)), f"{named(rule)} {sign} {text}"
    if rule.type in _INTEGERS:
        yield _INTEGERS[rule.type], f"{named(rule)} {rule.type}"


def negative(name: str, value: Any) -> int | float | None:
    """The value below zero, of a field that by its name counts something; None of any other."""
    plain = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    countable = isinstance(value, int | float) and not isinstance(value, bool) and value > 0
    return -value if countable and _COUNTED.search(plain) else None


def absent(rule: ColumnRule, value: Any) -> int | str | None:
    """An id like this one to which no row belongs; None where none can be made up."""
    if rule.type in _NOWHERE:
        return _NOWHERE[rule.type]
    if rule.type == "uuid":
        return NOBODY
    if rule.type not in ("text", "character varying") or not isinstance(value, str):
        return None
    return "no-such-one"[: rule.length]


def stranger(value: str) -> str:
    """An id that looks like this one of a path and belongs to nothing.

    >>> stranger("42"), stranger("ord_8aa1f2"), stranger("ada@example.com")
    ('2147483646', 'ord_000000', 'nobody@example.com')
    """
    if value.isdigit():
        return str(_NOWHERE["integer"])
    if _UUID.match(value):
        return NOBODY
    if "@" in value:
        return f"nobody@{value.rpartition('@')[2]}"
    start = re.match(r"[A-Za-z]{2,10}_", value)
    lead = start.group() if start else ""
    return lead + "0" * (len(value) - len(lead))


def _past(sign: str, bound: Decimal) -> int | float:
    """A value that is past a bound, whether or not the bound itself may stand."""
    value = bound - 1 if sign.startswith(">") else bound + 1
    return int(value) if value == value.to_integral_value() else float(value)
