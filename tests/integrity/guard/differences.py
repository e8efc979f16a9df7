"""Differences for the guard's tests: texts in, what it tells out."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

from ripstop.integrity.guard.comparing import compare
from ripstop.model.weakening import Weakening

PATH = "tests/test_a.py"


def told(before: str | Mapping[str, str], after: str | Mapping[str, str]) -> list[Weakening]:
    """What is told of a file, or of several by path; indented text is brought to the margin."""
    old, new = _files(before), _files(after)
    changed = {path for path in old | new if old.get(path) != new.get(path)}
    return list(compare(old, new, changed))


def short(found: list[Weakening]) -> list[tuple[str, str]]:
    """The kinds with how sure they are."""
    return [(one.rule, str(one.sure)) for one in found]


def _files(given: str | Mapping[str, str]) -> dict[str, str]:
    files = {PATH: given} if isinstance(given, str) else given
    return {path: textwrap.dedent(text).lstrip("\n") for path, text in files.items()}
