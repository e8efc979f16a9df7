"""Idempotency keys as payment providers keep them: what was answered under a key, and to what.

The rules are those Stripe documents (https://docs.stripe.com/api/idempotent_requests): the first
request's status and body are kept once its endpoint began to execute, failures included; the
same key with other parameters is an error; a key whose request is still executing is a conflict.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from ripstop.doubles.manner import PLAIN, Manner
from ripstop.model.http import Reply, Request

REPLAYED = "Idempotent-Replayed"
_KEYS = 10_000
_NATURALLY_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "DELETE"})


@dataclass(slots=True)
class _Kept:
    parameters: tuple[str, str, object]
    reply: Reply | None = None


class Keys:
    """The keys one double has seen since the last reset. ``manner`` words what it says of them."""

    def __init__(self, manner: Manner = PLAIN) -> None:
        self._manner = manner
        self._kept: dict[str, _Kept] = {}

    def answer(self, key: str, request: Request) -> Reply | None:
        """What is answered without executing anything; None for a key not seen yet."""
        kept = self._kept.get(key)
        if kept is None:
            return None
        if kept.parameters != _parameters(request):
            return self._manner.key_changed(key)
        if kept.reply is None:
            return self._manner.key_busy(key)
        return replace(kept.reply, headers=(*kept.reply.headers, (REPLAYED, "true")))

    def begin(self, key: str, request: Request) -> None:
        if len(self._kept) < _KEYS:
            self._kept[key] = _Kept(_parameters(request))

    def finish(self, key: str, reply: Reply) -> None:
        if key in self._kept:
            self._kept[key].reply = reply

    def forget(self, key: str) -> None:
        """The request under this key never really executed."""
        self._kept.pop(key, None)


def applies(request: Request) -> bool:
    """Whether a key means anything on this method."""
    return request.method.upper() not in _NATURALLY_SAFE


def _parameters(request: Request) -> tuple[str, str, object]:
    """What must be equal for a request to be the same one. JSON is compared by meaning."""
    try:
        body: object = json.dumps(request.json(), sort_keys=True)
    except (ValueError, RecursionError):
        body = request.body
    return request.method.upper(), request.target, body
