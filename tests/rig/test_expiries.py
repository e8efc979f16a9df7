"""What a run tells of expiries, and whether a request shows what expires."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

import pytest

from ripstop.model.http import Answer, Exchange, Request
from ripstop.model.state import Change
from ripstop.rig.expiries import Expiry, Told, distinct, in_answers, in_keys, in_rows, shown, spoilt

NOW = 1_900_000_000.0
SECRET = "s3cret-of-the-session"
LATER = "2030-03-18T17:46:40+00:00"
"""A day after NOW."""


def told(content: Any, *headers: tuple[str, str]) -> Told:
    answer = Answer(200, headers, json.dumps(content).encode())
    return Told(Exchange("POST /login", Request("POST", "/login"), answer), NOW, NOW + 0.5)


def jwt(**claims: Any) -> str:
    parts = [
        base64.urlsafe_b64encode(json.dumps(one).encode()).decode().rstrip("=")
        for one in ({"alg": "x"}, claims)
    ]
    return f"{parts[0]}.{parts[1]}.c2lnbmF0dXJl"


def one(content: Any, *headers: tuple[str, str]) -> Expiry:
    (found,) = in_answers([told(content, *headers)])
    return found


def test_a_life_in_seconds_counts_from_somewhere_between_request_and_answer() -> None:
    found = one({"access_token": SECRET, "refresh_token": "r" * 20, "expires_in": 3600})

    assert (found.place, found.first_s, found.last_s) == ("POST /login /expires_in", NOW + 3600, NOW + 3600.5)
    assert found.credentials == (SECRET,)


@pytest.mark.parametrize(
    "value", [LATER, "2030-03-18T18:46:40+01:00", NOW + 86_400, int(NOW + 86_400) * 1000]
)
def test_a_moment_is_read_however_services_write_it(value: Any) -> None:
    found = one({"data": {"token": SECRET, "expiresAt": value}})

    assert (found.place, found.first_s) == ("POST /login /data/expiresAt", NOW + 86_400)
    assert (found.credentials, found.certain) == ((SECRET,), True)


@pytest.mark.parametrize("value", [10**400, "9" * 400, "\u00b2", "-1", ""], ids=range(5))
def test_a_value_that_is_no_moment_is_none(value: Any) -> None:
    assert list(in_answers([told({"data": {"token": SECRET, "expiresAt": value}})])) == []


def test_a_time_of_no_zone_is_not_certain() -> None:
    assert not one({"token": SECRET, "expires_at": "2030-03-18T17:46:40"}).certain


@pytest.mark.parametrize("name", ["access_token_expires_at", "sessionExpiry", "exp"])
def test_a_name_may_say_whose_end_it_is(name: str) -> None:
    assert one({"token": SECRET, name: LATER}).certain


@pytest.mark.parametrize("name", ["trial_expires_at", "subscriptionExpiresAt", "password_expiry"])
def test_the_end_of_something_else_is_not_the_token_s(name: str) -> None:
    assert not one({"token": SECRET, name: LATER}).certain


def test_a_token_says_itself_when_it_expires() -> None:
    token = jwt(sub="ann", exp=int(NOW) + 60)
    found = one({"jwt": token})

    assert (found.place, found.first_s, found.credentials) == ("POST /login /jwt", NOW + 60, (token,))


def test_a_cookie_s_life_is_the_browser_s_affair_and_its_token_s_is_not() -> None:
    token = jwt(exp=int(NOW) + 60)
    plain = one({}, ("Set-Cookie", f"sid={SECRET}; Max-Age=600; Expires=Wed, 21 Oct 2015 07:28:00 GMT"))
    dated = one({}, ("Set-Cookie", f"sid={SECRET}; Expires=Mon, 18 Mar 2030 17:46:40 GMT; Path=/"))
    signed = one({}, ("Set-Cookie", f"sid={token}; Max-Age=600"))

    assert (plain.place, plain.last_s, plain.certain) == ("POST /login cookie sid", NOW + 600.5, False)
    assert (dated.first_s, dated.certain) == (NOW + 86_400, False)
    assert (signed.first_s, signed.certain, signed.credentials) == (NOW + 60, True, (token,))


@pytest.mark.parametrize(
    "content",
    [
        {"expires_at": "2020-01-01T00:00:00Z"},
        {"expires_at": None, "expires_in": True, "expiry": "soon", "exp": float(NOW) + 10**10},
        {"experience": 2_000_000_000, "expected_at": LATER, "created_at": LATER},
        [],
        None,
    ],
)
def test_what_is_past_or_called_otherwise_is_no_expiry(content: Any) -> None:
    assert list(in_answers([told(content)])) == []


def test_rows_tell_by_the_name_of_their_column() -> None:
    row = {"id": "7", "token": SECRET, "expires_at": "2030-03-18 17:46:40+00", "deliver_at": LATER}
    change = Change("insert", "sessions", None, row, {"expires_at": "timestamp with time zone"})
    (found,) = in_rows([change], NOW)

    assert (found.place, found.first_s, found.certain) == ("sessions.expires_at", NOW + 86_400, True)
    assert SECRET in found.credentials
    assert list(in_rows([change], NOW + 86_400)) == []
    (other,) = in_rows([replace(change, table="customers")], NOW)
    assert not other.certain


def test_keys_tell_by_what_they_have_left_and_name_the_secret_last() -> None:
    lives = {f"session:{SECRET}": 60_000, "lock:order:7": 30_000, "plain": 9_000, "idempotency:gone": 10}
    session, lock = in_keys("cache", lives, NOW)

    assert (session.place, session.first_s, session.certain) == ("cache session:*", NOW + 60, True)
    assert session.credentials == (SECRET,)
    assert (lock.place, lock.credentials, lock.certain) == ("cache lock:order:*", (), False)


def test_one_moment_is_told_once_by_what_is_certain() -> None:
    row = Expiry("sessions.expires_at", NOW + 60, NOW + 60, ("a hash that nobody sends", SECRET))
    cookie = Expiry("POST /login cookie sid", NOW + 60, NOW + 60.5, (SECRET,), certain=False)
    other = Expiry("POST /login /refresh", NOW + 9_000, NOW + 9_000, ("r" * 20,))

    assert distinct([cookie, row, other]) == (row, other)


def asked(*headers: tuple[str, str], target: str = "/me", body: bytes = b"") -> Request:
    return Request("GET", target, headers, body)


@pytest.mark.parametrize(
    "request_",
    [
        asked(("Authorization", f"Bearer {SECRET}")),
        asked(("Cookie", f"theme=dark; sid={SECRET}")),
        asked(target=f"/verify?token={SECRET}"),
        asked(body=json.dumps({"reset_token": SECRET}).encode()),
    ],
    ids=["header", "cookie", "query", "body"],
)
def test_a_credential_is_found_where_callers_say_who_they_are(request_: Request) -> None:
    expiry = Expiry("POST /login /expires_at", NOW, NOW, (SECRET,))

    assert shown(request_, expiry) == SECRET
    wrong = spoilt(request_, SECRET)
    assert SECRET.encode() not in wrong.body
    assert SECRET not in wrong.target
    assert not shown(wrong, expiry)


@pytest.mark.parametrize(
    "request_",
    [
        asked(target=f"/reservations/{SECRET}"),
        asked(("Authorization", f"Bearer {SECRET}"), ("Cookie", "refresh=another-long-lived-one")),
        asked(("Authorization", "Bearer somebody-else")),
        asked(),
    ],
    ids=["an id in the path", "another beside it", "another", "none"],
)
def test_an_id_or_a_second_credential_beside_it_is_not_judged(request_: Request) -> None:
    assert shown(request_, Expiry("POST /login /expires_at", NOW, NOW, (SECRET,))) == ""
