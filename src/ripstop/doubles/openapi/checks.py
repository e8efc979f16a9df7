"""Whether a request is what an operation declares: its parameters, its body, who asks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote

from ripstop.doubles.openapi.document import Document, Node, Operation
from ripstop.doubles.openapi.schemas import Schemas
from ripstop.model.http import Request

_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?")
_FIELDS = 2_000


@dataclass(frozen=True, slots=True)
class Checker:
    """The checks of one document."""

    document: Document
    schemas: Schemas

    def differences(self, operation: Operation, request: Request, path: Mapping[str, str]) -> tuple[str, ...]:
        """What keeps a request from being the operation's, a line a field."""
        return (*self._parameters(operation, request, path), *self._body(operation, request))

    def unauthorised(self, operation: Operation, request: Request) -> tuple[str, ...]:
        """Which credentials are declared and none was sent, empty where one was or none is asked for."""
        asked = operation.about.get("security", self.document.content.get("security")) or []
        if not asked or any(all(self._has(name, request) for name in one) for one in asked):
            return ()
        names = ", ".join(sorted({name for one in asked for name in one}))
        return (f"credentials: none of those declared was sent ({names})",)

    def _has(self, name: str, request: Request) -> bool:
        root = Node(self.document.content, "")
        scheme = self.document.below(root, "components", "securitySchemes", name)
        about = scheme.value if scheme else {}
        if about.get("type") != "apiKey":
            return bool(request.header("authorization")) or about.get("type") == "mutualTLS"
        if about.get("in") == "query":
            return about["name"] in dict(_query(request))
        return bool(request.header("cookie" if about.get("in") == "cookie" else about["name"]))

    def _parameters(self, operation: Operation, request: Request, path: Mapping[str, str]) -> Iterator[str]:
        query = _query(request)
        known = {node.value["name"] for node in operation.parameters if node.value["in"] == "query"}
        known |= self._key_names()
        for node in operation.parameters:
            about = node.value
            raw = _raw(about, request, query, path)
            at = f"{about['in']}.{about['name']}"
            if raw is None:
                if about.get("required"):
                    yield f"{at}: missing, expected {self.schemas.type_of(node.get('schema')) or 'a value'}"
            elif about["in"] != "cookie":
                yield from self._parameter(node, raw, at)
        for name, value in query:
            if name not in known and name.partition("[")[0] not in known:
                yield f"query.{name}: not declared, got {value!r}"

    def _parameter(self, node: Node, raw: Any, at: str) -> Iterator[str]:
        schema = node.get("schema")
        if schema is None:
            return
        yield from self.schemas.differences(schema, self.read(schema, raw, node.value), at=at)

    def read(self, schema: Node, raw: Any, about: Mapping[str, Any]) -> Any:
        """A parameter's text as the value its schema makes of it (OpenAPI 3.1, 4.8.12.2)."""
        kind = self.schemas.type_of(schema)
        if kind == "array":
            items = self.document.follow(schema).get("items")
            several = raw if isinstance(raw, list) else [raw]
            if not about.get("explode", about.get("style", "form") == "form") or about["in"] in (
                "path",
                "header",
            ):
                several = [part for one in several for part in str(one).split(",")]
            return [_scalar(self.schemas.type_of(items), one) for one in several]
        if isinstance(raw, list):
            raw = raw[-1]
        return _scalar(kind, raw) if isinstance(raw, str) else raw

    def _key_names(self) -> set[str]:
        schemes = (self.document.content.get("components") or {}).get("securitySchemes") or {}
        return {str(one.get("name")) for one in schemes.values() if one.get("in") == "query"}

    def _body(self, operation: Operation, request: Request) -> Iterator[str]:
        body = self.document.below(operation.node, "requestBody")
        if body is None:
            return
        if not request.body:
            if body.value.get("required"):
                yield "body: missing"
            return
        kind = (request.header("content-type") or "application/json").partition(";")[0].strip().lower()
        declared = body.value.get("content") or {}
        name = media(declared, kind)
        if name is None:
            yield f"body: sent as {kind}, declared as {', '.join(declared)}"
            return
        schema = (body.get("content", name) or body).get("schema")
        if schema is not None:
            yield from self._content(schema, kind, request)

    def _content(self, schema: Node, kind: str, request: Request) -> Iterator[str]:
        if is_json(kind):
            try:
                value = json.loads(request.body)
            except (ValueError, RecursionError):
                yield f"body: expected JSON, got {request.body[:80]!r}"
                return
        elif kind == "application/x-www-form-urlencoded":
            value = self._form(schema, request)
        else:
            return
        yield from self.schemas.differences(schema, value, at="body")

    def _form(self, schema: Node, request: Request) -> dict[str, Any]:
        pairs = parse_qsl(
            request.body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_FIELDS
        )
        fields = self.schemas.properties(schema)
        found: dict[str, Any] = {}
        for name, value in pairs:
            field = fields.get(name)
            if self.schemas.type_of(field) == "array" and field is not None:
                items = self.document.follow(field).get("items")
                found.setdefault(name, []).append(_scalar(self.schemas.type_of(items), value))
            else:
                found[name] = _scalar(self.schemas.type_of(field), value)
        return found


def media(declared: Mapping[str, Any], kind: str) -> str | None:
    """The declared media type that a content type is, the narrowest first; None for none."""
    for name in sorted(declared, key=lambda one: one.count("*")):
        plain = name.partition(";")[0].strip().lower()
        if plain in (kind, "*/*") or (plain.endswith("/*") and kind.startswith(plain[:-1])):
            return name
    return None


def is_json(kind: str) -> bool:
    return kind == "application/json" or kind.endswith("+json")


def _query(request: Request) -> list[tuple[str, str]]:
    query = request.target.partition("?")[2]
    return parse_qsl(query, keep_blank_values=True, max_num_fields=_FIELDS)


def _raw(
    about: Mapping[str, Any], request: Request, query: list[tuple[str, str]], path: Mapping[str, str]
) -> Any:
    """A parameter as it was sent, None where it was not."""
    name = about["name"]
    match about["in"]:
        case "path":
            return path.get(name)
        case "header":
            return request.header(name)
        case "query":
            deep = {key[len(name) + 1 : -1]: value for key, value in query if key.startswith(f"{name}[")}
            if about.get("style") == "deepObject":
                return deep or None
            return [value for key, value in query if key in (name, f"{name}[]")] or None
    cookies = dict(part.strip().partition("=")[::2] for part in (request.header("cookie") or "").split(";"))
    return unquote(cookies[name]) if name in cookies else None


def _scalar(kind: str, text: str) -> Any:
    """Text as the type it stands for; itself where it does not."""
    if kind in ("integer", "number") and _NUMBER.fullmatch(text):
        number = float(text)
        return int(number) if number.is_integer() and "e" not in text.lower() else number
    return {"true": True, "false": False}.get(text, text) if kind == "boolean" else text
