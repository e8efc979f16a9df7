"""A workflow's requests as code: constants, fresh values, data flow, and no secrets."""

from __future__ import annotations

from typing import Any

import pytest

from ripstop.backfill.encode import CannotRender, one_line
from ripstop.backfill.flow import Flow, flow_of
from ripstop.model.experiment import Baseline, Experiment, StepBaseline
from ripstop.model.http import Exchange, Request
from ripstop.model.state import Observation

from .shop import KEYS, OK, STEP, answer, baseline, held, request

BASKET, CHECKOUT = "POST /baskets", "POST /baskets/{id}/checkout"


def flow(base: Baseline, *others: Request) -> Flow:
    return flow_of(base, [held(sent=other).experiment for other in others], "place_order")


def lines(found: Flow, step: str = STEP) -> str:
    return "\n".join([*found.before(step), one_line(found.step(step).call)])


def test_a_plain_body_is_a_module_constant() -> None:
    body = {"userId": "u-1"}
    found = flow(baseline(request(body), idempotency_key=None), request(body))

    assert found.constants == {"ORDER": body}
    assert lines(found) == 'service.post("/orders", json=ORDER)'


def test_the_idempotency_key_is_made_fresh_and_the_rest_stays() -> None:
    found = flow(baseline())

    assert found.constants == {"ORDER": {"userId": "u-1", "amountCents": 4200}}
    assert '    order = {**ORDER, "idempotencyKey": str(uuid4())}' in lines(found)


def test_a_key_in_a_header_keeps_its_value_for_a_retry() -> None:
    sent = request({"userId": "u-1"}, ("Idempotency-Key", KEYS[0]))
    text = lines(flow(baseline(sent, idempotency_key="header:Idempotency-Key")))

    assert "idempotency_key = str(uuid4())" in text
    assert 'headers={"Idempotency-Key": idempotency_key}' in text


def test_a_value_that_differs_between_runs_is_made_anew_in_its_own_look() -> None:
    one, other = request({"mail": "ann-12345@x.example"}), request({"mail": "ann-67890@x.example"})
    text = lines(flow(baseline(one, idempotency_key=None), other))

    assert 'f"ann-{str(uuid4().int)[:5]}@x.example"' in text


def test_a_time_that_differs_between_runs_is_refused_with_the_reason() -> None:
    one, other = request({"at": "2026-11-23T10:00:00Z"}), request({"at": "2026-11-23T10:00:01Z"})

    with pytest.raises(CannotRender, match="a time that differs"):
        flow(baseline(one, idempotency_key=None), other)


@pytest.mark.parametrize(
    "sent",
    [
        request({"userId": "u-1"}, ("Authorization", "Bearer hunter2hunter2")),
        request({"userId": "u-1", "password": "hunter2hunter2"}),
        request({"card": {"cvc": "hunter2hunter2"}}),
        request(None, target="/orders?api_key=hunter2hunter2"),
        Request(
            "POST",
            "/orders",
            (("content-type", "application/x-www-form-urlencoded"),),
            b"password=hunter2hunter2",
        ),
    ],
    ids=["header", "body", "nested", "query", "form"],
)
def test_a_secret_is_read_from_the_environment_and_never_written(sent: Request) -> None:
    found = flow(baseline(sent, idempotency_key=None))

    assert "hunter2" not in lines(found)
    assert "hunter2" not in repr(found.constants)
    assert "os.environ[" in lines(found)
    assert all("hunter2" in value for value in found.secrets.values())


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        (Request("POST", "/x", (("content-type", "multipart/form-data"),), b"--x"), "multipart"),
        (Request("POST", "/x", (), b"\xff\xfe"), "binary"),
        (request({"text": "x" * 7_000}), "too long"),
        (request({"many": list(range(1_000))}), "too long"),
    ],
    ids=["multipart", "binary", "long", "many"],
)
def test_a_request_that_no_readable_test_can_hold_is_refused(sent: Request, why: str) -> None:
    with pytest.raises(CannotRender, match=why):
        flow(baseline(sent, idempotency_key=None))


def two_steps(basket_id: str, token: str) -> tuple[Exchange, Exchange]:
    made = answer(201, {"id": basket_id, "token": token, "kind": "basket"})
    first = Exchange(BASKET, request({"kind": "basket"}, target="/baskets"), made)
    bearer = ("Authorization", f"Bearer {token}")
    paid = request({"basket": basket_id, "kind": "basket"}, bearer, target=f"/baskets/{basket_id}/checkout")
    return first, Exchange(CHECKOUT, paid, OK)


def two_step_flow() -> Flow:
    mine, theirs = two_steps("b-1000001", "tok-aaaaaaaa1"), two_steps("b-1000002", "tok-bbbbbbbb2")
    loose: list[frozenset[str]] = [frozenset({"/id", "/token"}), frozenset({"/id"})]
    steps = tuple(StepBaseline(e.step, e, Observation(), v) for e, v in zip(mine, loose, strict=True))
    base = Baseline("n", "check out", (), steps)
    records: list[Any] = [Experiment(held().plan, exchanges=theirs)]
    return flow_of(base, records, "check_out")


def test_a_value_that_an_earlier_answer_returned_is_read_from_it() -> None:
    text = lines(two_step_flow(), CHECKOUT)

    assert '    basket_id = basket_response.json()["id"]' in text
    assert 'service.post(f"/baskets/{basket_id}/checkout"' in text
    assert '"basket": basket_id' in text
    assert "    assert basket_response.status_code == 201" in text


def test_a_token_that_an_earlier_answer_returned_is_neither_written_nor_asked_for() -> None:
    found = two_step_flow()
    text = lines(found, CHECKOUT)

    assert 'headers={"Authorization": f"Bearer {basket_token}"}' in text
    assert "tok-" not in text
    assert not found.secrets


def test_a_step_the_baseline_does_not_know_is_refused() -> None:
    with pytest.raises(CannotRender, match="not among the baseline's"):
        flow(baseline()).step("GET /elsewhere")
