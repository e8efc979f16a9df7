"""Untrusted text for a Markdown page: as prose, as code, in a table. Nothing in it can become markup.

Escapes are those of CommonMark 0.31 (2.4 backslash escapes, 2.5 entities) and of GitHub's tables.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

LIMIT = 300
_ESCAPED = frozenset("\\`*_{}[]<>|~$#!&")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&#124;", "`": "&#96;"}
_ENTITIES |= {one: f"&#{ord(one)};" for one in "*_[]~$\\@:"}
_HIDDEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def plain(text: object, limit: int = LIMIT) -> str:
    """One line of printable characters, at most ``limit``; what is not printable shows as ``\\uXXXX``."""
    shown = "".join(_visible(character) for character in str(text)[: limit + 1])
    return shown if len(shown) <= limit else f"{shown[: limit - 1]}…"


def _visible(character: str) -> str:
    if character in "\n\r\t":
        return " "
    category = unicodedata.category(character)
    return f"\\u{ord(character):04x}" if category in _HIDDEN else " " if category == "Zs" else character


def text(value: object, limit: int = LIMIT) -> str:
    """Prose: every character that could be markup is escaped, and nothing becomes a link or a mention.

    >>> text("a|b <i> @ada")
    'a\\\\|b \\\\<i\\\\> &#64;ada'
    """
    escaped = "".join(f"\\{one}" if one in _ESCAPED else one for one in plain(value, limit).strip())
    return escaped.replace("@", "&#64;").replace("://", "&#58;//").replace("www.", "www&#46;")


def code(value: object, limit: int = LIMIT) -> str:
    """A code span, safe in a table too; in entities where backticks would not hold it.

    >>> code("POST /orders"), code("a|b`")
    ('`POST /orders`', '<code>a&#124;b&#96;</code>')
    """
    shown = plain(value, limit).strip()
    if not shown:
        return ""
    if any(one in shown for one in "|`\\<"):
        return f"<code>{''.join(_ENTITIES.get(one, one) for one in shown)}</code>"
    return f"`{shown}`"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Lines of a table; heads and cells are Markdown already."""
    lines = [_row(heads), f"|{'---|' * len(heads)}"]
    return [*lines, *(_row(row) for row in rows)]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def listed(texts: Sequence[str]) -> str:
    """Words joined as in a sentence.

    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    return " and ".join([", ".join(texts[:-1]), texts[-1]] if len(texts) > 1 else texts)


def count(number: int, noun: str) -> str:
    """A count in words.

    >>> count(1, "row"), count(0, "row")
    ('1 row', '0 rows')
    """
    return f"{number} {noun}{'' if number == 1 else 's'}"
