"""Claude Code, in print mode: ``claude -p``, its stream of JSON read.

Seen to work with 2.1.330. Of its permission rules `Edit(PATH/**)` governs both Edit and Write, and a path
in `Write(...)` matches nothing, so that only the first is used. Settings of the project are not loaded: they
may hold hooks.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ripstop.agents.adapters.adapter import Adapter, Ask, Call, events, path, plain, program
from ripstop.agents.phases import TRIAGE
from ripstop.agents.transcript import ANSWERED, CALLED, DENIED, ENDED, SAID, Step, Told

_READING = ("Read", "Glob", "Grep")
_WRITING = ("Edit", "Write")
_PYTEST = ("Bash(python -m pytest *)", "Bash(pytest *)", "Bash(git diff *)", "Bash(ls *)")
_LEAST_USD = 0.0001
_QUIET = {"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", "DISABLE_AUTOUPDATER": "1"}


def adapter() -> Adapter:
    return Adapter(
        "claude",
        _call,
        _read,
        (
            "ANTHROPIC_API_KEY",
            "ANTHROPIC_AUTH_TOKEN",
            "ANTHROPIC_BASE_URL",
            "ANTHROPIC_MODEL",
            "CLAUDE_CODE_OAUTH_TOKEN",
        ),
        tells_cost=True,
    )


def _call(ask: Ask) -> Call:
    found, visible = program("claude", "npm install -g @anthropic-ai/claude-code, and log in")
    tools = [*_READING, "Bash", *(() if ask.phase == TRIAGE else _WRITING)]
    command = [found, "-p", ask.prompt, "--tools", ",".join(tools), "--permission-mode", "dontAsk"]
    command += ["--setting-sources", "user", "--strict-mcp-config", "--no-session-persistence"]
    command += ["--output-format", "stream-json", "--verbose", "--max-turns", str(ask.turns)]
    if ask.budget_usd is not None:
        command += ["--max-budget-usd", f"{max(ask.budget_usd, _LEAST_USD):.4f}"]
    if ask.model:
        command += ["--model", ask.model]
    settings = json.dumps({"permissions": _permissions(ask)})
    return Call(tuple(command), {".claude/settings.json": settings}, {**path(), **_QUIET}, visible)


def _permissions(ask: Ask) -> dict[str, list[str]]:
    """What the phase writes, as its own rules tell it. In a jail any command may run: it holds."""
    writable = [
        rule for name in ask.ground.writable(ask.phase) for rule in (f"Edit({name}/**)", f"Edit({name})")
    ]
    allow = [*_READING, *writable, *(("Bash",) if ask.jailed else _PYTEST)]
    return {"allow": allow, "deny": ["WebFetch", "WebSearch"]}


def _read(said: bytes) -> Told:
    steps: list[Step] = []
    last: Mapping[str, Any] = {}
    for event in events(said):
        if event.get("type") in ("assistant", "user"):
            steps += _steps(event.get("message", {}).get("content", []))
        elif event.get("type") == "result":
            last = event
    denied = [
        Step(DENIED, plain(one.get("tool_input", "")), one.get("tool_name", "")) for one in _denials(last)
    ]
    usage = last.get("usage") or {}
    tokens = sum(n for name, n in usage.items() if name.endswith("_tokens") and isinstance(n, int))
    subtype = last.get("subtype", "success")
    ended = [Step(ENDED, subtype)] if subtype != "success" else []
    problem = ""
    if last.get("is_error") and last.get("subtype") in ("success", None):
        problem = plain(last.get("result", ""))
    if not last:
        problem = said.decode("utf-8", "replace")[-2_000:].strip() or "it ended without a word"
    return Told(
        (*steps, *denied, *ended), last.get("num_turns", 0), last.get("total_cost_usd"), tokens, problem
    )


def _denials(last: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [one for one in last.get("permission_denials") or [] if isinstance(one, dict)]


def _steps(content: Any) -> Iterator[Step]:
    for block in content if isinstance(content, list) else []:
        match block:
            case {"type": "text", "text": str(text)}:
                yield Step(SAID, text)
            case {"type": "tool_use", "name": str(name), "input": given}:
                yield Step(CALLED, plain(given), name)
            case {"type": "tool_result", "content": answer}:
                yield Step(ANSWERED, _answer(answer))


def _answer(answer: Any) -> str:
    if isinstance(answer, list):
        return "\n".join(one.get("text", "") for one in answer if isinstance(one, dict))
    return plain(answer)
