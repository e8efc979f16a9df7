"""A client of the Agent Client Protocol, run beside the agent: ``python -m`` this ``-- COMMAND``.

It sends one prompt (``$RIPSTOP_PROMPT``), answers what the agent asks to be permitted by the paths it names,
writes files for it where the phase writes, and prints what happens as lines of JSON. Nothing here is a gate:
it runs in the jail.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, cast

import acp
from acp import schema
from acp.stdio import spawn_agent_process

_ALLOW, _REJECT = ("allow_once", "allow_always"), ("reject_once", "reject_always")
_WRITES = ("edit", "delete", "move")
_ASKING = "default"
"""What agents call the mode in which they ask before they write."""
_LIMIT_BYTES = 50 * 1024 * 1024


def main(arguments: Sequence[str]) -> int:
    """0 the agent came to its end, 1 it did not."""
    parser = argparse.ArgumentParser(prog="acp_client", description="drive an agent through one prompt")
    parser.add_argument("--writable", action="append", default=[])
    parser.add_argument("--model", default="")
    parser.add_argument("command", nargs="+")
    given = parser.parse_args(list(arguments))
    client = Client(Path.cwd(), given.writable)
    try:
        asyncio.run(_drive(client, given.command, given.model, os.environ.pop("RIPSTOP_PROMPT", "")))
    except (acp.RequestError, OSError, ConnectionError, EOFError) as error:
        client.tell("problem", text=f"{type(error).__name__}: {error}")
        return 1
    return 0


async def _drive(client: Client, command: Sequence[str], model: str, prompt: str) -> None:
    streams = {"limit": _LIMIT_BYTES, "stderr": None}
    async with spawn_agent_process(
        cast("acp.Client", client), *command, env=dict(os.environ), cwd=Path.cwd(), transport_kwargs=streams
    ) as (agent, _):
        files = schema.FileSystemCapabilities(read_text_file=True, write_text_file=True)
        await agent.initialize(acp.PROTOCOL_VERSION, schema.ClientCapabilities(fs=files, terminal=False))
        session = await agent.new_session(cwd=str(Path.cwd()), mcp_servers=[])
        modes = session.modes
        if modes and any(one.id == _ASKING for one in modes.available_modes):
            await agent.set_session_mode(session_id=session.session_id, mode_id=_ASKING)
        if model:
            await agent.set_config_option("model", session.session_id, model)
        answer = await agent.prompt(session_id=session.session_id, prompt=[acp.text_block(prompt)])
        if answer.usage:
            client.tell("usage", tokens=answer.usage.total_tokens)
        client.tell("ended", text=answer.stop_reason)


class Client:
    """The side that an agent asks. ``writable`` are folders and files, relative to ``root``."""

    def __init__(self, root: Path, writable: Iterable[str]) -> None:
        self._root = root.resolve()
        self._writable = [self._root / name for name in writable]
        self._calls: dict[str, tuple[str, Any]] = {}

    def tell(self, kind: str, **more: Any) -> None:
        """Print one line."""
        sys.stdout.write(json.dumps({"kind": kind, **more}, ensure_ascii=False, default=str) + "\n")
        sys.stdout.flush()

    def may_write(self, name: str) -> bool:
        path = (self._root / name).resolve()
        return any(path.is_relative_to(one) for one in self._writable)

    async def request_permission(  # What is asked by keyword keeps its name.
        self,
        session_id: str,  # noqa: ARG002
        tool_call: Any,
        options: list[Any],
        **_: Any,
    ) -> schema.RequestPermissionResponse:
        """Allowed: what writes nothing, what names only places of this phase, and what the jail must hold."""
        places = list(_places(tool_call))
        allowed = tool_call.kind not in _WRITES or (bool(places) and all(map(self.may_write, places)))
        if not allowed:
            self.tell("denied", name=tool_call.title or tool_call.kind or "", text=", ".join(places))
        wanted = _ALLOW if allowed else _REJECT
        for kind in wanted:
            for one in options:
                if one.kind == kind:
                    chosen = schema.AllowedOutcome(outcome="selected", option_id=one.option_id)
                    return schema.RequestPermissionResponse(outcome=chosen)
        return schema.RequestPermissionResponse(outcome=schema.DeniedOutcome(outcome="cancelled"))

    async def session_update(self, session_id: str, update: Any, **_: Any) -> None:  # noqa: ARG002
        match update.session_update:
            case "agent_message_chunk" | "agent_thought_chunk":
                self.tell("said", text=getattr(update.content, "text", ""))
            case "tool_call" | "tool_call_update":
                self._call(update)
            case "usage_update":
                cost = update.cost
                paid = {"cost_usd": cost.amount} if cost and cost.currency == "USD" else {}
                self.tell("usage", tokens=update.used, **paid)

    def _call(self, update: Any) -> None:
        """What is called comes in pieces; it is told whole, once it is answered."""
        name, given = self._calls.get(update.tool_call_id, ("", None))
        name, given = update.title or name, update.raw_input or given or list(_places(update))
        self._calls[update.tool_call_id] = (name, given)
        if update.status in ("completed", "failed"):
            del self._calls[update.tool_call_id]
            self.tell("called", name=name, text=given)
            self.tell("answered", text=_content(update))

    async def write_text_file(
        self,
        session_id: str,  # noqa: ARG002
        path: str,
        content: str,
        **_: Any,
    ) -> schema.WriteTextFileResponse:
        if not self.may_write(path):
            self.tell("denied", name="write_text_file", text=path)
            raise acp.RequestError.invalid_params({"path": f"{path} is not what this step writes"})
        place = self._root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content, encoding="utf-8")
        return schema.WriteTextFileResponse()

    async def read_text_file(
        self,
        session_id: str,  # noqa: ARG002
        path: str,
        line: int | None = None,
        limit: int | None = None,
        **_: Any,
    ) -> schema.ReadTextFileResponse:
        try:
            lines = (
                (self._root / path).read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)
            )
        except OSError as error:
            raise acp.RequestError.invalid_params({"path": str(error)}) from None
        first = max(0, (line or 1) - 1)
        return schema.ReadTextFileResponse(content="".join(lines[first:][:limit]))

    async def ext_method(self, method: str, params: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002
        raise acp.RequestError.method_not_found(method)

    async def ext_notification(self, method: str, params: dict[str, Any]) -> None:
        """Nothing is known of it."""

    def on_connect(self, conn: Any) -> None:
        """Nothing is asked before the prompt."""


def _places(call: Any) -> Iterable[str]:
    for one in call.locations or []:
        yield one.path
    for one in call.content or []:
        if getattr(one, "type", "") == "diff":
            yield one.path


def _content(update: Any) -> str:
    pieces = (getattr(getattr(one, "content", None), "text", "") for one in update.content or [])
    text = "\n".join(piece for piece in pieces if piece)
    return text or str(update.raw_output or update.status)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main(sys.argv[1:]))
