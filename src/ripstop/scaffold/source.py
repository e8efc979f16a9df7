"""From values to Python and TOML text: the only door through which what was read enters what is written."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

WIDTH = 88


@dataclass(frozen=True, slots=True)
class Code:
    """Text that is Python already: a name, ``str(uuid4())``."""

    text: str


def string(text: str) -> str:
    """A string literal of Python for any text."""
    return '"' + "".join(_escaped(one) for one in text) + '"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    return character if character.isprintable() else character.encode("unicode_escape").decode("ascii")


def toml(value: Any) -> str:
    """A value of TOML (1.0.0, String and Array): texts, numbers, booleans, lists."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return '"' + "".join(_toml_escaped(one) for one in value) + '"'
    if isinstance(value, Sequence):
        return f"[{', '.join(toml(one) for one in value)}]"
    return str(value)


def _toml_escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    return character if character.isprintable() else f"\\U{ord(character):08X}"


def literal(value: Any, indent: int = 0, used: int = 0) -> str:
    """A JSON-like value as an expression, over several lines where it is long.

    ``indent`` is that of the statement, ``used`` what stands before the value on its line.
    """
    flat = _flat(value)
    if not isinstance(value, Mapping | list) or not value or indent + used + len(flat) <= WIDTH:
        return flat
    pad = " " * (indent + 4)
    if isinstance(value, Mapping):
        shown = [(f"{string(str(key))}: ", one) for key, one in value.items()]
        opening, closing = "{", "}"
    else:
        shown, opening, closing = [("", one) for one in value], "[", "]"
    lines = [f"{pad}{key}{literal(one, indent + 4, len(key) + 1)},\n" for key, one in shown]
    return f"{opening}\n{''.join(lines)}{' ' * indent}{closing}"


def _flat(value: Any) -> str:
    if isinstance(value, Code):
        return value.text
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{string(str(key))}: {_flat(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_flat(one) for one in value) + "]"
    if isinstance(value, str):
        return string(value)
    if value is None or isinstance(value, bool | int | float):
        return repr(value)
    raise TypeError(f"{type(value).__name__} has no literal here")


def identifier(text: str, default: str = "value") -> str:
    """A lower-case Python name made of a text's words."""
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text)
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "_", plain).strip("_") or default
    name = f"n{name}" if name[0].isdigit() else name
    return f"{name}_" if keyword.iskeyword(name) else name


def prose(text: str) -> str:
    """Text for a comment or a docstring: printable, on one line, without what could end either."""
    return "".join(one for one in " ".join(text.split()) if one.isprintable() and one not in '"\\')[
        :300
    ].strip()
