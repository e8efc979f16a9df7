"""field_null: a field of the request is null."""

from __future__ import annotations

from ripstop import faults
from ripstop.model.fault import Facts
from ripstop.model.http import Request

from .requests_made import offered, replaced, request, rule

BODY = request({"sku": "tea", "note": None, "lines": []})


def test_every_field_that_is_not_null_already_can_be_null() -> None:
    columns = {"/sku": rule("text", "sku", nullable=False)}

    assert offered("field_null", Facts(request=BODY, columns=columns)) == [
        "field_null(breaks=orders.sku NOT NULL, field=/sku)",
        "field_null(field=/lines)",
    ]


def test_null_is_sent_in_the_fields_place() -> None:
    sent = replaced(faults.field_null("/sku"), Facts(request=BODY))

    assert sent is not None
    assert sent.json() == {"sku": None, "note": None, "lines": []}


def test_a_form_knows_no_null() -> None:
    form = Request("POST", "/", (("content-type", "application/x-www-form-urlencoded"),), b"a=1")

    assert offered("field_null", Facts(request=form)) == []
