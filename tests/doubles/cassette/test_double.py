"""Which recorded reply a request gets, and what is refused as unlike all of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ripstop.doubles import Double, Reply, Request
from ripstop.doubles.cassette import tape
from ripstop.doubles.cassette.tape import Interaction
from ripstop.doubles.loading import load
from ripstop.errors import UsageError

JSON = (("content-type", "application/json"),)


def post(body: object, *headers: tuple[str, str], path: str = "/v1/charges") -> Request:
    return Request("POST", path, (*JSON, *headers), json.dumps(body).encode())


def get(target: str) -> Request:
    return Request("GET", target)


def made(number: int) -> Reply:
    return Reply.of(201, {"id": f"ch_{number}"})


CHARGE = {"amount": 100, "card": {"number": "4242424242424242"}, "note": None, "lines": [{"sku": "a"}]}
TAPE = [
    (post(CHARGE), made(1)),
    (get("/v1/charges/ch_1"), Reply.of(200, {"state": "pending"})),
    (get("/v1/charges/ch_1"), Reply.of(200, {"state": "done"})),
    (get("/v1/charges?limit=1"), Reply.of(200, ["one"])),
    (get("/v1/charges?limit=2"), Reply.of(200, ["one", "two"])),
    (get("/v1/charges?cursor=x"), Reply.of(200, ["later"])),
    (post(CHARGE, path="/v1/declined"), Reply.of(402, {"error": {"code": "card_declined"}})),
    (get("/v1/status"), Reply.of(503, {"error": "down"})),
    (
        Request("PUT", "/v1/files/a", (), b"\xff\x00"),
        Reply(200, b"\xff\x01", (("content-type", "image/png"),)),
    ),
]


def cassette(folder: Path, heard: list[tuple[Request, Reply]] = TAPE) -> Double:
    (folder / "tape.json").write_text(
        tape.text_of([Interaction(*one) for one in heard], upstream="https://api.example")
    )
    return load("cassette:tape.json", folder, name="payments")


@pytest.fixture
def double(tmp_path: Path) -> Double:
    return cassette(tmp_path)


def test_repeated_calls_get_their_replies_in_order_and_then_the_last(double: Double) -> None:
    states = [double.respond(get("/v1/charges/ch_1")).json()["state"] for _ in range(4)]
    assert states == ["pending", "done", "done", "done"]


def test_a_reset_winds_it_back(double: Double) -> None:
    for _ in range(2):
        assert double.respond(get("/v1/charges/ch_1")).json() == {"state": "pending"}
        double.reset()


def test_an_id_that_was_not_recorded_is_as_good_as_one_that_was(double: Double) -> None:
    assert double.respond(get("/v1/charges/ch_77")).json() == {"state": "pending"}


def test_the_query_s_values_choose_where_they_can(double: Double) -> None:
    assert double.respond(get("/v1/charges?limit=2")).json() == ["one", "two"]
    assert double.respond(get("/v1/charges?cursor=y")).json() == ["later"]


def test_a_body_of_the_same_shape_is_answered_and_counts_as_an_effect(double: Double) -> None:
    other = {**CHARGE, "amount": 7, "card": {"number": "5555555555554444"}, "note": "hi"}
    assert double.respond(post(other)).json() == {"id": "ch_1"}
    (effect,) = double.ledger.effects()
    assert (effect.kind, effect.data["amount"], effect.data["id"]) == ("POST /v1/charges", 7, "ch_1")


@pytest.mark.parametrize(
    ("request_", "difference"),
    [
        (post({**CHARGE, "amount": "x"}), "body.amount: expected int, got 'x'"),
        (post({k: v for k, v in CHARGE.items() if k != "amount"}), "body.amount: missing, expected int"),
        (post({**CHARGE, "extra": 1}), "body.extra: not declared, got 1"),
        (post({**CHARGE, "lines": [{"sku": "a"}, {}]}), "body.lines[1].sku: missing, expected str"),
        (Request("POST", "/v1/charges"), "body: missing"),
        (Request("POST", "/v1/charges", (), b"text"), "body: another form than was recorded, None"),
        (get("/v1/charges?limit=1&page=2"), "query.page: not recorded"),
    ],
)
def test_what_is_unlike_all_of_them_is_refused_with_the_nearest_difference(
    double: Double, request_: Request, difference: str
) -> None:
    reply = double.respond(request_)
    assert (reply.status, reply.json()["ripstop"]["differences"]) == (400, [difference])
    assert double.ledger.effects() == ()


def test_another_route_names_the_nearest(double: Double) -> None:
    reply = double.respond(post(CHARGE, path="/v1/charge"))
    assert (reply.status, reply.json()["ripstop"]["differences"][0]) == (
        501,
        "nearest route: POST /v1/charges",
    )


def test_recorded_refusals_and_outages_are_offered_as_faults(double: Double) -> None:
    assert list(double.facts_for("POST /v1/declined")[0]) == ["card_declined"]
    assert double.facts_for("GET /v1/status")[1][503].json() == {"error": "down"}


def test_bodies_that_are_no_text_come_back_whole(double: Double) -> None:
    reply = double.respond(Request("PUT", "/v1/files/a", (), b"\xff\x00"))
    assert (reply.body, reply.header("content-type")) == (b"\xff\x01", "image/png")


def test_a_recorded_idempotency_key_makes_keys_count(tmp_path: Path) -> None:
    double = cassette(tmp_path, [(post(CHARGE, ("Idempotency-Key", "k-1")), made(n)) for n in (1, 2)])
    asked = [post(CHARGE, ("Idempotency-Key", key)) for key in ("a", "a", "b")]
    assert [double.respond(one).json()["id"] for one in asked] == ["ch_1", "ch_1", "ch_2"]
    assert len(double.ledger.effects()) == 2


def test_an_effect_may_be_named_by_hand(tmp_path: Path) -> None:
    cassette(tmp_path)
    path = tmp_path / "tape.json"
    path.write_text(path.read_text().replace('"effect": "POST /v1/charges"', '"effect": "charge"'))
    double = load("cassette:tape.json", tmp_path)
    double.respond(post(CHARGE))
    assert [effect.kind for effect in double.ledger.effects()] == ["charge"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "Expecting property name"),
        ("[]", 'does not begin with "cassette": 1'),
        ('{"cassette": 1}', "interactions"),
        ('{"cassette": 1, "interactions": [{"request": {"method": "GET"}}]}', "interactions[0]"),
    ],
)
def test_what_is_no_cassette_is_told_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "tape.json").write_text(text)
    with pytest.raises(UsageError) as met:
        load("cassette:tape.json", tmp_path)
    assert (met.value.slug, told in met.value.message) == ("cassette-file", True)


def secrets() -> dict[str, Any]:
    return {
        "request": Request(
            "POST",
            "/login?api_key=abcdef123456",
            (("content-type", "application/x-www-form-urlencoded"), ("Authorization", "Bearer abcdef123456")),
            b"user=jo&password=abcdef123456",
        ),
        "reply": Reply.of(
            200,
            {"access_token": "abcdef123456", "card": "4242424242424242"},
            {"Set-Cookie": "a=abcdef123456"},
        ),
    }


def test_secrets_are_masked_wherever_they_are_and_still_match(tmp_path: Path) -> None:
    call = secrets()
    double = cassette(tmp_path, [(call["request"], call["reply"])])
    text = (tmp_path / "tape.json").read_text()
    assert ("abcdef123456" in text, "4242424242424242" in text, "jo" in text) == (False, False, True)
    assert double.respond(call["request"]).json()["access_token"] == "***"
    assert tape.masked(double.samples[0])
