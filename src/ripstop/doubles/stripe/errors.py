"""Stripe's errors: their one shape, their types, codes and messages (docs.stripe.com/api/errors)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ripstop.doubles.manner import Manner
from ripstop.doubles.refusals import MARK, Refusal
from ripstop.model.http import Reply

_DOCS = "https://stripe.com/docs/error-codes/"
_SHAPES = {
    400: ("invalid_request_error", None, "The request was unacceptable."),
    401: ("invalid_request_error", None, "Invalid API Key provided: sk_test_********"),
    403: ("invalid_request_error", "permission_error", "The provided key does not have access."),
    404: ("invalid_request_error", "resource_missing", "No such object."),
    409: ("idempotency_error", "idempotency_key_in_use", "There is another request using this key."),
    429: ("invalid_request_error", "rate_limit", "Request rate limit exceeded."),
    500: ("api_error", None, "An unknown error occurred"),
    502: ("api_error", None, "An error occurred in Stripe's API"),
    503: ("api_error", None, "Stripe's API is temporarily unavailable"),
    504: ("api_error", None, "Stripe's API is temporarily unavailable"),
}


class Problem(Exception):
    """A request Stripe answers with an error. ``fields`` go into the error object beside its type."""

    def __init__(self, status: int, kind: str, message: str, **fields: Any) -> None:
        super().__init__(message)
        self.status = status
        self.kind = kind
        self.message = message
        self.fields = {name: value for name, value in fields.items() if value is not None}

    def reply(self) -> Reply:
        return Reply.of(self.status, {"error": self._body()})

    def _body(self) -> Mapping[str, Any]:
        body: dict[str, Any] = {**self.fields, "message": self.message, "type": self.kind}
        if code := body.get("code"):
            body["doc_url"] = _DOCS + str(code).replace("_", "-")
        return dict(sorted(body.items()))


def invalid(message: str, *, param: str | None = None, code: str | None = None, **fields: Any) -> Problem:
    """A request that makes no sense: 400 ``invalid_request_error``."""
    return Problem(400, "invalid_request_error", message, param=param, code=code, **fields)


def missing(what: str, identity: str, *, param: str, status: int = 404) -> Problem:
    """An object that is not there: ``resource_missing``, 404 where the path names it, 400 elsewhere."""
    message = f"No such {what}: '{identity}'"
    return Problem(status, "invalid_request_error", message, code="resource_missing", param=param)


def unexpected_state(message: str, intent: Mapping[str, Any]) -> Problem:
    """An intent that is not where the call needs it: ``payment_intent_unexpected_state``."""
    return invalid(message, code="payment_intent_unexpected_state", payment_intent=dict(intent))


def shapes() -> dict[int, Reply]:
    """What Stripe sends with each infrastructure status."""
    return {
        status: Problem(status, kind, text, code=code).reply()
        for status, (kind, code, text) in _SHAPES.items()
    }


def _refused(refusal: Refusal, status: int) -> Reply:
    path = refusal.target.partition("?")[0]
    message = (
        f"Unrecognized request URL ({refusal.method}: {path}). Please see https://stripe.com/docs "
        "or we can help at https://support.stripe.com/."
    )
    reply = Problem(404 if status == 501 else status, "invalid_request_error", message).reply()
    return Reply(reply.status, reply.body, (*reply.headers, (MARK, refusal.double)))


def _key_changed(key: str) -> Reply:
    message = (
        "Keys for idempotent requests can only be used with the same parameters they were first used with. "
        f"Try using a key other than '{key}' if you meant to execute a different request."
    )
    return Problem(400, "idempotency_error", message).reply()


def _key_busy(key: str) -> Reply:
    message = (
        "There is currently another in-progress request using this Idempotent Key (that probably means you "
        f"submitted twice, and the other request is still going through): {key}"
    )
    return Problem(409, "idempotency_error", message, code="idempotency_key_in_use").reply()


MANNER = Manner(refused=_refused, key_changed=_key_changed, key_busy=_key_busy)
