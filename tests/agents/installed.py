"""The agents' real command-line tools, installed once into the tests' cache; or why they are not here."""

from __future__ import annotations

import functools
import os
import subprocess
import time
import warnings
from collections.abc import Mapping
from pathlib import Path

import pytest

from ..packages import node_modules

PACKAGE = Path(__file__).with_name("tools") / "package.json"
_BINARIES = {"claude": "@anthropic-ai/claude-code-*/claude", "codex": "@openai/codex-*/vendor/*/bin/codex"}
_HOME = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ripstop-tests"
_FAILED = _HOME / "no-agents"
"""What went wrong, so that not each process of a session waits for npm to fail."""
_REMEMBERED_S = 600


@functools.cache
def tools() -> Mapping[str, Path]:
    """The folder of each tool by its name. What cannot be had is missing, and pytest's summary says why."""
    if why := _failed():
        warnings.warn(f"no agents here: {why}", stacklevel=2)
        return {}
    try:
        modules = node_modules(PACKAGE)
    except (AssertionError, OSError, subprocess.TimeoutExpired) as error:
        why = str(error).strip()[-400:] or type(error).__name__
        _FAILED.write_text(why)
        warnings.warn(f"no agents here: {why}", stacklevel=2)
        return {}
    found = {name: next(modules.glob(pattern), None) for name, pattern in _BINARIES.items()}
    for name in (name for name, path in found.items() if path is None):
        warnings.warn(f"no {name} here: its package has none for this platform", stacklevel=2)
    return {name: path.parent for name, path in found.items() if path}


def folder(tool: str) -> Path:
    """Where a tool is; the test that asks is skipped, and says why, where it cannot be had."""
    if (place := tools().get(tool)) is None:
        pytest.skip(f"{tool} cannot be installed here: {_failed() or 'there is none for this platform'}")
    return place


def _failed() -> str:
    try:
        recent = time.time() - _FAILED.stat().st_mtime < _REMEMBERED_S
        return _FAILED.read_text() if recent else ""
    except OSError:
        return ""
