"""Tests for the programmable double: routing, effects, errors, scripts, state."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ripstop.doubles import Double, Reply, Request
from ripstop.errors import RipstopError, UsageError


def post(target: str, body: object = None, **headers: str) -> Request:
    fields = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Request("POST", target, (("Content-Type", "application/json"), *fields), json.dumps(body).encode())


@pytest.fixture
def payments() -> Double:
    double = Double("payments", idempotency_header="Idempotency-Key", state={"limit": 5_000})

    @double.route("POST /v1/charges", effect="charge", json={"amountCents": int, "userId": str})
    def charge(request: Request) -> Reply:
        wanted = request.json()
        if wanted["amountCents"] > double.state["limit"]:
            return Reply.of(402, {"error": {"code": "over_limit"}})
        return Reply.of(201, {"id": double.new_id("ch"), "status": "succeeded"})

    @double.route("POST /v1/charges/{id}/refund", compensates="charge")
    def refund(request: Request, id: str) -> Reply:  # noqa: A002
        return Reply.of(200, {"id": double.new_id("re"), "charge": id})

    double.error("card_declined", on="POST /v1/charges", reply=Reply.of(402, {"error": "declined"}))
    return double


CHARGE = {"amountCents": 4200, "userId": "u-1"}


def test_a_route_answers_and_its_success_is_one_effect_with_the_requests_fields(payments: Double) -> None:
    reply = payments.respond(post("/v1/charges", CHARGE))
    assert reply.status == 201
    (effect,) = payments.ledger.effects("charge")
    assert (effect.seam, effect.kind, effect.key) == ("payments", "charge", None)
    assert effect.data == {**CHARGE, "id": reply.json()["id"]}


def test_a_reply_that_is_no_success_leaves_no_effect(payments: Double) -> None:
    assert payments.respond(post("/v1/charges", {**CHARGE, "amountCents": 9_999})).status == 402
    assert payments.ledger.effects() == ()


def test_calls_without_a_key_count_each_time(payments: Double) -> None:
    for _ in range(2):
        payments.respond(post("/v1/charges", CHARGE))
    assert len(payments.ledger.effects("charge")) == 2


def test_path_parameters_reach_the_handler_by_name_and_unquoted(payments: Double) -> None:
    assert payments.respond(post("/v1/charges/ch%20a/refund")).json()["charge"] == "ch a"


def test_a_compensation_names_the_kind_it_undoes_and_the_very_effect(payments: Double) -> None:
    charges = [payments.respond(post("/v1/charges", CHARGE)).json()["id"] for _ in range(2)]
    payments.respond(post(f"/v1/charges/{charges[0]}/refund"))
    (refund,) = payments.ledger.effects("refund")
    assert (refund.data["compensates"], refund.data["original"]) == ("charge", charges[0])


def test_a_compensation_of_nothing_known_names_no_original(payments: Double) -> None:
    payments.respond(post("/v1/charges/ch_unknown/refund"))
    assert payments.ledger.effects("refund")[0].data["original"] is None


def test_a_handler_may_record_an_effect_of_its_own(payments: Double) -> None:
    @payments.route("POST /v1/mails")
    def mail(request: Request) -> Reply:
        payments.ledger.record("mail", data={"to": "a@b.example"})
        return Reply.of(202, {})

    payments.respond(post("/v1/mails"))
    assert [effect.kind for effect in payments.ledger.effects()] == ["mail"]


@pytest.mark.parametrize(
    ("request_", "status", "difference"),
    [
        (post("/v1/charge", CHARGE), 501, "path: /v1/charge is not /v1/charges"),
        (Request("GET", "/v1/charges"), 501, "method: GET is not POST"),
        (
            post("/v1/charges", {**CHARGE, "amountCents": "abc"}),
            400,
            "body.amountCents: expected int, got 'abc'",
        ),
        (post("/v1/charges", {"amountCents": 1}), 400, "body.userId: missing, expected str"),
        (Request("POST", "/v1/charges", (), b"amount=1"), 400, "body: expected JSON, got b'amount=1'"),
    ],
)
def test_a_call_the_double_does_not_know_is_refused_field_by_field(
    payments: Double, request_: Request, status: int, difference: str
) -> None:
    reply = payments.respond(request_)
    assert (reply.status, reply.header("ripstop-refused")) == (status, "payments")
    assert difference in reply.json()["ripstop"]["differences"]
    assert difference in str(payments.refusals[0])
    assert payments.ledger.effects() == ()


def test_fields_beyond_the_shape_are_allowed_unless_the_route_is_strict() -> None:
    double = Double("mail")
    for path, strict in (("/open", False), ("/strict", True)):
        double.route(f"POST {path}", json={"to": str}, strict=strict)(lambda request: Reply())
    body = {"to": "a", "cc": "b"}
    assert double.respond(post("/open", body)).status == 200
    assert double.respond(post("/strict", body)).status == 400
    assert double.refusals[0].differences == ("body.cc: not declared, got 'b'",)


def test_a_form_is_checked_and_recorded_like_json() -> None:
    double = Double("payments")
    double.route("POST /v1/charges", effect="charge", form={"amount": int})(lambda request: Reply())
    form = (("Content-Type", "application/x-www-form-urlencoded"),)
    assert double.respond(Request("POST", "/v1/charges", form, b"amount=2000&currency=usd")).status == 200
    assert double.respond(Request("POST", "/v1/charges", form, b"amount=lots")).status == 400
    assert [e.data for e in double.ledger.effects()] == [{"amount": "2000", "currency": "usd"}]


def test_the_route_with_fewer_parameters_answers_first() -> None:
    double = Double("users")
    double.route("GET /users/{user}")(lambda request, user: Reply.of(200, user))
    double.route("GET /users/me")(lambda request: Reply.of(200, "myself"))
    assert double.respond(Request("GET", "/users/me?full=1")).json() == "myself"
    assert double.operation("GET", "/users/7?full=1") == "GET /users/{user}"
    assert double.operation("GET", "/nowhere") is None


def test_reset_brings_back_the_state_of_the_definition_and_forgets_the_rest(payments: Double) -> None:
    first = payments.respond(post("/v1/charges", CHARGE, Idempotency_Key="k")).json()["id"]
    payments.respond(post("/nowhere"))
    payments.state["limit"] = 1
    payments.reset()
    assert (payments.state, len(payments.ledger), payments.refusals) == ({"limit": 5_000}, 0, [])
    assert payments.respond(post("/v1/charges", CHARGE, Idempotency_Key="k")).json()["id"] != first


def test_sealing_takes_what_the_module_put_into_the_state_as_the_definition(payments: Double) -> None:
    payments.state["cards"] = {"4242": "ok"}
    payments.seal()
    for _ in range(2):
        payments.state["cards"]["4242"] = "blocked"
        payments.reset()
        assert payments.state["cards"] == {"4242": "ok"}


def test_what_a_handler_does_after_a_reset_is_not_recorded(payments: Double) -> None:
    work = payments.admit(post("/v1/charges", CHARGE))
    assert not isinstance(work, Reply)
    payments.reset()
    assert work().status == 201
    assert payments.ledger.effects() == ()


def test_scripted_replies_take_the_handlers_place_in_order_and_keep_effects(payments: Double) -> None:
    with payments.replies("POST /v1/charges", Reply.of(201, {"id": "a"}), Reply.of(402, {})):
        statuses = [payments.respond(post("/v1/charges", CHARGE)).status for _ in range(3)]
    assert statuses == [201, 402, 402]
    assert [e.data["id"] for e in payments.ledger.effects()] == ["a"]
    assert payments.respond(post("/v1/charges", CHARGE)).status == 201


def test_a_script_can_end_after_so_many_calls(payments: Double) -> None:
    with payments.fails("POST /v1/charges", 503, times=2):
        statuses = [payments.respond(post("/v1/charges", CHARGE)).status for _ in range(3)]
    assert statuses == [503, 503, 201]


def test_a_replay_uses_up_no_scripted_reply(payments: Double) -> None:
    with payments.replies("POST /v1/charges", Reply.of(201, {"id": "a"}), times=1):
        for _ in range(2):
            assert payments.respond(post("/v1/charges", CHARGE, Idempotency_Key="k")).json()["id"] == "a"
    assert len(payments.ledger.effects()) == 1


def test_the_script_put_last_answers_first(payments: Double) -> None:
    with payments.fails("POST /v1/charges", 500), payments.fails("POST /v1/charges", 503, times=1):
        statuses = [payments.respond(post("/v1/charges", CHARGE)).status for _ in range(2)]
    assert statuses == [503, 500]


def test_a_declared_error_can_be_asked_for_by_name(payments: Double) -> None:
    with payments.fails("POST /v1/charges", "card_declined"):
        assert payments.respond(post("/v1/charges", CHARGE)).json() == {"error": "declined"}
    assert payments.ledger.effects() == ()


def test_facts_are_the_errors_of_the_operation_and_the_providers_bodies(payments: Double) -> None:
    payments.error_shape(500, Reply.of(500, {"fault": "ours"}))
    errors, shapes = payments.facts_for("POST /v1/charges")
    assert list(errors) == ["card_declined"]
    assert shapes[500].json() == {"fault": "ours"}
    assert shapes[429].json()["error"]["message"] == "Too Many Requests"
    assert payments.facts_for("GET /other")[0] == {}


def test_a_handler_that_raises_is_named_with_its_route_and_line(payments: Double) -> None:
    @payments.route("POST /v1/broken")
    def broken(request: Request) -> Reply:
        raise KeyError("amount")

    with pytest.raises(RipstopError) as caught:
        payments.respond(post("/v1/broken"))
    assert caught.value.slug == "double-raised"
    for part in ("'payments'", "KeyError('amount')", "POST /v1/broken", "broken at", "test_double.py:"):
        assert part in str(caught.value)


def test_a_handler_that_returns_no_reply_is_named_with_its_line(payments: Double) -> None:
    handler: Any = lambda request: {"id": 1}  # noqa: E731
    payments.route("POST /v1/odd")(handler)
    with pytest.raises(
        RipstopError, match=r"returned \{'id': 1\} and not a Reply from .* at .*test_double.py:\d+"
    ):
        payments.respond(post("/v1/odd"))


@pytest.mark.parametrize(
    ("declare", "slug"),
    [
        (lambda d: d.route("/v1/charges"), "double-route"),
        (lambda d: d.route("POST /v1/charges")(lambda request: Reply()), "double-route"),
        (lambda d: d.route("GET /a/{id}")(lambda request, other: Reply()), "double-handler"),
        (lambda d: d.route("GET /a")(lambda: Reply()), "double-handler"),
        (lambda d: d.fails("POST /v1/charge", 503).__enter__(), "double-route"),
        (lambda d: d.fails("POST /v1/charges", "card_declind").__enter__(), "double-error"),
        (lambda d: d.replies("POST /v1/charges").__enter__(), "double-script"),
        (lambda d: (d.error("x", on="POST /v1/charge", reply=Reply()), d.seal()), "double-route"),
    ],
)
def test_a_wrong_declaration_is_refused_with_a_slug(payments: Double, declare: Any, slug: str) -> None:
    with pytest.raises(UsageError) as caught:
        declare(payments)
    assert caught.value.slug == slug


def test_a_coroutine_function_is_no_handler(payments: Double) -> None:
    async def handler(request: Request) -> Reply:
        return Reply()

    declare: Any = payments.route("GET /later")
    with pytest.raises(UsageError, match="coroutine"):
        declare(handler)


def test_a_name_mistyped_is_met_with_the_nearest_one(payments: Double) -> None:
    with (
        pytest.raises(UsageError, match="did you mean 'card_declined'"),
        payments.fails("POST /v1/charges", "card_declind"),
    ):
        pass


def test_what_no_route_answers_may_be_answered_otherwise(payments: Double) -> None:
    payments.otherwise(
        lambda request: Reply.of(200, {"path": request.path}),
        operation=lambda method, target: f"{method} elsewhere",
        effect=lambda request, reply: [("call", {"path": reply.json()["path"]})],
    )
    assert payments.respond(Request("GET", "/anything")).json() == {"path": "/anything"}
    assert payments.operation("GET", "/anything") == "GET elsewhere"
    assert [effect.data for effect in payments.ledger.effects("call")] == [{"path": "/anything"}]
    assert payments.refusals == []


def test_what_was_executed_is_heard_until_the_reset(payments: Double) -> None:
    reply = payments.respond(post("/v1/charges", CHARGE))
    payments.respond(post("/v1/charges", {}))
    assert [(one.request.path, one.reply) for one in payments.heard] == [("/v1/charges", reply)]
    payments.reset()
    assert payments.heard == []


def test_what_the_double_sends_waits_for_the_answer_and_a_receiver(payments: Double) -> None:
    sent: list[Request] = []

    @payments.route("POST /v1/hooks")
    def hook(request: Request) -> Reply:
        payments.send(Request("POST", "/hook"))
        assert sent == []
        return Reply()

    payments.respond(post("/v1/hooks"))
    payments.deliver = sent.append
    payments.flush()
    assert [one.target for one in sent] == ["/hook"]


def test_a_reset_forgets_what_was_not_sent_and_state_kept_elsewhere(payments: Double) -> None:
    sent: list[Request] = []
    elsewhere = ["something"]
    payments.at_reset(elsewhere.clear)
    payments.send(Request("POST", "/hook"))
    payments.reset()
    payments.deliver = sent.append
    payments.flush()
    assert (sent, elsewhere) == ([], [])


def test_an_error_may_depend_on_the_request(payments: Double) -> None:
    payments.error(
        "over_limit",
        on="POST /v1/charges",
        reply=Reply.of(402, {}),
        when=lambda request: request.json()["amountCents"] > 1_000,
    )
    offered = lambda: "over_limit" in payments.facts_for("POST /v1/charges")[0]  # noqa: E731
    assert offered()
    payments.respond(post("/v1/charges", {**CHARGE, "amountCents": 1}))
    assert not offered()
    payments.respond(post("/v1/charges", CHARGE))
    assert offered()


def test_an_error_of_one_name_may_differ_by_route(payments: Double) -> None:
    payments.error("card_declined", on="POST /v1/charges/{id}/refund", reply=Reply.of(409, {}))
    with payments.fails("POST /v1/charges/{id}/refund", "card_declined"):
        assert payments.respond(post("/v1/charges/ch_1/refund")).status == 409
    with payments.fails("POST /v1/charges", "card_declined"):
        assert payments.respond(post("/v1/charges", CHARGE)).status == 402


@pytest.mark.parametrize(
    ("path", "found"), [("/a/7.json", "7"), ("/a/.json", None), ("/a/7777777.xml", None)]
)
def test_a_parameter_may_be_a_part_of_its_segment(path: str, found: str | None) -> None:
    double = Double("files")
    double.route("GET /a/{id}.json")(lambda request, id: Reply.of(200, id))  # noqa: A006
    reply = double.respond(Request("GET", path))
    assert (reply.json() if reply.status == 200 else None) == found
