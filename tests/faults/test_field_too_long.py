"""field_too_long: a field of the request is too long."""

from __future__ import annotations

from ripstop import faults
from ripstop.model.fault import Facts

from .requests_made import offered, replaced, request, rule

BODY = request({"mail": "ann@shop.example", "n": 3})


def test_it_is_one_character_more_than_the_column_holds() -> None:
    columns = {"/mail": rule("character varying", "mail", length=20), "/n": rule()}
    spec = "field_too_long(breaks=orders.mail 20 characters, field=/mail, length=21)"

    assert offered("field_too_long", Facts(request=BODY, columns=columns)) == [spec]


def test_a_column_without_a_limit_is_never_too_short() -> None:
    assert offered("field_too_long", Facts(request=BODY, columns={"/mail": rule("text", "mail")})) == []


def test_a_mail_address_stays_one() -> None:
    sent = replaced(faults.field_too_long("/mail", 21), Facts(request=BODY))

    assert sent is not None
    assert sent.json()["mail"] == "xxxxxann@shop.example"
