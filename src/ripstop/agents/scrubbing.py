"""What of our environment the tests that judge get, and taking the rest out of what they say.

An allow-list: a secret is not known by its variable's name. What a test says may reach the agent.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace

from ripstop.integrity.green import Refusal
from ripstop.model.secrets import MASK

_ALLOWED = re.compile(
    r"PATH|HOME|LANG|LANGUAGE|LC_\w+|TZ|TERM|COLUMNS|LINES|USER|LOGNAME|USERNAME|SHELL|TMPDIR|TEMP|TMP|CI"
    r"|VIRTUAL_ENV|CONDA_PREFIX|PYTHON\w*|JAVA_HOME|LD_LIBRARY_PATH|SSL_CERT_(FILE|DIR)|RIPSTOP_CACHE"
    r"|XDG_CACHE_HOME|SYSTEMROOT|SYSTEMDRIVE|WINDIR|COMSPEC|PATHEXT|USERPROFILE|APPDATA|LOCALAPPDATA",
    re.IGNORECASE,
)
_SHORT = 8


def withheld(passed: Collection[str]) -> Callable[[str], bool]:
    """Says whether tests do not get a variable: all but what every program needs, and those ``passed``."""
    return lambda name: name not in passed and _ALLOWED.fullmatch(name) is None


def masked(refusals: Iterable[Refusal], passed: Collection[str]) -> tuple[Refusal, ...]:
    """Refusals without the values of the variables that tests do not get.

    Short values and paths stay: they are in every message.
    """
    kept_out = withheld(passed)
    values = {value for name, value in os.environ.items() if kept_out(name) and _is_telling(value)}
    known = sorted(values, key=len, reverse=True)
    return tuple(
        replace(one, place=_without(one.place, known), said=_without(one.said, known)) for one in refusals
    )


def _is_telling(value: str) -> bool:
    return len(value) >= _SHORT and not value.startswith(("/", "~", "."))


def _without(text: str, known: Iterable[str]) -> str:
    for one in known:
        text = text.replace(one, MASK)
    return text
