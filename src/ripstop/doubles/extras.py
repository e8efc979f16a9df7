"""Libraries that only some doubles need: imported when they are, with a way out where they are not there."""

from __future__ import annotations

import importlib
from typing import Any

from ripstop.errors import UsageError


def needed(module: str, *, extra: str, double: str) -> Any:
    """The module. Raises UsageError ``extra-missing`` with the command that installs it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise UsageError(
            "extra-missing",
            f"the double {double!r} needs {module.partition('.')[0]}, which is not installed ({error})",
            way_out=f'pip install "ripstop[{extra}]"',
        ) from error
