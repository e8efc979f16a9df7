"""Where a verb prints: the terminal itself, whatever pytest does to file descriptor 1 meanwhile."""

from __future__ import annotations

import os
import sys
from typing import TextIO


def own_stdout() -> TextIO:
    """A stream of its own on what standard output is now."""
    sys.stdout.flush()
    return os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8", errors="backslashreplace")
