"""A model on the loopback: answers Claude Code and Codex with a script's tool calls, then says it is done.

What it answers depends only on what it is sent: which script by a phrase of the prompt, which of its calls by
how many were answered already. So it serves any number of sessions, retries and side questions included.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

DONE = "That is all."
PHRASES = {
    "red": "Write tests, and nothing else",
    "green": "Make these tests pass",
    "refactor": "Tidy the code",
}
PHRASES |= {"triage": "Find out why"}


@dataclass(frozen=True)
class Call:
    """A tool call: ``run`` a line of shell, ``read`` a file, ``write`` a new one, ``edit`` one (old, new)."""

    kind: str
    what: str
    text: str = ""
    new: str = ""


Script = Sequence[Call]


@dataclass
class Stub:
    """A server with a script for each phase; ``asked`` is each request's path."""

    scripts: Mapping[str, Script]
    port: int = 0
    asked: list[str] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def next(self, body: Mapping[str, Any]) -> Call | None:
        """The call that answers a request; None: it is done, or the request is about something else."""
        text = json.dumps(body.get("messages") or body.get("input") or [])
        phase = next((name for name, phrase in PHRASES.items() if phrase in text), "")
        answered = text.count('"tool_result"') + text.count('_call_output"')
        script = self.scripts.get(phase, ()) if body.get("tools") else ()
        return script[answered] if answered < len(script) else None


@contextlib.contextmanager
def serving(scripts: Mapping[str, Script]) -> Iterator[Stub]:
    stub = Stub(scripts)

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self._answer("text/plain", b"")

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or "{}")
            path = self.path.partition("?")[0]
            stub.asked.append(path)
            stub.bodies.append(body)
            events = {"/v1/messages": _claude, "/v1/responses": _codex}.get(path)
            if events is None:
                self.send_error(404)
                return
            lines = (
                f"event: {one['type']}\ndata: {json.dumps(one)}\n\n"
                for one in events(stub.next(body), len(stub.asked))
            )
            self._answer("text/event-stream", "".join(lines).encode())

        do_GET = do_HEAD  # noqa: N815

        def _answer(self, kind: str, content: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        stub.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield stub
        finally:
            server.shutdown()
            thread.join()


def _claude(call: Call | None, number: int) -> Iterator[dict[str, Any]]:
    usage = {"input_tokens": 10, "output_tokens": 5}
    message = {"id": f"msg_{number}", "type": "message", "role": "assistant", "model": "stub", "content": []}
    yield {
        "type": "message_start",
        "message": {**message, "stop_reason": None, "stop_sequence": None, "usage": usage},
    }
    if call is None:
        yield {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
        delta = {"type": "text_delta", "text": DONE}
    else:
        name, given = _claude_tool(call)
        block = {"type": "tool_use", "id": f"toolu_{number}", "name": name, "input": {}}
        yield {"type": "content_block_start", "index": 0, "content_block": block}
        delta = {"type": "input_json_delta", "partial_json": json.dumps(given)}
    yield {"type": "content_block_delta", "index": 0, "delta": delta}
    yield {"type": "content_block_stop", "index": 0}
    reason = {"stop_reason": "tool_use" if call else "end_turn", "stop_sequence": None}
    yield {"type": "message_delta", "delta": reason, "usage": {"output_tokens": 5}}
    yield {"type": "message_stop"}


def _claude_tool(call: Call) -> tuple[str, dict[str, str]]:
    match call.kind:
        case "run":
            return "Bash", {"command": call.what, "description": "run"}
        case "read":
            return "Read", {"file_path": call.what}
        case "write":
            return "Write", {"file_path": call.what, "content": call.text}
        case _:
            return "Edit", {"file_path": call.what, "old_string": call.text, "new_string": call.new}


def _codex(call: Call | None, number: int) -> Iterator[dict[str, Any]]:
    yield {"type": "response.created", "response": {"id": f"resp_{number}"}}
    yield {"type": "response.output_item.done", "output_index": 0, "item": _codex_item(call, number)}
    usage = {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15}
    details = {"input_tokens_details": {"cached_tokens": 0}, "output_tokens_details": {"reasoning_tokens": 0}}
    yield {"type": "response.completed", "response": {"id": f"resp_{number}", "usage": {**usage, **details}}}


def _codex_item(call: Call | None, number: int) -> dict[str, Any]:
    if call is None:
        said = [{"type": "output_text", "text": DONE}]
        return {"type": "message", "role": "assistant", "id": f"msg_{number}", "content": said}
    known = {"id": f"fc_{number}", "call_id": f"call_{number}"}
    if call.kind in ("run", "read"):
        line = call.what if call.kind == "run" else f"cat {call.what}"
        return {
            "type": "function_call",
            "name": "exec_command",
            "arguments": json.dumps({"cmd": line}),
            **known,
        }
    return {
        "type": "custom_tool_call",
        "name": "apply_patch",
        "input": _patch(call),
        "status": "completed",
        **known,
    }


def _patch(call: Call) -> str:
    """In the format of Codex's own tool."""
    if call.kind == "write":
        lines = [f"*** Add File: {call.what}", *(f"+{line}" for line in call.text.splitlines())]
    else:
        lines = [f"*** Update File: {call.what}", "@@"]
        lines += [f"-{line}" for line in call.text.splitlines()] + [
            f"+{line}" for line in call.new.splitlines()
        ]
    return "\n".join(["*** Begin Patch", *lines, "*** End Patch", ""])
