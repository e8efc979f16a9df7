"""``double = "twilio"``: Twilio's Messages, with its test numbers (twilio.com/docs/iam/test-credentials)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from email.utils import formatdate
from typing import Any

from ripstop.doubles.double import Double
from ripstop.doubles.ledger import fields_of
from ripstop.doubles.loading import Context
from ripstop.doubles.refusals import Wrong
from ripstop.model.http import Reply, Request

_SEND = "POST /2010-04-01/Accounts/{account}/Messages.json"
_LOOK = "GET /2010-04-01/Accounts/{account}/Messages/{message}.json"
_E164 = re.compile(r"(?:whatsapp:)?\+[1-9]\d{6,14}")
_SENDER = re.compile(r"(?:whatsapp:)?\+[1-9]\d{6,14}|\d{3,8}|[A-Za-z0-9 ]{1,11}")
_LINK = re.compile(r"https?://[^\s\"'<>]+")
_BODY = 1_600

_TO: Mapping[str, tuple[int, str]] = {
    "+15005550001": (21211, "Invalid 'To' Phone Number: +1500555XXXX"),
    "+15005550002": (
        21612,
        "Message cannot be sent with the current combination of 'To' and/or 'From' parameters",
    ),
    "+15005550003": (
        21408,
        "Permission to send an SMS has not been enabled for the region indicated by the 'To' number",
    ),
    "+15005550004": (21610, "Attempt to send to unsubscribed recipient"),
    "+15005550009": (21614, "'To' number is not a valid mobile number"),
}
_FROM: Mapping[str, tuple[int, str]] = {
    "+15005550001": (21212, "Invalid From Number (caller ID)"),
    "+15005550007": (
        21606,
        "The 'From' phone number provided is not a valid message-capable Twilio phone number",
    ),
    "+15005550008": (21611, "This 'From' number has exceeded the maximum number of queued messages"),
}
ERRORS: Mapping[str, tuple[int, str]] = {
    "unsubscribed": _TO["+15005550004"],
    "invalid_number": _TO["+15005550001"],
    "not_mobile": _TO["+15005550009"],
    "region_not_enabled": _TO["+15005550003"],
}
"""The errors offered as the fault ``declined``, by name."""


def make(context: Context) -> Double:
    """Takes text messages and sends none: each is the effect ``text``."""
    double = Double(context.name, state={"messages": {}})

    @double.route(_SEND, effect=_texts, check=_check)
    def send(request: Request, account: str) -> Reply:
        fields = fields_of(request)
        sid = f"SM{double.new_id('m')[2:].zfill(32)}"
        double.state["messages"][sid] = _message(account, sid, fields)
        return Reply.of(201, double.state["messages"][sid])

    @double.route(_LOOK, check=_authorised)
    def look(_request: Request, message: str) -> Reply:
        found = double.state["messages"].get(message)
        return Reply.of(200, found) if found else _error(404, 20404, "The requested resource was not found")

    for name, (code, text) in ERRORS.items():
        double.error(name, on=_SEND, reply=_error(400, code, text))
    for status, (code, text) in _STATUSES.items():
        double.error_shape(status, _error(status, code, text))
    return double


def _texts(request: Request, reply: Reply) -> Iterator[tuple[str, Mapping[str, Any]]]:
    fields = fields_of(request)
    body = str(fields.get("Body", ""))
    yield (
        "text",
        {
            "id": reply.json()["sid"],
            "to": fields["To"],
            "from": fields.get("From") or fields.get("MessagingServiceSid"),
            "body": body,
            "links": _LINK.findall(body),
        },
    )


def _authorised(request: Request) -> Wrong | None:
    scheme, _, word = (request.header("authorization") or "").partition(" ")
    try:
        login = base64.b64decode(word, validate=True).decode() if scheme.lower() == "basic" else ""
    except (binascii.Error, UnicodeDecodeError):
        login = ""
    user, _, password = login.partition(":")
    return None if user and password else _wrong(401, 20003, "Authenticate")


def _check(request: Request) -> Wrong | None:
    fields = fields_of(request)
    to, sender = str(fields.get("To", "")), str(fields.get("From", ""))
    if unauthorised := _authorised(request):
        return unauthorised
    if not to:
        return _wrong(400, 21604, "A 'To' phone number is required.")
    if not sender and not fields.get("MessagingServiceSid"):
        return _wrong(400, 21603, "A 'From' phone number is required.")
    if not any(fields.get(name) for name in ("Body", "MediaUrl", "ContentSid")):
        return _wrong(400, 21602, "Message body is required.")
    if len(str(fields.get("Body", ""))) > _BODY:
        return _wrong(400, 21617, "The concatenated message body exceeds the 1600 character limit.")
    if known := _TO.get(to) or _FROM.get(sender):
        return _wrong(400, *known)
    if not _E164.fullmatch(to):
        return _wrong(400, 21211, f"The 'To' number {to} is not a valid phone number.")
    if sender and not _SENDER.fullmatch(sender):
        return _wrong(
            400,
            21212,
            f"The 'From' number {sender} is not a valid phone number, shortcode, or alphanumeric sender ID.",
        )
    return None


def _message(account: str, sid: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    body = str(fields.get("Body", ""))
    service = fields.get("MessagingServiceSid")
    when = formatdate()
    return {
        "account_sid": account,
        "api_version": "2010-04-01",
        "body": body,
        "date_created": when,
        "date_sent": None,
        "date_updated": when,
        "direction": "outbound-api",
        "error_code": None,
        "error_message": None,
        "from": fields.get("From"),
        "messaging_service_sid": service,
        "num_media": "1" if fields.get("MediaUrl") else "0",
        "num_segments": str(max(1, -(-len(body) // 160))),
        "price": None,
        "price_unit": "USD",
        "sid": sid,
        "status": "accepted" if service else "queued",
        "subresource_uris": {"media": f"/2010-04-01/Accounts/{account}/Messages/{sid}/Media.json"},
        "to": fields["To"],
        "uri": f"/2010-04-01/Accounts/{account}/Messages/{sid}.json",
    }


def _wrong(status: int, code: int, message: str) -> Wrong:
    return Wrong((f"{code}: {message}",), _error(status, code, message))


def _error(status: int, code: int, message: str) -> Reply:
    more = f"https://www.twilio.com/docs/errors/{code}"
    return Reply.of(status, {"code": code, "message": message, "more_info": more, "status": status})


_STATUSES: Mapping[int, tuple[int, str]] = {
    401: (20003, "Authenticate"),
    403: (20006, "Access Denied"),
    404: (20404, "The requested resource was not found"),
    429: (20429, "Too Many Requests"),
    500: (20500, "An internal server error has occurred"),
    502: (20502, "Bad gateway"),
    503: (20503, "Service unavailable"),
    504: (20504, "Gateway timeout"),
}
