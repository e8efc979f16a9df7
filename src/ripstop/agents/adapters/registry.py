"""Which adapter an ``--agent`` names."""

from __future__ import annotations

from ripstop.agents.adapters import acp, claude, codex, command
from ripstop.agents.adapters.adapter import Adapter
from ripstop.errors import UsageError

_WAY_OUT = "claude, codex, acp:COMMAND (as in acp:'gemini --acp') or command:LINE"


def named(text: str) -> Adapter:
    """The adapter for ``claude``, ``codex``, ``acp:COMMAND`` or ``command:LINE``. Raises UsageError."""
    kind, _, rest = text.partition(":")
    if text in ("claude", "codex"):
        return {"claude": claude.adapter, "codex": codex.adapter}[text]()
    if kind in ("acp", "command") and rest.strip():
        return acp.adapter(rest) if kind == "acp" else command.adapter(rest)
    raise UsageError("unknown-agent", f"no agent {text!r}", way_out=_WAY_OUT)
