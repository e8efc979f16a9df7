"""The file of a cassette: interactions as JSON a person can read and edit, secrets masked."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

from ripstop.errors import UsageError
from ripstop.model.http import Headers, Reply, Request
from ripstop.model.secrets import MASK, mask_headers, mask_json, mask_text
from ripstop.model.trace import operation_of

VERSION = 1
_FORM = "application/x-www-form-urlencoded"
_NOISE = frozenset(
    [
        "accept-encoding",
        "age",
        "alt-svc",
        "cf-ray",
        "connection",
        "content-length",
        "date",
        "etag",
        "expect",
        "host",
        "keep-alive",
        "nel",
        "report-to",
        "server",
        "strict-transport-security",
        "traceparent",
        "tracestate",
        "transfer-encoding",
        "user-agent",
        "vary",
        "via",
        "x-request-id",
        "x-runtime",
        "x-stripe-client-user-agent",
        "x-stripe-client-telemetry",
    ]
)
_CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True, slots=True)
class Interaction:
    """One request and the reply it got. ``effect`` is the kind of effect the reply stands for, if any."""

    request: Request
    reply: Reply
    effect: str | None = None


def text_of(heard: Iterable[Interaction], *, upstream: str) -> str:
    """A cassette of these calls, in their order: secrets masked, keys sorted.

    What may change something and went well is an effect, of its operation's name where none is given.
    """
    interactions = [_written(one.request, one.reply, one.effect) for one in heard]
    tape = {"cassette": VERSION, "upstream": mask_text(upstream), "interactions": interactions}
    return json.dumps(tape, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def read(path: Path) -> tuple[Interaction, ...]:
    """The interactions of a file. Raises UsageError ``cassette-file`` with the place that is wrong."""
    try:
        tape = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(tape, Mapping) or tape.get("cassette") != VERSION:
            raise ValueError(f'it does not begin with "cassette": {VERSION}')
        return tuple(_read(one, place) for place, one in enumerate(tape["interactions"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(
            "cassette-file",
            f"{path} is no cassette: {error}",
            way_out="record one: ripstop record SEAM --to FILE --upstream URL",
        ) from error


def _written(request: Request, reply: Reply, effect: str | None) -> dict[str, Any]:
    target = mask_text(request.path)
    query = mask_json(_pairs(request.target.partition("?")[2]))
    asked: dict[str, Any] = {"method": request.method.upper(), "path": target}
    asked |= {"query": query} if query else {}
    told: dict[str, Any] = {
        "request": asked | _headers(request.headers) | _body(request.body, request.header("content-type")),
        "reply": {"status": reply.status}
        | _headers(reply.headers)
        | _body(reply.body, reply.header("content-type")),
    }
    changing = request.method.upper() in _CHANGING
    if (effect or changing) and 200 <= reply.status < 300:
        told["effect"] = effect or operation_of(request.method, request.target)
    return told


def _headers(headers: Headers) -> dict[str, Any]:
    kept = {name.lower(): value for name, value in mask_headers(headers) if name.lower() not in _NOISE}
    return {"headers": kept} if kept else {}


def _body(body: bytes, kind: str | None) -> dict[str, Any]:
    """A body under the name of its form: ``json``, ``form``, ``text`` or ``base64``."""
    if not body:
        return {}
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode("ascii")}
    if _FORM in (kind or ""):
        return {"form": mask_json(_pairs(text))}
    try:
        return {"json": mask_json(json.loads(text))}
    except (ValueError, RecursionError):
        return {"text": mask_text(text)}


def _pairs(text: str) -> dict[str, Any]:
    """Names and values; a name that comes again has a list."""
    found: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        if name in found:
            known = found[name]
            found[name] = [*known, value] if isinstance(known, list) else [known, value]
        else:
            found[name] = value
    return found


def _read(one: Mapping[str, Any], place: int) -> Interaction:
    try:
        asked, told = one["request"], one["reply"]
        query = urlencode(asked.get("query") or {}, doseq=True)
        target = f"{asked['path']}?{query}" if query else asked["path"]
        request = Request(str(asked["method"]).upper(), target, _tuples(asked), _bytes(asked))
        return Interaction(
            request, Reply(int(told["status"]), _bytes(told), _tuples(told)), one.get("effect")
        )
    except (KeyError, TypeError, ValueError, binascii.Error) as error:
        raise ValueError(f"interactions[{place}]: {type(error).__name__}: {error}") from error


def _tuples(part: Mapping[str, Any]) -> Headers:
    return tuple((str(name), str(value)) for name, value in (part.get("headers") or {}).items())


def _bytes(part: Mapping[str, Any]) -> bytes:
    if "json" in part:
        return json.dumps(part["json"]).encode()
    if "form" in part:
        return urlencode(part["form"], doseq=True).encode()
    return (
        base64.b64decode(part["base64"], validate=True)
        if "base64" in part
        else str(part.get("text", "")).encode()
    )


def masked(request: Request) -> bool:
    """Whether a recorded request lacks secrets that its path, query or body had: it cannot be sent again."""
    return (
        MASK in request.target
        or "%2A%2A%2A" in request.target
        or MASK.encode() in request.body
        or (b"%2A%2A%2A" in request.body)
    )
