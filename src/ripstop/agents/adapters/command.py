"""Any other tool: a shell command that finds what is asked in ``$RIPSTOP_PROMPT``."""

from __future__ import annotations

from collections.abc import Callable

from ripstop.agents.adapters.adapter import Adapter, Ask, Call, path
from ripstop.agents.transcript import SAID, Step, Told

_TAIL_CHARS = 20_000


def adapter(line: str) -> Adapter:
    """An agent that is a line of shell. The phase is in ``$RIPSTOP_PHASE``."""
    return Adapter("command", _calling(line), _read)


def _calling(line: str) -> Callable[[Ask], Call]:
    def call(ask: Ask) -> Call:
        asked = {"RIPSTOP_PROMPT": ask.prompt, "RIPSTOP_PHASE": ask.phase}
        return Call(("sh", "-c", line), environment={**path(), **asked})

    return call


def _read(said: bytes) -> Told:
    text = said.decode("utf-8", "replace").strip()
    return Told((Step(SAID, text[-_TAIL_CHARS:]),) if text else ())
