"""field_mistyped: a field of the request has another type."""

from __future__ import annotations

import pytest

from ripstop import faults
from ripstop.model.fault import Facts
from ripstop.model.http import Request

from .requests_made import offered, replaced, request, rule

BODY = request({"n": 3, "ok": True, "sku": "tea", "on": "2026-01-01", "lines": [1]})


def test_it_is_certain_only_where_the_column_takes_no_such_text() -> None:
    columns = {"/n": rule(), "/sku": rule("text", "sku"), "/on": rule("date", "day")}

    shown = offered("field_mistyped", Facts(request=BODY, columns=columns))

    assert shown[0] == "field_mistyped(breaks=orders.quantity integer, field=/n)"
    assert "field_mistyped(breaks=orders.day date, field=/on)" in shown
    assert "field_mistyped(field=/sku)" in shown


@pytest.mark.parametrize(
    ("place", "breaks", "sent"),
    [
        ("/n", None, "not a number"),
        ("/ok", None, "not a boolean"),
        ("/sku", None, {"not": "a text"}),
        ("/lines", None, "neither a list nor an object"),
        ("/on", "orders.day date", "not a date"),
        ("/sku", "orders.ref uuid", "not a uuid"),
        ("/sku", "orders.amount numeric", "not a number"),
    ],
)
def test_what_is_sent_is_none_of_its_kind_and_says_so(place: str, breaks: str | None, sent: object) -> None:
    got = replaced(faults.field_mistyped(place, breaks=breaks), Facts(request=BODY))

    assert got is not None
    assert got.json()[place[1:]] == sent


def test_a_form_field_is_mistyped_only_where_a_column_says_what_it_must_be() -> None:
    kind = (("content-type", "application/x-www-form-urlencoded"),)
    form = Request("POST", "/", kind, b"n=3&sku=tea")

    assert offered("field_mistyped", Facts(request=form, columns={"/n": rule()})) == [
        "field_mistyped(breaks=orders.quantity integer, field=/n)"
    ]
