"""From values to Python source: the only door through which recorded values enter generated code.

Strings become literals with everything unprintable escaped, JSON becomes displays, words become
identifiers. What is too long, too deep or no plain value is refused. Nothing here knows of tests.
"""

from __future__ import annotations

import keyword
import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

WIDTH = 88
_STRING_LIMIT = 2_000
_SIZE_LIMIT = 8_000
_DEPTH_LIMIT = 20
_INT_DIGITS = 300


class CannotRender(Exception):
    """A value, a request or a fault that no readable test can hold; the text says which and why."""


@dataclass(frozen=True, slots=True)
class Raw:
    """Source that is already code: a name, ``str(uuid4())``."""

    text: str


@dataclass(frozen=True, slots=True)
class Call:
    """A call to write: positional values, then keywords."""

    function: str
    args: Sequence[Any] = ()
    keywords: Sequence[tuple[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class Merged:
    """A dict display that begins with ``**base``."""

    base: str
    entries: Mapping[str, Any]


def string(text: str) -> str:
    """A string literal for any text.

    >>> print(string('say "no"'), string("tab\\t"))
    'say "no"' "tab\\t"
    """
    if len(text) > _STRING_LIMIT:
        raise CannotRender(f"a text of {len(text):,} characters is too long for a readable test")
    quote = "'" if '"' in text and "'" not in text else '"'
    return f"{quote}{escaped(text, quote)}{quote}"


def escaped(text: str, quote: str = '"') -> str:
    """What stands between the quotes of a literal."""
    return "".join(_escape(character, quote) for character in text)


def _escape(character: str, quote: str) -> str:
    if character in (quote, "\\"):
        return f"\\{character}"
    if character.isprintable():
        return character
    return character.encode("unicode_escape").decode("ascii")


def template(parts: Iterable[str | Raw]) -> str:
    """A string of fixed and computed parts, as a literal or as an f-string of names."""
    parts = [part for part in parts if part != ""]
    if not any(isinstance(part, Raw) for part in parts):
        return string("".join(part for part in parts if isinstance(part, str)))
    shown = (
        f"{{{part.text}}}" if isinstance(part, Raw) else escaped(part).replace("{", "{{").replace("}", "}}")
        for part in parts
    )
    return f'f"{"".join(shown)}"'


def one_line(value: Any) -> str:
    """A value as an expression. Raises CannotRender."""
    shown = _shown(value, 0)
    if len(shown) > _SIZE_LIMIT:
        raise CannotRender(f"a value of {len(shown):,} characters is too long for a readable test")
    return shown


def laid_out(value: Any, *, indent: int = 0, lead: int = 0, tail: int = 0) -> str:
    """A value as an expression, broken over lines where it does not fit.

    ``indent`` is that of the statement, ``lead`` and ``tail`` the characters before and after it
    on its first and last line.
    """
    flat = one_line(value)
    if indent + lead + len(flat) + tail <= WIDTH or not _breakable(value):
        return flat
    opening, closing, items = _pieces(value)
    inner = indent + 4
    lines = [
        f"{' ' * inner}{key}{laid_out(item, indent=inner, lead=len(key), tail=1)},\n" for key, item in items
    ]
    return f"{opening}\n{''.join(lines)}{' ' * indent}{closing}"


def statement(before: str, value: Any, after: str = "", *, indent: int = 4) -> str:
    """``before`` value ``after`` as one statement, such as ``response = service.get("/")``."""
    pad = " " * indent
    return f"{pad}{before}{laid_out(value, indent=indent, lead=len(before), tail=len(after))}{after}"


def identifier(text: str, default: str) -> str:
    """A lower-case Python name made of a text's words; ``default`` where none is left.

    >>> identifier("Größe (cm)", "value"), identifier("class", "value"), identifier("?!", "value")
    ('grosse_cm', 'class_', 'value')
    """
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text.replace("ß", "ss"))
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
    if not name:
        return default
    if name[0].isdigit():
        name = f"n{name}"
    return f"{name}_" if keyword.iskeyword(name) else name


def prose(text: str) -> str:
    """Text for a docstring or comment: printable, on one line, without what could end either."""
    plain = " ".join(text.split())
    kept = "".join(c for c in plain if c.isprintable() and c not in '"\\')
    return kept[:200].strip()


def _shown(value: Any, depth: int) -> str:
    if depth > _DEPTH_LIMIT:
        raise CannotRender(f"a value nested deeper than {_DEPTH_LIMIT} levels")
    if isinstance(value, Raw):
        return value.text
    if isinstance(value, Call | Merged | dict | list | tuple):
        opening, closing, items = _pieces(value)
        return f"{opening}{', '.join(key + _shown(item, depth + 1) for key, item in items)}{closing}"
    return _scalar(value)


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return string(value)
    if value is None or isinstance(value, bool):
        return repr(value)
    if isinstance(value, int) and abs(value) < 10**_INT_DIGITS:
        return repr(value)
    if isinstance(value, float) and math.isfinite(value):
        return repr(value)
    if isinstance(value, bytes) and len(value) <= _STRING_LIMIT:
        return repr(value)
    raise CannotRender(f"a value of type {type(value).__name__} that no literal can hold")


def _breakable(value: Any) -> bool:
    return isinstance(value, Call | Merged | dict | list | tuple) and bool(_pieces(value)[2])


def _pieces(value: Any) -> tuple[str, str, list[tuple[str, Any]]]:
    """Opening, closing, and the items with what stands before each."""
    if isinstance(value, Call):
        named = [(f"{name}=", item) for name, item in value.keywords]
        return f"{value.function}(", ")", [*(("", item) for item in value.args), *named]
    if isinstance(value, Merged):
        return "{", "}", [("", Raw(f"**{value.base}")), *_entries(value.entries)]
    if isinstance(value, Mapping):
        return "{", "}", _entries(value)
    return "[", "]", [("", item) for item in value]


def _entries(entries: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [(f"{string(str(key))}: ", item) for key, item in entries.items()]
