"""Any agent that speaks the Agent Client Protocol on its standard streams: Gemini, Copilot, opencode, others.

The protocol's client (`acp_client`) runs beside the agent, inside the jail, and prints what happens as lines
of JSON. What it allows mirrors the phase as early feedback.
"""

from __future__ import annotations

import importlib.util
import shlex
import sys
from collections.abc import Callable

from ripstop.agents.adapters.adapter import Adapter, Ask, Call, events, path, plain, program
from ripstop.agents.transcript import CALLED, SAID, Step, Told
from ripstop.errors import StartError, UsageError

CLIENT = "ripstop.agents.adapters.acp_client"


def adapter(line: str) -> Adapter:
    """An agent started by a command line. Raises UsageError where it is none."""
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise UsageError("unknown-agent", f"acp:{line} is no command line: {error}") from None
    return Adapter("acp", _calling(words), read, is_turn=lambda said: b'"kind": "called"' in said)


def _calling(words: list[str]) -> Callable[[Ask], Call]:
    def call(ask: Ask) -> Call:
        if importlib.util.find_spec("acp") is None:
            raise StartError(
                "no-acp", "the protocol's kit is not installed", way_out="pip install 'ripstop[acp]'"
            )
        found, visible = program(words[0], "name a command that is there")
        writable = [part for name in ask.ground.writable(ask.phase) for part in ("--writable", name)]
        command = [sys.executable, "-P", "-m", CLIENT, *writable, "--model", ask.model]
        environment = {**path(), "RIPSTOP_PROMPT": ask.prompt}
        return Call((*command, "--", found, *words[1:]), environment=environment, visible=visible)

    return call


def read(said: bytes) -> Told:
    """What the client printed, as steps."""
    steps: list[Step] = []
    cost: float | None = None
    tokens, turns, problem, ended = 0, 0, "", False
    for event in events(said):
        match event:
            case {"kind": "said", "text": str(text)}:
                steps = _joined(steps, text)
            case {"kind": "called" | "answered" | "denied" as kind, "text": text}:
                turns += kind == CALLED
                steps.append(Step(kind, plain(text), plain(event.get("name", ""))))
            case {"kind": "usage"}:
                cost = event.get("cost_usd", cost)
                tokens = event.get("tokens") or tokens
            case {"kind": "problem", "text": str(text)}:
                problem = text
            case {"kind": "ended"}:
                ended = True
    if not ended and not problem:
        problem = said.decode("utf-8", "replace")[-2_000:].strip() or "it ended without a word"
    return Told(tuple(steps), turns, cost, tokens, problem)


def _joined(steps: list[Step], text: str) -> list[Step]:
    """Words come in pieces: what follows words is more of them."""
    if steps and steps[-1].kind == SAID:
        return [*steps[:-1], Step(SAID, steps[-1].text + text)]
    return [*steps, Step(SAID, text)]
