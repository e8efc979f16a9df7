"""Whether a request carries the key that makes sending it again safe."""

from __future__ import annotations

from ripstop.model.http import Request


def carries_key(request: Request, idempotency_key: str | None) -> bool:
    """Whether a request has a value where its workflow says the key is (``header:X`` or ``body:x``)."""
    if not idempotency_key:
        return False
    place, _, name = idempotency_key.partition(":")
    if place == "header":
        return bool(request.header(name))
    try:
        body = request.json()
    except ValueError:
        return False
    return isinstance(body, dict) and bool(body.get(name))
