"""field_missing: a field of the request is left out."""

from __future__ import annotations

from ripstop import faults
from ripstop.model.fault import Facts
from ripstop.model.http import Request

from .requests_made import offered, replaced, request, rule

NESTED = request({"sku": "tea", "lines": [{"count": 3}, {"count": 4}]})


def test_every_field_of_the_body_can_be_left_out_of_a_list_only_the_first_elements() -> None:
    assert offered("field_missing", Facts(request=NESTED)) == [
        "field_missing(field=/sku)",
        "field_missing(field=/lines)",
        "field_missing(field=/lines/0/count)",
    ]


def test_it_breaks_a_demand_only_where_the_column_must_be_filled() -> None:
    columns = {"/sku": rule("text", "sku", nullable=False), "/lines/0/count": rule()}

    shown = offered("field_missing", Facts(request=NESTED, columns=columns))

    assert shown[0] == "field_missing(breaks=orders.sku NOT NULL, field=/sku)"
    assert shown[2] == "field_missing(field=/lines/0/count)"


def test_the_rest_of_the_request_stays_and_its_length_is_told_truly() -> None:
    sent = replaced(
        faults.field_missing("/sku"), Facts(request=request({"sku": "tea", "n": 1}, ("content-length", "23")))
    )

    assert sent is not None
    assert sent.json() == {"n": 1}
    assert sent.header("content-length") == str(len(sent.body))


def test_names_with_slashes_and_tildes_are_pointers() -> None:
    sent = replaced(faults.field_missing("/a~1b~0"), Facts(request=request({"a/b~": 1, "c": 2})))

    assert sent is not None
    assert sent.json() == {"c": 2}


def test_a_body_that_is_no_object_offers_nothing() -> None:
    for body in (b"", b"not json", b'"text"', b"[" * 5_000):
        assert offered("field_missing", Facts(request=Request("POST", "/", (), body))) == []
