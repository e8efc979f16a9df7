"""Codex, without its screen: ``codex exec --json``.

Seen to work with 0.169.0. In our jail its own sandbox is left out: it would have to nest. Without one it
keeps to the project. It reports tokens and no money, and counts no turns.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ripstop.agents.adapters.adapter import Adapter, Ask, Call, events, path, plain, program
from ripstop.agents.transcript import ANSWERED, CALLED, SAID, Step, Told

_AWAY = {"TMPDIR": "/var/tmp"}  # noqa: S108
"""It keeps no helper of its sandbox in a home that lies in the folder for temporary files."""


def adapter() -> Adapter:
    return Adapter(
        "codex",
        _call,
        _read,
        ("CODEX_API_KEY", "OPENAI_API_KEY", "OPENAI_BASE_URL"),
        is_turn=lambda line: b'"item.completed"' in line,
    )


def _call(ask: Ask) -> Call:
    found, visible = program("codex", "npm install -g @openai/codex, and log in")
    command = [found, "exec", "--json", "--color", "never", "--skip-git-repo-check", "--ephemeral"]
    command += ["-c", "allow_login_shell=false"]  # A login shell sets PATH anew.
    command += (
        ["--dangerously-bypass-approvals-and-sandbox"] if ask.jailed else ["--sandbox", "workspace-write"]
    )
    if ask.model:
        command += ["--model", ask.model]
    return Call((*command, ask.prompt), {}, {**path(), **({} if ask.jailed else _AWAY)}, visible)


def _read(said: bytes) -> Told:
    steps: list[Step] = []
    tokens, turns, problem = 0, 0, ""
    for event in events(said):
        match event.get("type"):
            case "item.completed":
                turns += 1
                steps += _steps(event.get("item", {}))
            case "turn.completed":
                usage = event.get("usage") or {}
                tokens += usage.get("input_tokens", 0) + usage.get("output_tokens", 0)
            case "turn.failed":
                problem = plain((event.get("error") or {}).get("message", "the turn failed"))
    if not steps and not problem:
        problem = said.decode("utf-8", "replace")[-2_000:].strip() or "it ended without a word"
    return Told(tuple(steps), turns, None, tokens, problem)


def _steps(item: dict[str, Any]) -> Iterator[Step]:
    match item:
        case {"type": "agent_message" | "reasoning", "text": str(text)}:
            yield Step(SAID, text)
        case {"type": "command_execution", "command": command}:
            yield Step(CALLED, plain(command), "shell")
            yield Step(ANSWERED, f"{item.get('aggregated_output', '')}\nexit code {item.get('exit_code')}")
        case {"type": "file_change", "changes": changed}:
            yield Step(CALLED, plain(changed), "apply_patch")
            yield Step(ANSWERED, plain(item.get("status", "")))
        case {"type": "error", "message": str(text)}:
            yield Step(ANSWERED, text)
        case {"type": str(kind)}:
            yield Step(CALLED, plain(item), kind)
