"""Colours and symbols of the terminal report. Plain ANSI of our own, or none."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TextIO

from ripstop.model.verdict import Severity

_CODES = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "blue": "34",
    "cyan": "36",
}
WEIGHTS: Mapping[Severity, str] = {
    Severity.CRITICAL: "bold red",
    Severity.HIGH: "red",
    Severity.MEDIUM: "yellow",
    Severity.LOW: "cyan",
    Severity.ADVICE: "blue",
}


@dataclass(frozen=True, slots=True)
class Symbols:
    """One character for each mark of a matrix, and a few more."""

    held: str = "✓"
    torn: str = "✗"
    advice: str = "!"
    unknown: str = "?"
    left_out: str = "-"
    done: str = "━"
    todo: str = "─"
    dot: str = "·"


ASCII = Symbols("+", "x", "!", "?", "-", "=", "-", "|")


def symbols_for(stream: TextIO) -> Symbols:
    """The fine symbols where the stream can encode them, else ASCII."""
    try:
        "✓✗━─·…".encode(getattr(stream, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return ASCII
    return Symbols()


def wants_color(stream: TextIO, asked: bool | None) -> bool:
    """Whether to colour: as asked; else on a terminal, unless NO_COLOR is set (no-color.org)."""
    if asked is not None:
        return asked
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return stream.isatty()


@dataclass(frozen=True, slots=True)
class Paint:
    """Wraps text in ANSI styles where ``color`` is on. ``styles`` are names, separated by blanks."""

    color: bool

    def __call__(self, text: str, styles: str) -> str:
        if not self.color or not styles or not text:
            return text
        codes = ";".join(_CODES[name] for name in styles.split())
        return f"\x1b[{codes}m{text}\x1b[0m"
