"""Masking: what must never reach a report. One place for headers, JSON values and free text.

It errs on the side of hiding. Replay keeps what it needs elsewhere, in a private file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from ripstop.model.http import Headers

MASK = "***"

_SECRET_NAMES = frozenset(
    {
        "password",
        "passwd",
        "pwd",
        "passphrase",
        "secret",
        "token",
        "apikey",
        "authorization",
        "proxyauthorization",
        "cookie",
        "setcookie",
        "cardnumber",
        "pan",
        "cvc",
        "cvv",
        "cvc2",
        "cvv2",
        "accesskey",
        "secretkey",
        "privatekey",
        "signingkey",
        "sessionid",
        "session",
        "csrf",
        "xcsrftoken",
        "dsn",
        "databaseurl",
        "credentials",
        "otp",
    }
)
_SECRET_ENDINGS = ("password", "passwd", "secret", "token", "apikey", "accesskey", "privatekey", "sessionid")
_NAME = re.compile(r"[^a-z0-9]")
_KEYED = re.compile(
    r"""(?ix)
    (?P<lead> (?<![A-Za-z0-9])
      (?: [A-Za-z0-9_-]{0,40}?
          (?:password|passwd|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key)
        | pwd | dsn | cvc2? | cvv2? | card[_-]?number | session[_-]?id
        | (?:proxy-)?authorization | (?:set-)?cookie )
      ["']? \s* (?: = | : ) \s* )
    (?P<value> "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*'
      | (?:bearer|basic|token|digest)\s+[^\s,;"']+ | [^\s,;&"'<>)\]}]+ )"""
)
_HEADER_LINE = re.compile(r"(?im)^(\s*(?:set-cookie|cookie|(?:proxy-)?authorization)\s*:\s*).+$")
_SCHEME = re.compile(r"\b(Bearer|Basic|Digest)\s+[A-Za-z0-9._~+/=-]{8,}")
_URL_LOGIN = re.compile(r"(\b[a-z][a-z0-9+.-]{0,30}://[^\s:/@'\"]{0,80}):[^\s/'\"]{1,200}@", re.IGNORECASE)
_KNOWN = re.compile(
    r"\b(?:(?:sk|pk|rk)_(?:live|test)_[A-Za-z0-9]{6,}|whsec_[A-Za-z0-9]{8,}|gh[pousr]_[A-Za-z0-9]{16,}"
    r"|github_pat_\w{16,}|xox[abprs]-[A-Za-z0-9-]{8,}|AKIA[0-9A-Z]{12,}"
    r"|eyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)?)"
)
_PEM = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL)
_CARD = re.compile(r"(?<![\w.-])[2-6](?:[ -]?\d){11,18}(?![\w-]|\.\d)")


def secret_name(name: str) -> bool:
    """Whether a field, column or header of this name holds a secret.

    >>> secret_name("Set-Cookie"), secret_name("cardToken"), secret_name("tokens_used")
    (True, True, False)
    """
    plain = _NAME.sub("", name.lower())
    return plain in _SECRET_NAMES or plain.endswith(_SECRET_ENDINGS)


def luhn(digits: str) -> bool:
    """The check digit of payment card numbers (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def mask_text(text: str) -> str:
    """Free text (a log line, a body, a statement) with its secrets taken out.

    >>> mask_text("postgresql://shop:hunter2@127.0.0.1/shop")
    'postgresql://shop:***@127.0.0.1/shop'
    """
    text = _PEM.sub(MASK, text)
    text = _URL_LOGIN.sub(rf"\1:{MASK}@", text)
    text = _HEADER_LINE.sub(rf"\1{MASK}", text)
    text = _KEYED.sub(_keyed, text)
    text = _SCHEME.sub(rf"\1 {MASK}", text)
    text = _KNOWN.sub(MASK, text)
    return _CARD.sub(_card, text)


def mask_json(value: Any) -> Any:
    """A JSON value with secrets masked by key name and by look. Empty values stay as they are."""
    if isinstance(value, Mapping):
        return {str(key): _valued(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [mask_json(inner) for inner in value]
    if isinstance(value, str):
        return mask_text(value)
    if isinstance(value, int) and not isinstance(value, bool) and mask_text(str(value)) != str(value):
        return mask_text(str(value))
    return value


def mask_headers(headers: Headers) -> Headers:
    """Headers with the values of secret ones masked."""
    return tuple((key, MASK if secret_name(key) else mask_text(value)) for key, value in headers)


def mask_body(body: bytes, limit: int = 400) -> str:
    """A body as text of at most ``limit`` characters. Masked before it is cut, so no half secret stays."""
    text = body[:65_536].decode("utf-8", "replace")
    try:
        masked = json.dumps(mask_json(json.loads(text)), ensure_ascii=False)
    except (ValueError, RecursionError):
        masked = mask_text(text)
    return masked if len(masked) <= limit else masked[: limit - 1] + "…"


def _valued(key: str, value: Any) -> Any:
    if (
        secret_name(key)
        and isinstance(value, str | int | float)
        and not isinstance(value, bool)
        and value != ""
    ):
        return MASK
    return mask_json(value)


def _keyed(match: re.Match[str]) -> str:
    value = match["value"]
    quote = value[0] if value[0] in "\"'" else ""
    return f"{match['lead']}{quote}{MASK}{quote}"


def _card(match: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", match[0])
    return f"{MASK}{digits[-4:]}" if luhn(digits) else match[0]
