"""The double of a document: what it answers, refuses, counts and declares."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ripstop.doubles import Double, Request

from .parcels import get, parcels, post

SHOP = ("X-Shop", "s-1")


@pytest.fixture
def double(tmp_path: Path) -> Double:
    return parcels(tmp_path)


def refused(double: Double, request: Request) -> list[str]:
    reply = double.respond(request)
    assert (reply.status, double.ledger.effects()) == (400, ())
    found: list[str] = reply.json()["ripstop"]["differences"]
    return found


def test_an_answer_without_an_example_is_made_of_the_schema_and_the_request(double: Double) -> None:
    reply = double.respond(post({"weight": 7, "size": "large", "pin": "1234"}))
    made = reply.json()
    assert (reply.status, made["weight"], made["size"], "pin" in made) == (201, 7, "large", False)
    assert isinstance(made["id"], str)
    assert made["lines"] == [{"sku": "sku"}]


def test_things_that_are_made_have_ids_of_their_own(double: Double) -> None:
    ids = [double.respond(post({"weight": 7})).json()["id"] for _ in range(3)]
    assert len(set(ids)) == 3


def test_an_example_answers_where_there_is_one(double: Double) -> None:
    assert double.respond(get("/parcels", SHOP)).json() == [{"id": "p-1", "weight": 3}]


def test_what_the_path_asks_for_is_what_comes(double: Double) -> None:
    assert double.respond(get("/parcels/p-42")).json() == {"id": "p-42", "weight": 3}


def test_answers_without_a_body_have_none(double: Double) -> None:
    reply = double.respond(Request("DELETE", "/v1/parcels/p-42"))
    assert (reply.status, reply.body) == (204, b"")


@pytest.mark.parametrize(
    ("body", "difference"),
    [
        ({"weight": "heavy"}, "body.weight: expected integer, got 'heavy'"),
        ({}, "body.weight: missing, expected integer"),
        ({"weight": 0}, "body.weight: 0 is less than the minimum of 1"),
        ({"weight": 1, "size": "huge"}, "body.size: expected one of 'small', 'large', got 'huge'"),
        ({"weight": 1, "lines": [{"sku": "a"}, {}]}, "body.lines[1].sku: missing, expected string"),
        ({"weight": 1, "inner": {"weight": "x"}}, "body.inner.weight: expected integer, got 'x'"),
        ([], "body: expected object, got []"),
    ],
)
def test_a_body_that_does_not_conform_is_told_field_by_field(
    double: Double, body: Any, difference: str
) -> None:
    assert difference in refused(double, post(body))


def test_null_is_what_nullable_admits(double: Double) -> None:
    assert double.respond(post({"weight": 1, "note": None})).status == 201
    double.reset()
    assert refused(double, post({"weight": None})) == ["body.weight: expected integer, got null"]


def test_a_body_in_another_form_or_none_is_told(double: Double) -> None:
    assert refused(double, Request("POST", "/v1/parcels")) == ["body: missing"]
    form = Request("POST", "/v1/parcels", (("content-type", "text/csv"),), b"a,b")
    assert refused(double, form) == ["body: sent as text/csv, declared as application/json"]
    broken = Request("POST", "/v1/parcels", (("content-type", "application/json"),), b"{")
    assert refused(double, broken) == ["body: expected JSON, got b'{'"]


@pytest.mark.parametrize(
    ("target", "headers", "difference"),
    [
        ("/parcels", (), "header.X-Shop: missing, expected string"),
        ("/parcels?limit=many", (SHOP,), "query.limit: expected integer, got 'many'"),
        ("/parcels?limit=51", (SHOP,), "query.limit: 51 is greater than the maximum of 50"),
        ("/parcels?tag=1&tag=x", (SHOP,), "query.tag[1]: expected integer, got 'x'"),
        ("/parcels?fragile=maybe", (SHOP,), "query.fragile: expected boolean, got 'maybe'"),
        ("/parcels?limt=3", (SHOP,), "query.limt: not declared, got '3'"),
        ("/parcels/p", (), "path.parcel-id: 'p' is too short"),
    ],
)
def test_a_parameter_that_does_not_conform_is_told(
    double: Double, target: str, headers: Any, difference: str
) -> None:
    assert refused(double, get(target, *headers)) == [difference]


def test_parameters_that_conform_pass(double: Double) -> None:
    assert double.respond(get("/parcels?limit=50&tag=1&tag=2&fragile=false", SHOP)).status == 200


def test_an_unknown_route_names_the_nearest(double: Double) -> None:
    reply = double.respond(get("/parcel"))
    assert (reply.status, reply.json()["ripstop"]["differences"][0]) == (
        501,
        "nearest route: GET /v1/parcels",
    )


def test_effects_are_the_named_ones_or_the_operation(double: Double) -> None:
    made = double.respond(post({"weight": 7})).json()["id"]
    double.respond(Request("DELETE", f"/v1/parcels/{made}"))
    double.respond(Request("PUT", f"/v1/parcels/{made}"))
    double.respond(get("/parcels", SHOP))
    parcel, recall, put = double.ledger.effects()
    assert (parcel.kind, parcel.data["id"], put.kind) == ("parcel", made, "PUT /v1/parcels/{parcel-id}")
    assert (recall.kind, recall.data["compensates"], recall.data["original"]) == ("recall", "parcel", made)


def test_a_declared_idempotency_key_counts_an_effect_once(double: Double) -> None:
    replies = [double.respond(post({"weight": 7}, ("Idempotency-Key", "k"))) for _ in range(2)]
    assert replies[0].body == replies[1].body
    assert len(double.ledger.effects()) == 1


def test_declared_errors_are_offered_by_name_and_statuses_by_their_bodies(double: Double) -> None:
    errors, shapes = double.facts_for("POST /v1/parcels")
    assert {name: (reply.status, reply.json()["error"]) for name, reply in errors.items()} == {
        "too_heavy_for_us": (409, "too_heavy"),
        "no_such_place": (422, "place"),
        "closed": (422, "closed"),
    }
    assert shapes[503].json() == {"error": "down for cleaning"}
    assert double.facts_for("GET /v1/parcels")[0] == {}


@pytest.mark.parametrize(
    ("headers", "status"),
    [((), 400), ((("X-Key", "k"),), 201), ((("Authorization", "Bearer t"),), 201)],
)
def test_credentials_are_asked_for_where_they_are_declared(tmp_path: Path, headers: Any, status: int) -> None:
    double = parcels(tmp_path, security=[{"key": []}, {"login": []}])
    assert double.respond(post({"weight": 1}, *headers)).status == status


def test_a_document_s_examples_are_samples_that_its_double_accepts(double: Double) -> None:
    assert sorted(f"{one.method} {one.target}" for one in double.samples) == [
        "DELETE /v1/parcels/p-77",
        "GET /v1/parcels/p-77",
        "GET /v1/parcels?fragile=true",
        "POST /v1/parcels",
        "PUT /v1/parcels/p-77",
    ]
    assert {double.respond(one).status for one in double.samples} <= {200, 201, 204}


def test_a_reset_forgets_ids_and_effects(double: Double) -> None:
    double.respond(post({"weight": 7}))
    double.reset()
    assert (double.ledger.effects(), double.state) == ((), {"ids": []})


@pytest.mark.parametrize(("known", "ids"), [("p-1", ["p-1", "p-11", "p-12"]), (5, [5, 6, 7])])
def test_an_example_s_id_is_given_once(tmp_path: Path, known: Any, ids: list[Any]) -> None:
    answer = {"201": {"description": "made", "content": {"application/json": {"example": {"id": known}}}}}
    double = parcels(tmp_path, paths={"/parcels": {"post": {"responses": answer}}})
    assert [double.respond(post({})).json()["id"] for _ in ids] == ids
