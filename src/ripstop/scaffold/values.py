"""Values that a field of some name is likely to take, best first. Plain data; nothing is random."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ripstop.model.state import ColumnRule

UUID = "6f1c2a9e-4b7d-4c55-9d38-2f1e0a7b6c41"
_TEXTS: tuple[tuple[str, str], ...] = (
    (r"e_?mail", "ada@example.com"),
    (r"^new_?password", "Another-horse-1844"),
    (r"password|passwd|^pw$|^pass$", "Correct-horse-1843"),
    (r"user_?name|login|handle|nick", "ada_lovelace"),
    (r"first_?name|given", "Ada"),
    (r"last_?name|surname|family", "Lovelace"),
    (r"phone|mobile|^to$|^tel", "+15005550006"),
    (r"payment_?method", "pm_card_visa"),
    (r"card|source|payment_?token", "tok_visa"),
    (r"currency", "usd"),
    (r"country", "US"),
    (r"language|locale", "en"),
    (r"time_?zone|^tz$", "UTC"),
    (r"(date_?time|timestamp|_at$|At$|^when$|^start|^end|expires)", "2035-01-15T12:00:00Z"),
    (r"date|birthday|^day$|deadline", "2035-01-15"),
    (r"^time$|_time$", "12:00:00"),
    (r"url|link|website|homepage|href|image|avatar|picture", "https://example.com/one"),
    (r"uuid|guid", UUID),
    (r"zip|postal|postcode", "94107"),
    (r"city|town", "London"),
    (r"street|address", "1 Example Street"),
    (r"slug", "one-example"),
    (r"sku|code", "ONE-1"),
    (r"colou?r", "#112233"),
    (r"isbn", "9780262033848"),
    (r"role", "user"),
    (r"priority|level|severity", "low"),
    (r"gender|sex", "female"),
    (r"token|secret|signature", "a-token-of-a-test"),
    (r"idempotency|request_?id|nonce", UUID),
    (r"(user|customer|client|account|owner|member)_?id$", "u-1"),
    (r"_?id$|Id$", "1"),
    (r"title|subject|headline|label", "An example"),
    (
        r"body|content|text|description|message|comment|note|bio|summary|reason",
        "An example of what people write.",
    ),
    (r"name", "Ada Lovelace"),
    (r"amount|price|total|cost", "42.00"),
)
_OTHERS = {
    "ada@example.com": "grace@example.com",
    "ada_lovelace": "grace_hopper",
    "Ada": "Grace",
    "Lovelace": "Hopper",
    "Ada Lovelace": "Grace Hopper",
    "An example": "Another example",
    "An example of what people write.": "Something else that people write.",
    "https://example.com/one": "https://example.com/two",
    "one-example": "another-example",
    "example": "another",
    "London": "Paris",
}
"""A second value beside the first, for what is to change."""
_INTEGERS: tuple[tuple[str, int], ...] = (
    (r"cents|amount|price|total|balance|cost|fee", 4200),
    (r"year", 2030),
    (
        r"month|day|hour|minute|quantity|qty|count|number|num|seats|guests|units|rating|stars|score|priority|level",
        2,
    ),
    (r"age", 36),
    (r"limit|size|per_?page", 10),
    (r"stock|capacity|max", 100),
    (r"duration|length|weight|width|height", 30),
)
_WHOLE = re.compile(
    r"cents|amount|quantity|qty|count|_?num(ber)?$|year|age$|limit|offset|size|stock|seats|rating|stars|capacity|units|minutes|hours|days"
    r"|price|total|balance|points|score|weight|duration",
    re.IGNORECASE,
)
_BOOLEAN = re.compile(
    r"^(is|has|can|accept|agree|enable|allow|should)[A-Z_]|active$|enabled$|terms|^public$|^done$|completed$|^published$",
    re.IGNORECASE,
)
_LIST = re.compile(r"^(items|lines|products|tags|ids|order_?items|line_?items|entries|rows|\w+_ids|\w+Ids)$")
_KEY = re.compile(r"idempoten|^(client_?)?request_?id$|^dedup", re.IGNORECASE)


def is_key(name: str) -> bool:
    """Whether a field or header of that name makes a request safe to repeat."""
    return bool(_KEY.search(name.replace("-", "_")))


def text(name: str) -> str:
    """A text for a field of that name."""
    return next((value for pattern, value in _TEXTS if re.search(pattern, name, re.IGNORECASE)), "example")


def other(value: str) -> str:
    """A text of the same sort as this one of ours; one of somebody else's stays as it is."""
    return _OTHERS.get(value, value)


def whole(name: str) -> int:
    return next((value for pattern, value in _INTEGERS if re.search(pattern, name, re.IGNORECASE)), 1)


def candidates(name: str, kind: str = "", rule: ColumnRule | None = None) -> list[Any]:
    """What to try for a field, best first. ``kind`` is a JSON type, empty where nobody tells it;
    ``rule`` is that of the column in which the field ends, as far as a column has its name."""
    kind = kind or (_kind_of_column(rule) if rule else "")
    first = [allowed] if (allowed := _allowed(rule)) is not None else []
    if kind:
        return [*first, *_of_kind(kind, name)]
    if _BOOLEAN.search(name):
        return [*first, True, *_of_kind("string", name)]
    if _LIST.search(name):
        return [*first, [], *_of_kind("string", name)]
    if _WHOLE.search(name) and not _is_id(name):
        return [*first, whole(name), text(name), 42.5, str(whole(name))]
    return [*first, text(name), whole(name), True, [], {}]


def _is_id(name: str) -> bool:
    return bool(re.search(r"(_id|Id|^id)$", name))


def _of_kind(kind: str, name: str) -> list[Any]:
    shown: Mapping[str, Sequence[Any]] = {
        "string": (text(name), UUID, "2035-01-15", "example"),
        "integer": (whole(name), 1),
        "number": (float(whole(name)) if not _WHOLE.search(name) else whole(name), 1.5),
        "boolean": (True, False),
        "array": ([],),
        "object": ({},),
        "uuid": (UUID,),
        "date": ("2035-01-15",),
        "date-time": ("2035-01-15T12:00:00Z",),
        "null": (None,),
    }
    return list(shown.get(kind, (text(name),)))


def _kind_of_column(rule: ColumnRule) -> str:
    kinds = (
        (r"int|serial", "integer"),
        (r"numeric|double|real|money", "number"),
        (r"bool", "boolean"),
        (r"uuid", "uuid"),
        (r"timestamp", "date-time"),
        (r"^date", "date"),
        (r"json", "object"),
        (r"\[\]", "array"),
    )
    return next((kind for pattern, kind in kinds if re.search(pattern, rule.type)), "")


def _allowed(rule: ColumnRule | None) -> Any:
    """The first of the values that a CHECK or an enum lists."""
    for check in rule.checks if rule else ():
        if listed := re.search(r"(?:IN \(|ANY \(+(?:\(?ARRAY\[))'([^']+)'", check):
            return listed[1]
    return None


def for_column(rule: ColumnRule) -> Any:
    """A value that a column takes, for a row that is put in."""
    value = candidates(rule.column, _kind_of_column(rule) or "string", rule)[0]
    if re.match(r"(created|updated|modified|inserted)", rule.column) and str(value).startswith("2035"):
        value = str(value).replace("2035", "2024")
    if isinstance(value, str) and rule.length:
        value = value[: rule.length]
    if rule.type in ("interval", "bytea", "inet", "time without time zone", "time with time zone"):
        value = {"interval": "1 day", "bytea": "\\x00", "inet": "127.0.0.1"}.get(rule.type, "12:00:00")
    return value
