"""What a double says when it does not answer: refusals of its own, and default error bodies."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from ripstop.model.http import Reply

MARK = "Ripstop-Refused"
_STATUSES = (400, 401, 403, 404, 409, 429, 500, 502, 503, 504)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A call the double has no answer for. ``differences`` says how it misses the nearest route."""

    double: str
    method: str
    target: str
    differences: tuple[str, ...]

    def __str__(self) -> str:
        return (
            f"the double {self.double!r} refused {self.method} {self.target}: {'; '.join(self.differences)}"
        )

    def reply(self, status: int) -> Reply:
        """The refusal as a reply nobody mistakes for the provider's."""
        body = {"ripstop": {"refused": f"{self.method} {self.target}", "differences": list(self.differences)}}
        return Reply.of(status, body, {MARK: self.double})


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why a request is turned away before anything executes, and the provider's own words for it.

    Without ``reply`` the double says it in its own.
    """

    differences: tuple[str, ...]
    reply: Reply | None = None


def default_shapes() -> dict[int, Reply]:
    """A plain error body for each infrastructure status, for doubles that declare none."""
    return {status: _shape(status) for status in _STATUSES}


def _shape(status: int) -> Reply:
    kind = "api_error" if status >= 500 else "request_error"
    return Reply.of(status, {"error": {"type": kind, "message": HTTPStatus(status).phrase}})
