"""What a run says of when something expires: in answers, tokens, cookies and committed rows.

Pure: recorded exchanges and rows in, moments out. A moment is a pair of bounds, for a life in seconds
counts from somewhere between the request and its answer. Whether a request then shows what has expired
is found by the value itself: it was given out, and is sent again where callers say who they are.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qsl

from ripstop.model.http import Exchange, Request
from ripstop.model.state import Change
from ripstop.rig.inbound import credentials_of

_MOMENT = re.compile(
    r"(.*expires?(at|on|date|time|ts)?|.*expir(y|ation)(date|time|at)?|exp|.*validuntil|notafter)"
)
_LIFE = re.compile(r".*(expiresin(seconds)?|expiresinsec|expiryseconds|maxage)|ttl|ttlseconds")
_JWT = re.compile(r"[\w-]{8,}\.([\w-]{8,})\.[\w-]*")
_SAID = re.compile(r"(.*?)(expires?|expiry|expiration|exp|valid|notafter|ttl|maxage).*")
_CREDENTIAL = re.compile(
    r"(access|refresh|auth|sessions?|tokens?|jwt|id|api|keys?|credentials?|logins?|otps?|grants?|tickets?)+"
)
"""What a name may say before ``expires``: a subscription's or a password's end is not its token's."""
_MOST = 1e15
"""Past this a number is no time, in seconds or milliseconds."""
_LONGEST_S = 10 * 366 * 86_400.0
_SOONEST_S = 1.0
_TELLING_CHARS = 8
_COOKIE_CHARS = 16
_DEEPEST = 5
_SAME_S = 60.0
_ZONED = ("timestamp with time zone", "timestamptz")


@dataclass(frozen=True, slots=True)
class Told:
    """An exchange, and what the service's clock showed around it: seconds since 1970."""

    exchange: Exchange
    sent_s: float
    answered_s: float


@dataclass(frozen=True, slots=True)
class Expiry:
    """Something given out that expires between two moments, seconds since 1970.

    ``place`` says where it was told. ``credentials`` are the values that expire with it. ``certain`` is
    False where the service promises nothing by it: how long a browser keeps a cookie, a time of no zone.
    """

    place: str
    first_s: float
    last_s: float
    credentials: tuple[str, ...] = ()
    certain: bool = True


def in_answers(told: Iterable[Told]) -> Iterator[Expiry]:
    """What the answers tell, in order; a later one of the same place is another."""
    for one in told:
        step, answer = one.exchange.step, one.exchange.answer
        found = [*_in_content(answer.json(), one, ""), *_in_cookies(one)]
        for expiry in found:
            if one.answered_s + _SOONEST_S < expiry.first_s < one.answered_s + _LONGEST_S:
                yield replace(expiry, place=f"{step} {expiry.place}")


def in_rows(changes: Iterable[Change], now_s: float) -> Iterator[Expiry]:
    """What committed rows tell: columns named for it that hold a moment still to come."""
    for change in changes:
        row = change.new or {}
        for column, text in row.items():
            moment = _moment(text) if text and _MOMENT.fullmatch(_plain(column)) else None
            if moment is None or not now_s + _SOONEST_S < moment < now_s + _LONGEST_S:
                continue
            kept = tuple(str(v) for c, v in row.items() if v and c != column and len(v) >= _TELLING_CHARS)
            zoned = change.types.get(column, "") in _ZONED and _of_credential(column, change.table)
            place = f"{change.seam} {change.table}.{column}".strip()
            yield Expiry(place, moment, moment, kept, certain=zoned)


def in_keys(seam: str, lives: Mapping[str, int], now_s: float) -> Iterator[Expiry]:
    """What keys of a Redis server tell by the milliseconds they have left; ``cache session:*`` is a place.

    The server itself lets them go, and a key that holds a secret holds it in its name's last part.
    """
    for key, left_ms in lives.items():
        kind, _, secret = key.rpartition(":")
        moment = now_s + left_ms / 1_000
        if kind and now_s + _SOONEST_S < moment < now_s + _LONGEST_S:
            shows = (secret,) if len(secret) >= _TELLING_CHARS else ()
            yield Expiry(f"{seam} {kind}:*", moment, moment, shows, certain=_of_credential("exp", kind))


def distinct(found: Iterable[Expiry]) -> tuple[Expiry, ...]:
    """One for each moment (a minute apart): of several the first that is certain and has credentials."""
    kept: list[Expiry] = []
    for one in sorted(found, key=lambda e: (not e.credentials, not e.certain)):
        if not any(abs(one.first_s - other.first_s) < _SAME_S and _together(one, other) for other in kept):
            kept.append(one)
    return tuple(kept)


def shown(request: Request, expiry: Expiry) -> str:
    """The credential of an expiry that a request shows, and no other beside it; empty where it does not."""
    items = list(_credentials(request))
    for value in expiry.credentials:
        if items and all(value in item for item in items):
            return value
    return ""


def spoilt(request: Request, credential: str) -> Request:
    """The request with another value of the same length in the credential's place."""
    other = credential[::-1]
    return replace(
        request,
        target=request.target.replace(credential, other),
        headers=tuple((name, value.replace(credential, other)) for name, value in request.headers),
        body=request.body.replace(credential.encode(), other.encode()),
    )


def _together(one: Expiry, other: Expiry) -> bool:
    """Whether two expire as one thing: what the one names, the other names too, or nothing."""
    return not one.credentials or bool(set(one.credentials) & set(other.credentials))


def _credentials(request: Request) -> Iterator[str]:
    """Everything in a request by which it may say who asks; short cookies say something else."""
    for name, value in credentials_of(request):
        if name.lower() != "cookie":
            yield value
            continue
        pairs = (pair.strip().partition("=")[2] for pair in value.split(";"))
        yield from (one for one in pairs if len(one) >= _COOKIE_CHARS)
    query = parse_qsl(request.target.partition("?")[2])
    try:
        content = request.json() if request.body else None
    except ValueError:
        content = dict(parse_qsl(request.body.decode("utf-8", "replace")))
    fields = content.items() if isinstance(content, dict) else ()
    yield from (str(value) for name, value in (*query, *fields) if "token" in str(name).lower())


def _in_content(value: Any, told: Told, at: str) -> Iterator[Expiry]:
    if at.count("/") > _DEEPEST:
        return
    if isinstance(value, dict):
        for key, inner in value.items():
            here = f"{at}/{key}"
            yield from _in_field(str(key), inner, value, told, here)
            yield from _in_content(inner, told, here)
    elif isinstance(value, list) and value:
        yield from _in_content(value[0], told, f"{at}/0")


def _in_field(key: str, value: Any, beside: Mapping[str, Any], told: Told, at: str) -> Iterator[Expiry]:
    """One field: a token that says it itself, a moment, or a life in seconds."""
    name = _plain(key)
    if isinstance(value, str) and (moment := _of_token(value)) is not None:
        yield Expiry(at, moment, moment, (value,))
    elif _LIFE.fullmatch(name) and _number(value):
        first, last = told.sent_s + float(value), told.answered_s + float(value)
        yield Expiry(at, first, last, _beside(key, beside), certain=_of_credential(key))
    elif _MOMENT.fullmatch(name) and (moment := _moment(value)) is not None:
        last = moment if moment % 1 else moment + 1
        yield Expiry(at, moment, last, _beside(key, beside), certain=_has_zone(value) and _of_credential(key))


def _in_cookies(told: Told) -> Iterator[Expiry]:
    """What a Set-Cookie says (RFC 6265, 4.1): Max-Age goes before Expires."""
    for name, text in told.exchange.answer.headers:
        if name.lower() != "set-cookie":
            continue
        pair, *attributes = (part.strip() for part in text.split(";"))
        cookie, _, value = pair.partition("=")
        said = {k.lower(): v for k, _, v in (one.partition("=") for one in attributes)}
        at, credentials = f"cookie {cookie}", (value,) if len(value) >= _COOKIE_CHARS else ()
        if (moment := _of_token(value)) is not None:
            yield Expiry(at, moment, moment, credentials)
        elif said.get("max-age", "").isdigit():
            life = float(said["max-age"])
            yield Expiry(at, told.sent_s + life, told.answered_s + life, credentials, certain=False)
        elif (date := _http_date(said.get("expires", ""))) is not None:
            yield Expiry(at, date, date + 1, credentials, certain=False)


def _of_credential(name: str, table: str = "") -> bool:
    """Whether a name says of a credential when it expires: by itself, or by its table's name."""
    found = _SAID.fullmatch(_plain(name))
    before = found[1] if found else ""
    if before or not table:
        return not before or _CREDENTIAL.fullmatch(before) is not None
    return any(_CREDENTIAL.fullmatch(word) for word in re.split(r"[^a-z]+", table.lower()) if word)


def _beside(key: str, fields: Mapping[str, Any]) -> tuple[str, ...]:
    """The texts of the same object that may be what expires; a refresh token has a life of its own."""
    refresh = "refresh" in key.lower()
    return tuple(
        value
        for name, value in fields.items()
        if isinstance(value, str)
        and name != key
        and len(value) >= _TELLING_CHARS
        and ("refresh" in name.lower()) is refresh
    )


def _of_token(text: str) -> float | None:
    """The ``exp`` of a JSON Web Token (RFC 7519, 4.1.4)."""
    found = _JWT.fullmatch(text)
    if found is None:
        return None
    try:
        padded = found[1] + "=" * (-len(found[1]) % 4)
        claims = json.loads(base64.urlsafe_b64decode(padded))
        return float(claims["exp"])
    except (ValueError, KeyError, TypeError, OverflowError):
        return None


def _moment(value: Any) -> float | None:
    """Seconds since 1970 of a time as services write it: ISO 8601, or seconds or milliseconds since then."""
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = float(value)
    if _number(value):
        number = float(value)
        return number / 1_000 if number > 1e11 else number
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return _http_date(value)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def _has_zone(value: Any) -> bool:
    try:
        return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return True


def _http_date(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp() if text else None
    except (ValueError, TypeError):
        return None


def _number(value: Any) -> bool:
    """Whether it is a number that could be a time: no truth, no infinity, nothing past any calendar."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _MOST


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
