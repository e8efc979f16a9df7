"""What is read of a repository, as text an agent may be given: one line, bounded, and quoted as code.

A repository's names and answers are data. They must not be able to end the line that quotes them.
"""

from __future__ import annotations

from collections.abc import Iterable

_MOST = 300


def said(text: object) -> str:
    """One line of plain text."""
    line = " ".join("".join(one if one.isprintable() else " " for one in str(text)).split())
    return line if len(line) <= _MOST else f"{line[:_MOST]}…"


def code(text: object) -> str:
    """One piece of code."""
    return f"`{said(text).replace('`', chr(39))}`"


def listed(texts: Iterable[object]) -> str:
    """Several pieces of code, in a row."""
    return ", ".join(map(code, texts))
