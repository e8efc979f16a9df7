"""Text messages by Twilio's route: taken, counted, and refused by Twilio's codes."""

from __future__ import annotations

import base64
from pathlib import Path
from urllib.parse import urlencode

import pytest

from ripstop.doubles import Double, Request
from ripstop.doubles.loading import load

ACCOUNT = "AC0123456789"
PATH = f"/2010-04-01/Accounts/{ACCOUNT}/Messages"
TEXT = {"To": "+14155550123", "From": "+15005550006", "Body": "Your code is at https://y.example/c/7"}
LOGIN = "Basic " + base64.b64encode(f"{ACCOUNT}:token".encode()).decode()


@pytest.fixture
def texts() -> Double:
    return load("twilio", Path(), name="texts")


def send(fields: dict[str, str], login: str = LOGIN) -> Request:
    headers = (("content-type", "application/x-www-form-urlencoded"), ("authorization", login))
    return Request("POST", f"{PATH}.json", headers, urlencode(fields).encode())


def test_a_text_is_queued_and_is_one_effect(texts: Double) -> None:
    reply = texts.respond(send(TEXT))
    (effect,) = texts.ledger.effects("text")
    told = reply.json()
    assert (reply.status, told["status"], told["account_sid"]) == (201, "queued", ACCOUNT)
    assert (effect.data["to"], effect.data["id"]) == (TEXT["To"], told["sid"])
    assert effect.data["links"] == ["https://y.example/c/7"]


def test_a_message_can_be_looked_up(texts: Double) -> None:
    sid = texts.respond(send(TEXT)).json()["sid"]
    ask = Request("GET", f"{PATH}/{sid}.json", (("authorization", LOGIN),))
    assert texts.respond(ask).json()["body"] == TEXT["Body"]
    gone = texts.respond(Request("GET", f"{PATH}/SM1.json", (("authorization", LOGIN),)))
    assert (gone.status, gone.json()["code"]) == (404, 20404)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"To": ""}, 21604),
        ({"From": ""}, 21603),
        ({"Body": ""}, 21602),
        ({"Body": "x" * 1601}, 21617),
        ({"To": "12"}, 21211),
        ({"From": "!"}, 21212),
        ({"To": "+15005550001"}, 21211),
        ({"To": "+15005550002"}, 21612),
        ({"To": "+15005550003"}, 21408),
        ({"To": "+15005550004"}, 21610),
        ({"To": "+15005550009"}, 21614),
        ({"From": "+15005550001"}, 21212),
        ({"From": "+15005550007"}, 21606),
        ({"From": "+15005550008"}, 21611),
    ],
)
def test_what_is_wrong_has_its_code_and_nothing_is_sent(
    texts: Double, changed: dict[str, str], code: int
) -> None:
    reply = texts.respond(send({**TEXT, **changed}))
    assert (reply.status, reply.json()["code"]) == (400, code)
    assert reply.json()["more_info"] == f"https://www.twilio.com/docs/errors/{code}"
    assert (texts.ledger.effects(), str(code) in str(texts.refusals[0])) == ((), True)


@pytest.mark.parametrize("login", ["", "Bearer x", "Basic ???", "Basic eA=="])
def test_who_asks_comes_first(texts: Double, login: str) -> None:
    reply = texts.respond(send(TEXT, login))
    assert (reply.status, reply.json()["code"]) == (401, 20003)


def test_a_messaging_service_stands_in_for_a_number(texts: Double) -> None:
    fields = {"To": TEXT["To"], "Body": "hi", "MessagingServiceSid": "MG1"}
    assert texts.respond(send(fields)).json()["status"] == "accepted"
