"""Untrusted text for a terminal: one encoder, and how wide the result is.

Bodies, statements, log lines and names come from elsewhere; what reaches the screen goes
through ``clean``, so that no byte of theirs can move the cursor, hide text or ring a bell.
"""

from __future__ import annotations

import textwrap
import unicodedata

LIMIT = 400
_MARKS = 2
"""Combining marks in a row that a script may need; more are a stunt and are shown escaped."""
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\x1b": "\\e"}


def clean(text: object, limit: int = LIMIT) -> str:
    """One line of printable text, at most ``limit`` characters; what is not printable shows as an escape.

    >>> clean("ok\\x1b[31m\\u202e")
    'ok\\\\e[31m\\\\u202e'
    """
    shown: list[str] = []
    length = marks = 0
    for character in str(text):
        category = unicodedata.category(character)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        piece = _escape(character) if category in _HIDDEN or marks > _MARKS else character
        length += len(piece)
        if length > limit:
            return _shortened("".join(shown), limit)
        shown.append(" " if category == "Zs" else piece)
    return "".join(shown)


def _shortened(text: str, limit: int) -> str:
    return text[: max(0, limit - 1)] + "…"


def _escape(character: str) -> str:
    code = ord(character)
    return _SHORT.get(character) or (f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}")


def width(text: str) -> int:
    """Columns a cleaned text takes: two for wide characters (UAX #11), none for combining marks."""
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def fit(text: str, columns: int) -> str:
    """A cleaned text in exactly so many columns: padded, or cut with an ellipsis."""
    if width(text) > columns:
        while text and width(text) > columns - 1:
            text = text[:-1]
        text += "…"
    return text + " " * (columns - width(text))


def wrapped(text: str, columns: int, indent: str) -> list[str]:
    """A cleaned text in lines of at most so many columns; all but the first begin with ``indent``."""
    lines = textwrap.wrap(
        text, max(20, columns), subsequent_indent=indent, break_long_words=True, break_on_hyphens=False
    )
    return lines or [""]


def count(number: int, noun: str) -> str:
    """A count in words.

    >>> count(1, "finding"), count(0, "finding")
    ('1 finding', '0 findings')
    """
    return f"{number} {noun}{'' if number == 1 else 's'}"
