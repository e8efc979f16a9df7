"""``double = "sendgrid"``: SendGrid's Mail Send (docs: POST /v3/mail/send), each recipient group one mail."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ripstop.doubles.double import Double
from ripstop.doubles.loading import Context
from ripstop.doubles.refusals import Wrong
from ripstop.model.http import Reply, Request

_SEND = "POST /v3/mail/send"
_ADDRESS = re.compile(r"[^@\s<>]+@[^@\s<>]+")
_LINK = re.compile(r"https?://[^\s\"'<>]+")
_HELP = "http://sendgrid.com/docs/API_Reference/Web_API_v3/Mail/errors.html#message"
_GROUPS = 1_000


def make(context: Context) -> Double:
    """Takes mails and sends none: each is the effect ``mail``."""
    double = Double(context.name)

    @double.route(_SEND, effect=_mails, check=_check)
    def send(_request: Request) -> Reply:
        return Reply(202, b"", (("x-message-id", double.new_id("msg")), ("content-length", "0")))

    double.error("unverified_sender", on=_SEND, reply=_UNVERIFIED)
    double.error("over_quota", on=_SEND, reply=_error(401, "Maximum credits exceeded", None))
    for status, message in _STATUSES.items():
        double.error_shape(status, _error(status, message, None))
    return double


def _mails(request: Request, _reply: Reply) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """One effect for each group of recipients, described as a person would tell the mail."""
    message = request.json()
    parts = {part["type"]: part["value"] for part in message.get("content", ())}
    text = parts.get("text/plain") or parts.get("text/html") or ""
    for group in message["personalizations"]:
        sandboxed = message.get("mail_settings", {}).get("sandbox_mode", {}).get("enable")
        if not sandboxed:
            yield (
                "mail",
                {
                    "to": [one["email"] for key in ("to", "cc", "bcc") for one in group.get(key, ())],
                    "from": message["from"]["email"],
                    "subject": group.get("subject", message.get("subject")),
                    "text": text,
                    "links": _LINK.findall(" ".join(parts.values())),
                    "template_id": message.get("template_id"),
                    "data": group.get("dynamic_template_data"),
                },
            )


def _check(request: Request) -> Wrong | None:
    scheme, _, key = (request.header("authorization") or "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        return _wrong(401, "The provided authorization grant is invalid, expired, or revoked", None)
    try:
        message = request.json()
    except (ValueError, RecursionError):
        return _wrong(400, "Bad Request", None)
    if not isinstance(message, dict):
        return _wrong(400, "Bad Request", None)
    return next(iter(_faults(message)), None)


def _faults(message: Mapping[str, Any]) -> Iterator[Wrong]:
    """What is missing or wrong in a message, in the order SendGrid looks."""
    groups = message.get("personalizations")
    if not isinstance(groups, list) or not 1 <= len(groups) <= _GROUPS:
        yield _wrong(
            400,
            "The personalizations field is required and must have at least one personalization.",
            "personalizations",
        )
        return
    for place, group in enumerate(groups):
        yield from _recipients(group, f"personalizations.{place}")
    if not _valid(message.get("from")):
        yield _wrong(
            400,
            "The from object must be provided for every email send. It is an object that requires "
            "the email parameter, but may also contain a name parameter.",
            "from.email",
        )
    if message.get("template_id"):
        return
    if not message.get("subject") and not all(_mapping(group).get("subject") for group in groups):
        yield _wrong(
            400,
            "The subject is required. You can get around this requirement if you use a template "
            "with a subject defined or if every personalization has a subject defined.",
            "subject",
        )
    yield from _content(message.get("content"))


def _recipients(group: Any, place: str) -> Iterator[Wrong]:
    to = _mapping(group).get("to")
    if not isinstance(to, list) or not to:
        yield _wrong(
            400,
            "The to array is required for all personalization objects, and must have at least one "
            "email object with a valid email address.",
            f"{place}.to",
        )
        return
    for key in ("to", "cc", "bcc"):
        yield from _addresses(_mapping(group).get(key, ()), f"{place}.{key}")


def _addresses(given: Iterable[Any], place: str) -> Iterator[Wrong]:
    for number, one in enumerate(given):
        if not _valid(one):
            yield _wrong(400, "Does not contain a valid address.", f"{place}.{number}.email")


def _content(content: Any) -> Iterator[Wrong]:
    if not isinstance(content, list) or not content:
        yield _wrong(
            400,
            "Unless a valid template_id is provided, the content parameter is required. There must "
            "be at least one defined content block.",
            "content",
        )
        return
    for place, part in enumerate(content):
        for name in ("type", "value"):
            value = _mapping(part).get(name)
            if not isinstance(value, str) or not value:
                yield _wrong(
                    400,
                    f"The content {name} must be a string at least one character in length.",
                    f"content.{place}.{name}",
                )


def _valid(address: Any) -> bool:
    return bool(_ADDRESS.fullmatch(str(_mapping(address).get("email", ""))))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _wrong(status: int, message: str, field: str | None) -> Wrong:
    shown = f"{field}: {message}" if field else message
    return Wrong((shown,), _error(status, message, field))


def _error(status: int, message: str, field: str | None) -> Reply:
    helped = f"{_HELP}.{field}" if field else None
    return Reply.of(status, {"errors": [{"message": message, "field": field, "help": helped}]})


_UNVERIFIED = _error(
    403,
    "The from address does not match a verified Sender Identity. Mail cannot be sent until this error is "
    "resolved. Visit https://sendgrid.com/docs/for-developers/sending-email/sender-identity/ to see the "
    "Sender "
    "Identity requirements",
    "from",
)
_STATUSES = {
    401: "The provided authorization grant is invalid, expired, or revoked",
    403: "access forbidden",
    404: "not found",
    429: "too many requests",
    500: "internal error",
    502: "bad gateway",
    503: "service unavailable",
    504: "gateway timeout",
}
