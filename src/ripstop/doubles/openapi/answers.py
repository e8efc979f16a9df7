"""What an operation answers: its examples, else a value made of its schema; and its declared errors."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ripstop.doubles.openapi.checks import is_json
from ripstop.doubles.openapi.document import Document, Node, Operation
from ripstop.doubles.openapi.schemas import Schemas
from ripstop.model.http import Reply

_WORD = re.compile(r"[^a-z0-9]+")
_NAME = 40
INFRASTRUCTURE = frozenset({401, 403, 407, 408, 429})
"""Statuses below 500 that say nothing about what was asked for."""


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers of one document."""

    document: Document
    schemas: Schemas

    def good(self, operation: Operation) -> tuple[int, Node]:
        """The status and response of success: the lowest 2xx declared, 200 and nothing where none is."""
        responses = self._responses(operation)
        numbered = sorted(name for name in responses if re.fullmatch(r"2\d\d", name))
        for name in (*numbered, "2XX", "2xx", "default"):
            if name in responses:
                return int(name) if name.isdigit() else 200, responses[name]
        return 200, Node({}, "")

    def of(self, operation: Operation, status: int) -> Node | None:
        """The response declared for a status."""
        responses = self._responses(operation)
        names = (str(status), f"{status // 100}XX", f"{status // 100}xx", "default")
        return next((responses[name] for name in names if name in responses), None)

    def errors(self, operation: Operation) -> Iterator[tuple[str, int, Reply]]:
        """Each declared error: its name, status and reply; one for each named example."""
        for code, response in self._responses(operation).items():
            if re.fullmatch(r"[45]\d\d", code):
                for name, value in self._examples(response):
                    yield (
                        name or self._slug(code, response),
                        int(code),
                        self._reply(int(code), response, value),
                    )

    def fallback(self, operation: Operation) -> Node | None:
        """The response declared for every status that has none of its own."""
        return self._responses(operation).get("default")

    def reply(self, status: int, response: Node, *, echo: Any = None) -> Reply:
        """The first example, else a value of the schema with fields of ``echo`` taken over."""
        (_, value), *_ = [*self._examples(response, echo=echo)]
        return self._reply(status, response, value)

    def schema(self, response: Node) -> Node | None:
        """The schema of a response's JSON body."""
        media = self._media(response)
        return media[1].get("schema") if media else None

    def _responses(self, operation: Operation) -> dict[str, Node]:
        responses = self.document.below(operation.node, "responses")
        found = {}
        for code in responses.value if responses else ():
            if node := self.document.below(responses, code):
                found[str(code)] = node
        return found

    def _media(self, response: Node) -> tuple[str, Node] | None:
        """The media type to answer in, JSON where there is a choice."""
        content = response.value.get("content") or {}
        kinds = sorted(content, key=lambda kind: not is_json(kind.partition(";")[0].strip().lower()))
        node = response.get("content", kinds[0]) if kinds else None
        return (kinds[0], node) if node else None

    def _examples(self, response: Node, *, echo: Any = None) -> Iterator[tuple[str, Any]]:
        media = self._media(response)
        if media is None:
            yield "", None
            return
        node = media[1]
        if "example" in node.value:
            yield "", node.value["example"]
            return
        named = [
            (name, self.document.below(node, "examples", name)) for name in node.value.get("examples") or {}
        ]
        given = [(name, one.value["value"]) for name, one in named if one and "value" in one.value]
        yield from given or [("", self.schemas.made(node.get("schema"), echo=echo))]

    def _reply(self, status: int, response: Node, value: Any) -> Reply:
        media = self._media(response)
        headers = [(name, str(self._header(response, name))) for name in response.value.get("headers") or {}]
        kept = [(name, text) for name, text in headers if name.lower() != "content-type"]
        if media is None:
            return Reply(status, b"", tuple(kept))
        kind = "application/json" if media[0] == "*/*" else media[0]
        text = value if isinstance(value, str) and not is_json(kind.partition(";")[0]) else json.dumps(value)
        return Reply(status, text.encode(), (("content-type", kind), *kept))

    def _header(self, response: Node, name: str) -> Any:
        node = self.document.below(response, "headers", name)
        about: Mapping[str, Any] = node.value if node else {}
        made = (
            about["example"]
            if "example" in about
            else self.schemas.made(node.get("schema") if node else None)
        )
        return "" if made is None else made

    def _slug(self, code: str, response: Node) -> str:
        words = (
            _WORD.sub("_", str(response.value.get("description", "")).lower()).strip("_")[:_NAME].strip("_")
        )
        return words or f"status_{code}"
