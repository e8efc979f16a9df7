"""How a provider words what the double itself has to say: refusals, and trouble with idempotency keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ripstop.doubles.refusals import Refusal
from ripstop.model.http import Reply


def _key_changed(key: str) -> Reply:
    return _error(400, f"the idempotency key {key!r} was first used for a request with other parameters")


def _key_busy(key: str) -> Reply:
    return _error(409, f"a request with the idempotency key {key!r} is being executed")


def _error(status: int, message: str) -> Reply:
    return Reply.of(status, {"error": {"type": "idempotency_error", "message": message}})


@dataclass(frozen=True, slots=True)
class Manner:
    """The wording of one provider.

    ``refused`` gets the refusal and the status meant for it (501 no such route, 400 not the declared
    shape); ``key_changed`` and ``key_busy`` get the idempotency key.
    """

    refused: Callable[[Refusal, int], Reply] = Refusal.reply
    key_changed: Callable[[str], Reply] = _key_changed
    key_busy: Callable[[str], Reply] = _key_busy


PLAIN = Manner()
