"""Commands as text and back: quoted as redis-cli prints strings and as a server reads inline commands.

Source: sds.c, sdscatrepr and sdssplitargs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from ripstop.wire.redis.framing import WireError

_PLAIN = re.compile(rb"[A-Za-z0-9_.:/{}@+\-*]+\Z")
_ESCAPES: Final = {"n": 10, "r": 13, "t": 9, "b": 8, "a": 7}
_SHOWN: Final = {10: "\\n", 13: "\\r", 9: "\\t", 8: "\\b", 7: "\\a", 34: '\\"', 92: "\\\\"}
_WORD = re.compile(
    r"""\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^\s"']\S*))(?=\s|\Z)""", re.DOTALL | re.ASCII
)
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|(.))", re.DOTALL)


def show(word: bytes) -> str:
    """One argument: plain where it may be, otherwise in double quotes with escapes."""
    if _PLAIN.match(word):
        return word.decode("ascii")
    return '"' + "".join(map(_shown, word)) + '"'


def split(text: str) -> tuple[bytes, ...]:
    """The arguments in a line, one character a byte. Raises WireError for quotes that do not close."""
    found: list[bytes] = []
    at, text = 0, text.strip(" \r\n\t\0\x0b\x0c")
    while at < len(text):
        word = _WORD.match(text, at)
        if word is None:
            raise WireError("unbalanced quotes in request")
        double, single, bare = word.groups()
        at = word.end()
        plain = _unescaped(double) if double is not None else bare if bare is not None else _single(single)
        found.append(plain.encode("latin-1", "replace"))
    return tuple(found)


def join(words: Iterable[bytes], *, limit: int) -> str:
    """A command as text; words that would go beyond ``limit`` characters are left out, marked by ``...``."""
    text = ""
    for word in words:
        shown = show(word)
        if len(text) + len(shown) > limit:
            return f"{text} ..." if text else "..."
        text = f"{text} {shown}" if text else shown
    return text


def _shown(byte: int) -> str:
    return _SHOWN.get(byte) or (chr(byte) if 32 <= byte < 127 else f"\\x{byte:02x}")


def _single(text: str) -> str:
    return text.replace("\\'", "'")


def _unescaped(text: str) -> str:
    def plain(found: re.Match[str]) -> str:
        code, letter = found.groups()
        return chr(int(code, 16)) if code else chr(_ESCAPES.get(letter, ord(letter)))

    return _ESCAPE.sub(plain, text) if "\\" in text else text
