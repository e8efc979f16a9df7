"""The bytes of a Python file to its syntax tree, or to the reason why there is none."""

from __future__ import annotations

import ast
import warnings
from pathlib import Path

from ripstop.model.survey import Place, Unread

LIMIT_BYTES = 2_000_000
"""Larger files are data written as code, or made by a program: nobody's handler is in there."""


def content(path: Path, name: str) -> bytes | Unread:
    """The bytes of one file; ``name`` is its path as told to people."""
    try:
        with path.open("rb") as file:
            text = file.read(LIMIT_BYTES + 1)
    except OSError as error:
        return _unread(name, f"it cannot be opened: {error.strerror}")
    if len(text) > LIMIT_BYTES:
        return _unread(name, f"it is longer than {LIMIT_BYTES // 1_000_000} MB")
    return text


def parsed(text: bytes, name: str) -> ast.Module | Unread:
    """The tree of a file. Its encoding is what it declares (PEP 263), UTF-8 otherwise."""
    if b"\0" in text:
        return _unread(name, "it holds NUL bytes")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text, filename=name)
    except SyntaxError as error:
        return _unread(name, f"syntax error: {error.msg}", line=error.lineno or 1)
    except (RecursionError, MemoryError):
        return _unread(name, "it is nested too deeply")
    except (ValueError, LookupError) as error:
        return _unread(name, f"it cannot be decoded: {error}")


def _unread(name: str, why: str, *, line: int = 1) -> Unread:
    return Unread(Place(name, max(line, 1)), why)
