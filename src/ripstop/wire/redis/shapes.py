"""A command's name in a trace: what it does to which kind of key, ids taken out, and its text.

The same business action gives the same names in every run, whatever ids it was given.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from ripstop.model.secrets import mask_text
from ripstop.model.trace import Kind
from ripstop.wire.redis import commands
from ripstop.wire.redis.words import join

TEXT_LIMIT: Final = 2_000
_VALUE_LIMIT: Final = 64
_SHAPE_LIMIT: Final = 120
_SHAPES_SHOWN: Final = 3
_MASKED = frozenset({"AUTH", "HELLO", "ACL SETUSER", "CONFIG SET", "MIGRATE"})
_KEY_LIMIT: Final = 4_096
_ID = "{id}"
_UUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
_MAIL = re.compile(r"[^\s:/|@]+@[^\s:/|@]+\.[^\s:/|@]+")
_SEPARATORS = re.compile(r"([:/|.,;\s{}]+)")
_VERSION = re.compile(r"v\d{1,2}\Z")
_WHOLE_ID = re.compile(r"(?:[0-9a-fA-F]{12,}|(?=.*\d)[A-Za-z0-9_=+-]{20,})\Z")
_PREFIXED = re.compile(r"([A-Za-z]{2,10}_)(?=.*\d)[A-Za-z0-9]+\Z")
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Command:
    """One command as a crossing names it. ``tables`` are the shapes of its keys, each once."""

    name: str
    operation: str
    kind: Kind
    tables: tuple[str, ...]
    text: str
    waits: bool


def read(args: Sequence[bytes]) -> Command:
    """What a request is, from its arguments."""
    name = commands.name_of(args)
    tables = tuple(dict.fromkeys(map(shape, commands.keys_of(args))))
    shown = " ".join(tables[:_SHAPES_SHOWN])
    more = " ..." if len(tables) > _SHAPES_SHOWN else ""
    operation = f"{name} {shown}{more}" if shown else name
    return Command(name, operation, commands.kind_of(args), tables, text_of(args, name), commands.waits(args))


@lru_cache(maxsize=1_024)
def shape(key: bytes) -> str:
    """A key with its ids taken out.

    >>> shape(b"cart:42:items")
    'cart:{id}:items'
    """
    text = key[:_KEY_LIMIT].decode("utf-8", "backslashreplace")
    if not text.isprintable():
        text = "".join(c if c.isprintable() else "?" for c in text)
    text = _MAIL.sub(_ID, _UUID.sub(_ID, text))
    return "".join(map(_without_ids, _SEPARATORS.split(text)))[:_SHAPE_LIMIT]


def text_of(args: Sequence[bytes], name: str) -> str:
    """A command as redis-cli would be given it: keys whole, other arguments cut short, secrets masked."""
    if name in _MASKED:
        return f"{name} ***"
    keys = set(commands.keys_of(args))
    shown = (arg if arg in keys or place == 0 else _value(arg) for place, arg in enumerate(args))
    return join(shown, limit=TEXT_LIMIT)


def _without_ids(token: str) -> str:
    if _VERSION.match(token) or token.isalpha():
        return token
    if _WHOLE_ID.match(token):
        return _ID
    prefixed = _PREFIXED.match(token)
    return prefixed.group(1) + _ID if prefixed else _DIGITS.sub(_ID, token)


def _value(arg: bytes) -> bytes:
    masked = mask_text(arg[: 2 * _VALUE_LIMIT].decode("utf-8", "surrogateescape"))
    value = masked.encode("utf-8", "surrogateescape")
    return value if len(value) <= _VALUE_LIMIT else value[:_VALUE_LIMIT] + b"..."
