"""An HTTP request and reply, as doubles and oracles see them: whole, decoded from their framing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Headers = tuple[tuple[str, str], ...]


def header(headers: Headers, name: str) -> str | None:
    """The first value of a header, matched without regard to case (RFC 9110, 5.1)."""
    wanted = name.lower()
    return next((value for key, value in headers if key.lower() == wanted), None)


@dataclass(frozen=True, slots=True)
class Request:
    """One request. ``target`` is path and query as sent; ``body`` is the bytes without framing."""

    method: str
    target: str
    headers: Headers = ()
    body: bytes = b""

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    def header(self, name: str) -> str | None:
        return header(self.headers, name)

    def json(self) -> Any:
        """The body read as JSON. Raises ValueError where it is none."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply. Give ``json`` or ``body``; with ``json`` the content type follows."""

    status: int = 200
    body: bytes = b""
    headers: Headers = ()

    @classmethod
    def of(cls, status: int, content: object, headers: Mapping[str, str] | None = None) -> Reply:
        """A JSON reply."""
        fields = {"content-type": "application/json", **(headers or {})}
        return cls(status, json.dumps(content).encode(), tuple(fields.items()))

    def header(self, name: str) -> str | None:
        return header(self.headers, name)

    def json(self) -> Any:
        """The body read as JSON. Raises ValueError where it is none."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the caller got. ``status`` is None where no answer came; ``failure`` then says how.

    ``failure`` is ``timeout`` (nothing within the budget), ``dropped`` (the connection
    was refused, reset or closed early) or ``departed`` (the caller itself hung up).
    """

    status: int | None
    headers: Headers = ()
    body: bytes = b""
    duration_ms: float = 0.0
    failure: str | None = None

    @property
    def succeeded(self) -> bool:
        return self.status is not None and 200 <= self.status < 400

    def header(self, name: str) -> str | None:
        return header(self.headers, name)

    def json(self) -> Any:
        """The body read as JSON, or None where it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request the caller sent to the service in a step, and its answer."""

    step: str
    request: Request
    answer: Answer
    phase: str = field(default="call")
