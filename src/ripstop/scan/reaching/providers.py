"""Packages of well-known services: the host and the route behind a method. A line a method."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ripstop.model.survey import Reach
from ripstop.model.trace import Kind
from ripstop.scan.code import Call, Codebase
from ripstop.scan.reaching.names import last, root
from ripstop.scan.reaching.values import stated

_TWILIO = "/2010-04-01/Accounts/{account}"


@dataclass(frozen=True, slots=True)
class _Method:
    """``ending`` are the last words of the dotted name."""

    ending: str
    host: str
    operation: str


def _methods(host: str, *rows: tuple[str, str]) -> tuple[_Method, ...]:
    return tuple(_Method(ending, host, operation) for ending, operation in rows)


_OPENAI = _methods(
    "api.openai.com",
    ("chat.completions.create", "POST /v1/chat/completions"),
    ("completions.parse", "POST /v1/chat/completions"),
    ("responses.create", "POST /v1/responses"),
    ("responses.parse", "POST /v1/responses"),
    ("embeddings.create", "POST /v1/embeddings"),
    ("images.generate", "POST /v1/images/generations"),
    ("moderations.create", "POST /v1/moderations"),
    ("audio.transcriptions.create", "POST /v1/audio/transcriptions"),
    ("ChatCompletion.create", "POST /v1/chat/completions"),
)
_ANTHROPIC = _methods(
    "api.anthropic.com",
    ("messages.create", "POST /v1/messages"),
    ("messages.stream", "POST /v1/messages"),
)
_TWILIO_ALL = (
    *_methods(
        "api.twilio.com",
        ("messages.create", f"POST {_TWILIO}/Messages.json"),
        ("messages.create_async", f"POST {_TWILIO}/Messages.json"),
        ("messages.list", f"GET {_TWILIO}/Messages.json"),
        ("calls.create", f"POST {_TWILIO}/Calls.json"),
    ),
    *_methods(
        "verify.twilio.com",
        ("verifications.create", "POST /v2/Services/{id}/Verifications"),
        ("verification_checks.create", "POST /v2/Services/{id}/VerificationCheck"),
        ("verificationChecks.create", "POST /v2/Services/{id}/VerificationCheck"),
    ),
)
_SENDGRID = _methods(
    "api.sendgrid.com",
    ("SendGridAPIClient.send", "POST /v3/mail/send"),
    ("mail.send.post", "POST /v3/mail/send"),
    ("sgMail.send", "POST /v3/mail/send"),
    ("mail.send", "POST /v3/mail/send"),
    ("send", "POST /v3/mail/send"),
    ("sendMultiple", "POST /v3/mail/send"),
)
_SLACK = _methods(
    "slack.com",
    ("chat_postMessage", "POST /api/chat.postMessage"),
    ("chat.postMessage", "POST /api/chat.postMessage"),
    ("files_upload_v2", "POST /api/files.completeUploadExternal"),
)
_RESEND = _methods("api.resend.com", ("Emails.send", "POST /emails"), ("emails.send", "POST /emails"))
_POSTMARK = _methods(
    "api.postmarkapp.com",
    ("emails.send", "POST /email"),
    ("sendEmail", "POST /email"),
    ("sendEmailWithTemplate", "POST /email/withTemplate"),
)
_SQUARE = _methods(
    "connect.squareup.com",
    ("payments.create_payment", "POST /v2/payments"),
    ("payments.create", "POST /v2/payments"),
    ("paymentsApi.createPayment", "POST /v2/payments"),
    ("refunds.refund_payment", "POST /v2/refunds"),
)
_BRAINTREE = _methods(
    "api.braintreegateway.com",
    ("transaction.sale", "POST /merchants/{id}/transactions"),
    ("transaction.refund", "POST /merchants/{id}/transactions/{id}/refund"),
)
_RAZORPAY = _methods(
    "api.razorpay.com",
    ("order.create", "POST /v1/orders"),
    ("orders.create", "POST /v1/orders"),
    ("payment.capture", "POST /v1/payments/{id}/capture"),
    ("payment.refund", "POST /v1/payments/{id}/refund"),
)
_PLAID = _methods(
    "production.plaid.com",
    ("item_public_token_exchange", "POST /item/public_token/exchange"),
    ("itemPublicTokenExchange", "POST /item/public_token/exchange"),
    ("link_token_create", "POST /link/token/create"),
    ("linkTokenCreate", "POST /link/token/create"),
    ("transfer_create", "POST /transfer/create"),
)
_FIREBASE = _methods(
    "fcm.googleapis.com",
    ("messaging.send", "POST /v1/projects/{id}/messages:send"),
    ("messaging.send_each_for_multicast", "POST /v1/projects/{id}/messages:send"),
)
_PUSHER = _methods(
    "api.pusherapp.com", ("Pusher.trigger", "POST /apps/{id}/events"), ("trigger", "POST /apps/{id}/events")
)
_PACKAGES: dict[str, tuple[_Method, ...]] = {
    "openai": _OPENAI,
    "anthropic": _ANTHROPIC,
    "@anthropic-ai/sdk": _ANTHROPIC,
    "twilio": _TWILIO_ALL,
    **dict.fromkeys(("sendgrid", "@sendgrid/mail", "sgMail"), _SENDGRID),
    **dict.fromkeys(("slack_sdk", "slack", "@slack/web-api", "slack_bolt"), _SLACK),
    "resend": _RESEND,
    **dict.fromkeys(("postmarker", "postmark"), _POSTMARK),
    **dict.fromkeys(("square", "squareup"), _SQUARE),
    "braintree": _BRAINTREE,
    "razorpay": _RAZORPAY,
    "plaid": _PLAID,
    "firebase_admin": _FIREBASE,
    **dict.fromkeys(("pusher", "Pusher"), _PUSHER),
}
METHODS = frozenset(last(method.ending) for methods in _PACKAGES.values() for method in methods)
_KEYS = ("idempotency_key", "idempotencyKey", "IdempotencyKey")


def reaches(call: Call, code: Codebase) -> Iterator[Reach]:
    """The request a method of such a package makes."""
    for method in _PACKAGES.get(root(call.name), ()):
        if call.name.endswith(f".{method.ending}"):
            yield _reach(call, code, method)
            return


def _reach(call: Call, code: Codebase, method: _Method) -> Reach:
    changes = not method.operation.startswith("GET")
    return Reach(
        "http",
        method.operation,
        Kind.CALL,
        call.place,
        target=method.host,
        client=root(call.name),
        sureness=call.sureness,
        effect=changes,
        timeout=True if stated(call, code, "timeout") is not None else None,
        key=(stated(call, code, *_KEYS) is not None) if changes else None,
    )
