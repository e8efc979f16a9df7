"""field_empty: a field of the request is empty."""

from __future__ import annotations

from ripstop import faults
from ripstop.model.fault import Facts

from .requests_made import offered, replaced, request

BODY = request({"sku": "tea", "count": 3, "lines": [1], "to": {"city": "Bern"}, "note": ""})


def test_texts_lists_and_objects_that_hold_something_can_be_emptied() -> None:
    assert offered("field_empty", Facts(request=BODY)) == [
        "field_empty(field=/sku)",
        "field_empty(field=/lines)",
        "field_empty(field=/to)",
        "field_empty(field=/to/city)",
    ]


def test_what_is_emptied_stays_of_its_kind() -> None:
    shown = [replaced(faults.field_empty(f"/{name}"), Facts(request=BODY)) for name in ("sku", "lines", "to")]

    assert [sent.json()[name] for sent, name in zip(shown, ("sku", "lines", "to"), strict=True) if sent] == [
        "",
        [],
        {},
    ]


def test_a_number_cannot_be_emptied() -> None:
    assert replaced(faults.field_empty("/count"), Facts(request=BODY)) is None
