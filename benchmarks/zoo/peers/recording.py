"""An OpenAPI document from recorded exchanges, for services whose framework gives none.

It says what was seen and no more: operations, the fields of bodies with their types, the answer's status,
and that other answers exist. What a field may not be, nobody recorded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ripstop.model.http import Exchange, Request

_TYPES: Mapping[type, str] = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array"}
_HELD = re.compile(r"\{\w+\}")
OWN_HEADERS = ("idempotency-key", "x-idempotency-key", "x-request-id")


def document(exchanges: Iterable[Exchange]) -> dict[str, Any]:
    """All operations of all exchanges; the first of each operation gives its shape."""
    paths: dict[str, dict[str, Any]] = {}
    for exchange in exchanges:
        method, _, operation = exchange.step.partition(" (")[0].partition(" ")
        path, parameters = _named(operation, exchange.request.path)
        paths.setdefault(path, {}).setdefault(method.lower(), _operation(exchange, parameters))
    return {"openapi": "3.0.3", "info": {"title": "recorded", "version": "1"}, "paths": paths}


def shape(value: object) -> dict[str, Any]:
    """A JSON schema of a value: types, all fields required, the value as example."""
    if isinstance(value, dict):
        fields = {name: shape(field) for name, field in value.items()}
        return {"type": "object", "required": sorted(fields), "properties": fields, "example": value}
    if isinstance(value, list):
        return {"type": "array", "items": shape(value[0]) if value else {}, "example": value}
    return {"type": _TYPES[type(value)], "example": value} if type(value) in _TYPES else {}


def _named(operation: str, path: str) -> tuple[str, list[dict[str, Any]]]:
    """A path whose ids have names of their own, as the format wants it, and what they were."""
    parts, given = operation.split("/"), [*path.split("/")]
    told: list[dict[str, Any]] = []
    for n, part in enumerate(parts):
        if _HELD.search(part):
            name = f"id{len(told) + 1}" if told else "id"
            parts[n] = f"{{{name}}}"
            example = given[n] if n < len(given) else ""
            told.append(_parameter(name, "path", example))
    return "/".join(parts), told


def _parameter(name: str, place: str, example: str) -> dict[str, Any]:
    return {"name": name, "in": place, "required": True, "schema": {"type": "string"}, "example": example}


def _operation(exchange: Exchange, parameters: list[dict[str, Any]]) -> dict[str, Any]:
    request, status = exchange.request, str(exchange.answer.status)
    headers = [_parameter(n, "header", v) for n, v in request.headers if n.lower() in OWN_HEADERS]
    told: dict[str, Any] = {
        "responses": {status: {"description": "as recorded"}, "default": {"description": "any other"}}
    }
    if parameters or headers:
        told["parameters"] = [*parameters, *headers]
    if request.body:
        kind = (request.header("content-type") or "application/octet-stream").partition(";")[0]
        told["requestBody"] = {"required": True, "content": {kind: {"schema": _body(request)}}}
    return told


def _body(request: Request) -> dict[str, Any]:
    try:
        return shape(request.json())
    except ValueError:
        return {"type": "string"}
