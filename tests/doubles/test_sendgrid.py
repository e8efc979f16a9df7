"""Mails sent by SendGrid's route: taken, counted, and refused in SendGrid's words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ripstop.doubles import Double, Request
from ripstop.doubles.loading import load

MAIL: dict[str, Any] = {
    "personalizations": [{"to": [{"email": "jo@x.example"}]}],
    "from": {"email": "shop@y.example"},
    "subject": "Your order",
    "content": [
        {"type": "text/plain", "value": "See https://y.example/o/7"},
        {"type": "text/html", "value": '<a href="https://y.example/o/7?h=1">order</a>'},
    ],
}


@pytest.fixture
def mail() -> Double:
    return load("sendgrid", Path(), name="mail")


def send(message: object, key: str = "Bearer SG.test") -> Request:
    headers = (("content-type", "application/json"), ("authorization", key))
    return Request("POST", "/v3/mail/send", headers, json.dumps(message).encode())


def test_a_mail_is_accepted_and_is_one_effect(mail: Double) -> None:
    reply = mail.respond(send(MAIL))
    (effect,) = mail.ledger.effects("mail")
    assert (reply.status, reply.body, bool(reply.header("x-message-id"))) == (202, b"", True)
    assert (effect.data["to"], effect.data["subject"]) == (["jo@x.example"], "Your order")
    assert effect.data["links"] == ["https://y.example/o/7", "https://y.example/o/7?h=1"]


def test_each_group_of_recipients_is_a_mail_of_its_own(mail: Double) -> None:
    groups = [{"to": [{"email": f"{n}@x.example"}], "subject": f"for {n}"} for n in range(2)]
    mail.respond(send({**MAIL, "personalizations": groups, "subject": None}))
    assert [effect.data["subject"] for effect in mail.ledger.effects()] == ["for 0", "for 1"]


def test_a_template_needs_no_content(mail: Double) -> None:
    message = {**MAIL, "template_id": "d-1"}
    del message["content"], message["subject"]
    assert mail.respond(send(message)).status == 202


def test_sandbox_mode_sends_nothing(mail: Double) -> None:
    reply = mail.respond(send({**MAIL, "mail_settings": {"sandbox_mode": {"enable": True}}}))
    assert (reply.status, mail.ledger.effects()) == (202, ())


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"personalizations": []}, "personalizations"),
        ({"personalizations": [{"to": []}]}, "personalizations.0.to"),
        ({"personalizations": [{"to": [{"email": "nobody"}]}]}, "personalizations.0.to.0.email"),
        ({"personalizations": ["jo"]}, "personalizations.0.to"),
        ({"from": {"email": ""}}, "from.email"),
        ({"from": "shop@y.example"}, "from.email"),
        ({"subject": ""}, "subject"),
        ({"content": []}, "content"),
        ({"content": [{"type": "text/plain", "value": ""}]}, "content.0.value"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_sent(mail: Double, changed: Any, field: str) -> None:
    reply = mail.respond(send({**MAIL, **changed}))
    (error,) = reply.json()["errors"]
    assert (reply.status, error["field"]) == (400, field)
    assert (mail.ledger.effects(), field in str(mail.refusals[0])) == ((), True)


@pytest.mark.parametrize(
    ("message", "key", "status"), [(MAIL, "", 401), (MAIL, "Basic x", 401), ("no", "Bearer x", 400)]
)
def test_who_asks_and_in_what_form_comes_first(mail: Double, message: Any, key: str, status: int) -> None:
    assert mail.respond(send(message, key)).status == status


def test_its_declared_errors_have_its_shape(mail: Double) -> None:
    with mail.fails("POST /v3/mail/send", "unverified_sender"):
        reply = mail.respond(send(MAIL))
    assert (reply.status, reply.json()["errors"][0]["field"]) == (403, "from")
    assert mail.ledger.effects() == ()
