"""Replies made from other replies: a body changed, a field taken out, a provider's error."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from ripstop.model.http import Reply

_FRAMING = ("content-length", "transfer-encoding", "content-encoding")
_FIELDS_LIMIT = 2


def with_body(reply: Reply, body: bytes) -> Reply:
    """The reply with another body; headers that framed the old one are left out."""
    headers = tuple((name, value) for name, value in reply.headers if name.lower() not in _FRAMING)
    return replace(reply, body=body, headers=headers)


def with_field(reply: Reply, name: str, value: Any) -> Reply:
    return with_body(reply, json.dumps({**fields_of(reply), name: value}).encode())


def without_field(reply: Reply, name: str) -> Reply:
    kept = {key: value for key, value in fields_of(reply).items() if key != name}
    return with_body(reply, json.dumps(kept).encode())


def fields_of(reply: Reply | None) -> dict[str, Any]:
    """The top-level fields of a successful JSON reply; empty where there are none."""
    if reply is None or not 200 <= reply.status < 300:
        return {}
    try:
        content = reply.json()
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def telling_fields(reply: Reply | None) -> tuple[str, ...]:
    """The fields a caller most likely reads, at most two: ids first, then states, then the rest."""
    names = list(fields_of(reply))
    return tuple(sorted(names, key=lambda name: (_rank(name), names.index(name))))[:_FIELDS_LIMIT]


def _rank(name: str) -> int:
    lower = name.lower()
    if lower == "id" or lower.endswith(("_id", "token", "reference")) or name.endswith("Id"):
        return 0
    if lower in ("status", "state", "result", "paid", "success", "ok", "outcome"):
        return 1
    return 2 if lower in ("amount", "total", "url", "data", "error") else 3


def provider_error(status: int, shapes: Mapping[int, Reply] | None) -> Reply:
    """The provider's own body for a status; where it declared none, a plain one."""
    if shapes and status in shapes:
        return shapes[status]
    known = status in HTTPStatus._value2member_map_
    phrase = HTTPStatus(status).phrase if known else f"status {status}"
    code = phrase.lower().replace(" ", "_").replace("-", "_")
    return Reply.of(status, {"error": {"code": code, "message": phrase}})
