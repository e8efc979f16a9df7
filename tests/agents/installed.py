"""The agents' real command-line tools, installed once into the tests' cache; or why they are not here."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from ..packages import node_modules

PACKAGE = Path(__file__).with_name("tools") / "package.json"
_BINARIES = {"claude": "@anthropic-ai/claude-code-*/claude", "codex": "@openai/codex-*/vendor/*/bin/codex"}
_FAILED = Path(tempfile.gettempdir()) / "ripstop-tests-no-agents"
_REMEMBERED_S = 600


def tools() -> Mapping[str, Path]:
    """The folder of each tool by its name. What cannot be had is missing, and the reason is printed."""
    try:
        if time.time() - _FAILED.stat().st_mtime < _REMEMBERED_S:
            print(f"no agents here: {_FAILED.read_text()}")
            return {}
    except OSError:
        pass
    try:
        modules = node_modules(PACKAGE)
    except (AssertionError, OSError, subprocess.TimeoutExpired) as error:
        _FAILED.write_text(str(error).strip()[-400:])
        print(f"no agents here: {error}")
        return {}
    found = {name: next(modules.glob(pattern), None) for name, pattern in _BINARIES.items()}
    for name in (name for name, path in found.items() if path is None):
        print(f"no {name} here: its package has none for this platform")
    return {name: path.parent for name, path in found.items() if path}
