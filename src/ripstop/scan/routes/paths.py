"""A route's path as every framework writes it, made one: ``/orders/{id}``. Needs nothing but the language."""

from __future__ import annotations

import re

_FLASK = re.compile(r"<(?:[^<>:]*:)?([^<>:]+)>")
_BRACES = re.compile(r"\{([^{}:]*):[^{}]*\}")
_NAME = re.compile(r"\(\?P<(\w+)>")
_QUANTIFIER = re.compile(r"[?*+]\??|\{\d*,?\d*\}")
_CLASSES = {"d": "", "w": "", "s": "", "S": "", "D": "", "W": "", "A": "", "Z": "", "b": "", "B": ""}


def join(*parts: str) -> str:
    """The parts one after the other, with one slash where two would meet or none would stand."""
    whole = ""
    for part in parts:
        if not part:
            continue
        whole = whole.rstrip("/") + (part if part.startswith("/") else f"/{part}")
    return whole or "/"


def braces(path: str) -> str:
    """``/a/{id:int}`` as ``/a/{id}``: how Starlette, FastAPI and Litestar say a variable's type."""
    return _BRACES.sub(r"{\1}", path)


def angles(path: str) -> str:
    """``/a/<int:id>`` as ``/a/{id}``: how Flask and Django's ``path`` write a variable."""
    return _FLASK.sub(r"{\1}", path)


def regex(pattern: str) -> str:
    """A Django ``re_path`` as a path: named groups by name, others by their number from 1.

    What may be left out (``/?``) is kept once; character classes outside a group vanish.
    """
    path, at, count = "", 0, 0
    while at < len(pattern):
        char = pattern[at]
        if char == "(":
            end = _closing(pattern, at)
            inner, count = _group(pattern[at : end + 1], count)
            path += inner
            at = _after_quantifier(pattern, end + 1)
        elif char == "\\" and at + 1 < len(pattern):
            path += _CLASSES.get(pattern[at + 1], pattern[at + 1])
            at = _after_quantifier(pattern, at + 2)
        elif char == "[":
            at = _after_quantifier(pattern, _end_of_class(pattern, at))
        else:
            path += "" if char in "^$" else char
            at = _after_quantifier(pattern, at + 1)
    return path


def _group(text: str, count: int) -> tuple[str, int]:
    named = _NAME.match(text)
    if named:
        return f"{{{named.group(1)}}}", count
    if text.startswith("(?:"):
        return regex(text[3:-1].split("|")[0]), count
    if text.startswith("(?"):
        return "", count
    return f"{{{count + 1}}}", count + 1


def _closing(pattern: str, start: int) -> int:
    """Where the group opened at ``start`` is closed; the last character where it never is."""
    depth, at = 0, start
    while at < len(pattern):
        if pattern[at] == "\\":
            at += 1
        elif pattern[at] == "[":
            at = _end_of_class(pattern, at) - 1
        elif pattern[at] == "(":
            depth += 1
        elif pattern[at] == ")":
            depth -= 1
            if not depth:
                return at
        at += 1
    return len(pattern) - 1


def _end_of_class(pattern: str, start: int) -> int:
    """The place after a character class: ``]`` as its first member does not close it."""
    at = start + 2 if pattern[start + 1 : start + 2] == "^" else start + 1
    at += 1
    while at < len(pattern) and pattern[at] != "]":
        at += 2 if pattern[at] == "\\" else 1
    return at + 1


def _after_quantifier(pattern: str, at: int) -> int:
    found = _QUANTIFIER.match(pattern, at)
    return found.end() if found and found.end() > at else at
