"""What a service finds around it: its command taken apart, its environment made safe."""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

from ripstop.errors import UsageError
from ripstop.service.stacks import NODE_SHIM, SHIMS

OUTBOUND = "RIPSTOP_OUTBOUND"
"""Names the table of intercepted hosts; what is given it cannot reach any other."""
SHELL_WORDS = {"&&", "||", "|", ";", "&", ">", ">>", "<", "2>&1"}
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
# A proxy would carry calls off the machine, libpq's defaults lead to a developer's own database,
# and pytest's variables belong to the pytest that runs us.
_LEFT_OUT = re.compile(
    r"(?i:(https?|all|no|ftp)_proxy)|PG[A-Z]+|PYTEST_\w+|COV_CORE_\w+|COVERAGE_PROCESS_\w+"
    r"|RIPSTOP_\w+|PYTHON(HOME|INSPECT|STARTUP|BREAKPOINT|DEBUG|PROFILEIMPORTTIME|VERBOSE)"
)


def split_command(command: str) -> tuple[dict[str, str], list[str]]:
    """A command line as a shell would split it: leading ``NAME=value`` words, then the program.

    Raises UsageError where it is empty, has an open quote, or needs a shell.
    """
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise UsageError("bad-command", f"the command cannot be split: {error}", details=[command]) from error
    env: dict[str, str] = {}
    while words and _ASSIGNMENT.match(words[0]):
        name, _, env[name] = words.pop(0).partition("=")
    if not words:
        raise UsageError("bad-command", "the command is empty", details=[command])
    if shell := SHELL_WORDS.intersection(words):
        raise UsageError(
            "bad-command",
            f"the command needs a shell for {' '.join(sorted(shell))}",
            details=[command],
            way_out='give it one: sh -c "..."',
        )
    return env, words


def service_env(given: Mapping[str, str], *, shims: bool = False) -> dict[str, str]:
    """Our environment without what would mislead a service, then what it is given.

    Programs beside our own interpreter are found first, as in an activated virtual environment.
    """
    env = {name: value for name, value in os.environ.items() if not _LEFT_OUT.fullmatch(name)}
    env["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), env.get("PATH", os.defpath)])
    env["PYTHONUNBUFFERED"] = "1"
    env.update(given)
    if shims or OUTBOUND in given:
        env["PYTHONPATH"] = os.pathsep.join(filter(None, [str(SHIMS), env.get("PYTHONPATH")]))
    if OUTBOUND in given:
        quoted = f'"{NODE_SHIM}"' if " " in str(NODE_SHIM) else str(NODE_SHIM)
        env["NODE_OPTIONS"] = " ".join(filter(None, [f"--require={quoted}", env.get("NODE_OPTIONS")]))
    return env
