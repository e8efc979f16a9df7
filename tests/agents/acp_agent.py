"""A scripted agent that speaks the Agent Client Protocol: ``acp_agent.py SCRIPT.json``.

In its mode for that it asks to be permitted each write. It writes through the client or by itself, as told.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import acp
from acp import schema

OPTIONS = [
    schema.PermissionOption(option_id="yes", name="Allow", kind="allow_once"),
    schema.PermissionOption(option_id="no", name="Reject", kind="reject_once"),
]


class Scripted(acp.Agent):
    """Takes the script of the first phrase that the prompt holds: a list of [how, path, text]."""

    def __init__(self, scripts: dict[str, list[list[str]]]) -> None:
        self._scripts = scripts
        self._client: Any = None
        self._asks = False

    def on_connect(self, conn: Any) -> None:
        self._client = conn

    async def initialize(self, protocol_version: int, **_: Any) -> schema.InitializeResponse:
        return schema.InitializeResponse(protocol_version=protocol_version)

    async def new_session(self, cwd: str, **_: Any) -> schema.NewSessionResponse:
        modes = [schema.SessionMode(id=one, name=one) for one in ("auto", "default")]
        offered = schema.SessionModeState(current_mode_id="auto", available_modes=modes)
        return schema.NewSessionResponse(session_id="the-session", modes=offered)

    async def set_session_mode(
        self, mode_id: str, session_id: str, **_: Any
    ) -> schema.SetSessionModeResponse:
        self._asks = mode_id == "default"
        return schema.SetSessionModeResponse()

    async def prompt(self, prompt: list[Any], session_id: str, **_: Any) -> schema.PromptResponse:
        asked = "".join(one.text for one in prompt)
        script = next((steps for phrase, steps in self._scripts.items() if phrase in asked), [])
        for number, (how, path, text) in enumerate(script):
            await self._step(session_id, f"call-{number}", how, path, text)
        await self._client.session_update(session_id, acp.update_agent_message_text("That is "))
        await self._client.session_update(session_id, acp.update_agent_message_text("all."))
        usage = schema.Usage(total_tokens=42, input_tokens=40, output_tokens=2)
        return schema.PromptResponse(stop_reason="end_turn", usage=usage)

    async def _step(self, session: str, call: str, how: str, path: str, text: str) -> None:
        place = [schema.ToolCallLocation(path=str(Path.cwd() / path))]
        begun = acp.start_tool_call(call, f"{how} {path}", kind="edit", locations=place)
        await self._client.session_update(session, begun)
        update = schema.ToolCallUpdate(tool_call_id=call, kind="edit", locations=place, title=f"{how} {path}")
        allowed = not self._asks
        if self._asks:
            answer = await self._client.request_permission(
                session_id=session, tool_call=update, options=OPTIONS
            )
            allowed = answer.outcome.outcome == "selected" and answer.outcome.option_id == "yes"
        said = await self._written(session, how, path, text) if allowed or how == "force" else "not allowed"
        done = acp.update_tool_call(
            call, status="completed", content=[acp.tool_content(acp.text_block(said))]
        )
        await self._client.session_update(session, done)

    async def _written(self, session: str, how: str, path: str, text: str) -> str:
        try:
            if how == "client":
                await self._client.write_text_file(
                    session_id=session, path=str(Path.cwd() / path), content=text
                )
            else:
                Path(path).write_text(text)
        except (OSError, acp.RequestError) as error:
            return str(error)
        return "written"


if __name__ == "__main__":
    asyncio.run(acp.run_agent(Scripted(json.loads(Path(sys.argv[1]).read_text()))))
