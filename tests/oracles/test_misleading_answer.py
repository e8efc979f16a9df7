"""RS103: who gets the blame, and what success holds."""

from __future__ import annotations

import pytest

from ripstop.model.http import Answer
from ripstop.oracles.misleading_answer import check

from .records import MAPPED, OK, TIMEOUT, answer, baseline, held, injection, record, torn


@pytest.mark.parametrize("status", [400, 404, 409, 422])
def test_a_lost_database_told_as_the_callers_mistake_is_torn(status: int) -> None:
    torn(check(record(answer(status, {"error": "bad"})), baseline()))


@pytest.mark.parametrize("status", [402, 429, 500, 502, 503, 504])
def test_other_errors_blame_nobody(status: int) -> None:
    held(check(record(answer(status, {"error": "later"})), baseline()))


@pytest.mark.parametrize(
    "fault",
    [
        injection("declined", "payments", "POST /v1/charges"),
        injection("status", "payments", "POST /v1/charges", code=404),
        injection("sqlstate", code="23505"),
    ],
)
def test_an_honest_no_of_the_other_side_is_not_judged(fault: object) -> None:
    assert check(record(answer(409, {"error": "no"}), fault=fault), baseline()) is None  # type: ignore[arg-type]


def test_a_providers_500_told_as_422_is_torn() -> None:
    broken = injection("status", "payments", "POST /v1/charges", code=500)

    torn(check(record(answer(422, {"error": "card"}), fault=broken), baseline()))


def test_a_serialization_conflict_may_be_told_as_409() -> None:
    held(check(record(answer(409, {"error": "busy"}), fault=injection("sqlstate", code="40001")), baseline()))


def test_a_baseline_that_expects_404_is_no_finding() -> None:
    gone = answer(404, {"error": "none"})

    held(check(record(gone), baseline(got=gone)))


@pytest.mark.parametrize(
    "content",
    [{}, {"id": None, "status": "paid"}, {"id": 9}, [], "fine", {"ok": False, "error": "db"}],
    ids=["empty", "null id", "key missing", "other shape", "text", "error as 201"],
)
def test_a_success_without_its_result_is_torn(content: object) -> None:
    torn(check(record(answer(201, content)), baseline()))


def test_an_empty_list_in_place_of_rows_is_torn() -> None:
    torn(check(record(answer(200, [])), baseline(got=answer(200, [{"id": 1}]))))


@pytest.mark.parametrize(
    ("got", "usual"),
    [
        (answer(201, {"id": 9, "status": "pending"}), OK),
        (answer(202, {"job": 4}), OK),
        (answer(201, {"id": 9, "status": "paid", "note": "later"}), OK),
        (answer(200, {"id": 1, "hints": []}), answer(200, {"id": 1, "hints": ["tea"]})),
        (answer(200, {"id": 1, "hint": None}), answer(200, {"id": 1, "hint": "tea"})),
        (answer(204, ""), answer(204, "")),
        (TIMEOUT, OK),
        (MAPPED, OK),
    ],
)
def test_a_success_with_its_result_is_held(got: Answer, usual: Answer) -> None:
    held(check(record(got), baseline(got=usual)))


def test_an_id_under_any_usual_name_must_not_be_null() -> None:
    usual = baseline(got=answer(201, {"orderId": 7, "charge_id": 8}), volatile_body=frozenset())

    for lost in ({"orderId": None, "charge_id": 8}, {"orderId": 7, "charge_id": None}):
        torn(check(record(answer(201, lost)), usual))


def test_a_null_the_baseline_has_as_well_is_held() -> None:
    usual = answer(201, {"parent_id": None})

    held(check(record(usual), baseline(got=usual)))
