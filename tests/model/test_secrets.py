"""Masking, by name and by look, and what must stay readable."""

from __future__ import annotations

import json

import pytest

from ripstop.model.secrets import MASK, luhn, mask_body, mask_headers, mask_json, mask_text, secret_name

SECRETS = {
    "bearer header": ("Authorization: Bearer abcdef0123456789", "abcdef0123456789"),
    "bearer in a text": ("sent Bearer abcdef0123456789 to it", "abcdef0123456789"),
    "cookie header": ("Cookie: sid=s3cr3t; theme=dark", "s3cr3t"),
    "set-cookie header": ("set-cookie: sid=s3cr3t; HttpOnly", "s3cr3t"),
    "url login": ("postgresql://shop:hunter2@127.0.0.1/shop", "hunter2"),
    "url login with a colon": ("redis://:hun:ter2@cache:6379/0", "hun:ter2"),
    "libpq": ("host=db password=hunter2 dbname=shop", "hunter2"),
    "quoted": ('password="hunter 2"', "hunter 2"),
    "json text": ('{"card_token": "tok_visa", "n": 1}', "tok_visa"),
    "escaped json": ('{"password": "a\\"hunter2"}', "hunter2"),
    "form": ("user=ann&api_key=k3y&x=1", "k3y"),
    "provider key": ("using sk_live_51Habcdefgh now", "sk_live_51Habcdefgh"),
    "jwt": ("jwt eyJhbGciOi.eyJzdWIiOi.c2ln", "eyJzdWIiOi"),
    "card": ("paid with 4242 4242 4242 4242 today", "4242 4242"),
    "card, dashes": ("5555-5555-5555-4444", "5555-5555"),
    "card, Amex": ("378282246310005", "378282246310"),
    "private key": ("-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----", "MIIEow"),
    "private key cut short": ("-----BEGIN PRIVATE KEY-----\nMIIEow", "MIIEow"),
}


@pytest.mark.parametrize(("text", "secret"), SECRETS.values(), ids=SECRETS)
def test_a_secret_is_taken_out_of_a_text(text: str, secret: str) -> None:
    assert secret not in mask_text(text)
    assert MASK in mask_text(text)


@pytest.mark.parametrize(
    "text",
    [
        "INSERT INTO orders (id, total) VALUES (1, 4200)",
        "order 4242424242424241 is not a card",
        "at 1700000000000 ms",
        "id 6f9619ff-8b86-d011-b42d-00c04fc964ff",
        "tokens used: many",
        "http://127.0.0.1:8000/orders?id=1",
        "the basic plan, bearer of news",
        "total 4242.4242424242424",
    ],
)
def test_a_text_without_secrets_stays_as_it_is(text: str) -> None:
    assert mask_text(text) == text


@pytest.mark.parametrize(("text", "_"), SECRETS.values(), ids=SECRETS)
def test_masking_twice_changes_nothing_more(text: str, _: str) -> None:
    assert mask_text(mask_text(text)) == mask_text(text)


@pytest.mark.parametrize(
    "name", ["password", "X-Api-Key", "paymentToken", "Set-Cookie", "cvc", "CLIENT_SECRET"]
)
def test_a_name_of_a_secret_is_known(name: str) -> None:
    assert secret_name(name)


@pytest.mark.parametrize("name", ["idempotency_key", "tokens_used", "status", "id", "author", "pan_id"])
def test_a_harmless_name_is_left_alone(name: str) -> None:
    assert not secret_name(name)


def test_json_is_masked_by_key_at_every_depth() -> None:
    value = {"user": {"password": "x", "n": [1, {"cvc": 123}]}, "token": None, "secret": "", "ok": True}

    assert mask_json(value) == {
        "user": {"password": MASK, "n": [1, {"cvc": MASK}]},
        "token": None,
        "secret": "",
        "ok": True,
    }


def test_a_card_number_that_is_a_json_number_keeps_its_last_four() -> None:
    assert mask_json([4242424242424242, 7]) == [f"{MASK}4242", 7]


def test_secret_headers_lose_their_values() -> None:
    headers = (("Authorization", "Basic dTpw"), ("Cookie", "a=b"), ("Accept", "*/*"))

    assert mask_headers(headers) == (("Authorization", MASK), ("Cookie", MASK), ("Accept", "*/*"))


def test_a_body_is_masked_before_it_is_cut() -> None:
    body = json.dumps({"pad": "x" * 20, "password": "hunter2hunter2"}).encode()

    assert all("hunter" not in mask_body(body, limit) for limit in range(1, 80))
    assert len(mask_body(body, 30)) == 30


def test_a_body_that_is_no_text_does_not_raise() -> None:
    assert mask_body(b"\xff\xfe\x00") == "��\x00"


def test_deep_json_does_not_raise() -> None:
    assert mask_body(b"[" * 60_000 + b"]" * 5_000, 10).startswith("[")


@pytest.mark.parametrize(("digits", "valid"), [("4242424242424242", True), ("4242424242424241", False)])
def test_luhn_tells_card_numbers_from_others(digits: str, valid: bool) -> None:
    assert luhn(digits) is valid
