"""When sending a request again is what an honest client would do."""

from __future__ import annotations

from ripstop.model.http import Exchange, Request


def is_retry(exchange: Exchange, idempotency_key: str | None) -> bool:
    """After a lost or failed answer always; after success only for a request that carries its key."""
    return not exchange.answer.succeeded or carries_key(exchange.request, idempotency_key)


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
