"""Words and stand-ins: what a request is about, and an expression that makes another value of a kind."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile
from urllib.parse import unquote

from ripstop.backfill.encode import CannotRender, escaped, identifier
from ripstop.model.http import Request

_UUID = re.compile(r"^[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$")
_HEX = re.compile(r"^[0-9a-f]{32}$")
_TIME = re.compile(r"^\d{4}-\d\d-\d\d([T ]\d\d:\d\d|$)")
_WORD = re.compile(r"^[A-Za-z][A-Za-z_-]*$")
_LONGEST = 32


def noun(request: Request) -> str:
    """What a request is about: the last word of its path, in the singular."""
    return path_noun(request.path)


def path_noun(path: str) -> str:
    words = [identifier(unquote(s), "") for s in path.split("/") if _WORD.match(s)]
    return singular(words[-1]) if words and words[-1] else "body"


def singular(word: str) -> str:
    """A crude singular, good enough for names.

    >>> singular("orders"), singular("addresses"), singular("status")
    ('order', 'address', 'status')
    """
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    if word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
        return word[:-1]
    return word


def maker(value: str, others: Sequence[str]) -> str:
    """An expression for another value that looks like this one and those of other runs.

    Raises CannotRender for a time, which no constant and no random value can stand for.
    """
    if _UUID.match(value):
        return "str(uuid4())"
    if _HEX.match(value):
        return "uuid4().hex"
    if _TIME.match(value):
        raise CannotRender(f"its request carries a time that differs between runs ({value[:40]})")
    different = [other for other in others if other != value]
    if not different:
        return "str(uuid4())"
    start = _common([value, *different])
    rest = [text[len(start) :][::-1] for text in (value, *different)]
    end = _common(rest)[::-1]
    middle = value[len(start) : len(value) - len(end)]
    size = min(max(len(middle), 1), _LONGEST)
    source = f"str(uuid4().int)[:{size}]" if middle.isdigit() else f"uuid4().hex[:{size}]"
    return f'f"{_braced(start)}{{{source}}}{_braced(end)}"' if start or end else source


def _common(texts: Sequence[str]) -> str:
    alike = takewhile(lambda column: len(set(column)) == 1, zip(*texts, strict=False))
    return "".join(column[0] for column in alike)


def _braced(text: str) -> str:
    return escaped(text).replace("{", "{{").replace("}", "}}")
