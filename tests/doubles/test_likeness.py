"""Whether two replies are of one shape: what is drift, what is a note, what is neither."""

from __future__ import annotations

from typing import Any

import pytest

from ripstop.doubles.likeness import compare
from ripstop.model.http import Reply


def texts(ours: Any, theirs: Any, *, drift: bool = True) -> list[str]:
    found = compare(Reply.of(200, ours), Reply.of(200, theirs))
    return [one.text for one in found if one.drift is drift]


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({"id": "a", "n": 1}, {"id": "b", "n": 2.5}),
        ({"a": None}, {"a": {"b": 1}}),
        ({"a": []}, {"a": [1]}),
        ({"a": [{"x": 1}, {"y": None}]}, {"a": [{"y": "s", "x": 2}]}),
        ({"by_id": {"ch_1": 1}}, {"by_id": {"ch_2": 1}}),
        ([], []),
    ],
)
def test_values_that_vary_are_no_drift(ours: Any, theirs: Any) -> None:
    assert compare(Reply.of(200, ours), Reply.of(200, theirs)) == ()


@pytest.mark.parametrize(
    ("ours", "theirs", "told"),
    [
        (
            {"amount_cents": 1},
            {"amountCents": 2},
            "body.amount_cents is called body.amountCents at the server",
        ),
        ({"total": 42}, {"grand": 42, "z": "s"}, "body.total is called body.grand at the server"),
        ({"colour": "red"}, {"hue": "blue"}, "body.colour is called body.hue at the server"),
        (
            {"a": {"b": [{"c": 1, "d": "s"}]}},
            {"a": {"b": [{"c": 1}]}},
            "body.a.b[].d: string at the double, gone at the server",
        ),
        ({"a": 1}, {"a": "1"}, "body.a: number at the double, string at the server"),
        ({"a": True}, {"a": 1}, "body.a: boolean at the double, number at the server"),
        ({"a": {}}, {"a": []}, "body.a: object at the double, list at the server"),
        ([1], {"a": 1}, "body: list at the double, object at the server"),
    ],
)
def test_a_shape_that_changed_is_drift_and_named(ours: Any, theirs: Any, told: str) -> None:
    assert texts(ours, theirs) == [told]


def test_several_fields_are_renamed_each_to_its_own() -> None:
    ours = {"first_name": "Jo", "last_name": "Do", "age": 3}
    theirs = {"firstName": "Al", "lastName": "Po", "age": 4}
    assert texts(ours, theirs) == [
        "body.first_name is called body.firstName at the server",
        "body.last_name is called body.lastName at the server",
    ]


def test_what_has_nothing_in_common_is_gone_and_new() -> None:
    ours, theirs = {"colour": "red", "size": "s"}, {"q": 1, "created_at": "2030"}
    assert texts(ours, theirs) == [
        "body.colour: string at the double, gone at the server",
        "body.size: string at the double, gone at the server",
    ]
    assert len(texts(ours, theirs, drift=False)) == 2


def test_a_field_the_double_does_not_know_is_a_note() -> None:
    assert texts({"a": 1}, {"a": 1, "b": "s"}, drift=False) == [
        "body.b: string at the server, unknown to the double"
    ]
    assert texts({"a": 1}, {"a": 1, "b": "s"}) == []


def test_a_status_and_a_form_of_body_count() -> None:
    found = compare(Reply.of(201, {}), Reply(200, b"<html>", (("content-type", "text/html"),)))
    assert [one.text for one in found] == [
        "status: 201 at the double, 200 at the server",
        "body: application/json at the double, text/html at the server",
    ]


def test_what_may_be_left_out_is_a_note() -> None:
    found = compare(
        Reply.of(200, {"a": {"b": 1}}), Reply.of(200, {"a": {}}), optional=lambda place: place == ("a", "b")
    )
    assert [one.drift for one in found] == [False]
