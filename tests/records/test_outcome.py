"""What came of a fault, in plain words."""

from __future__ import annotations

from typing import Any

import pytest

from ripstop.records.outcome import outcome, steady
from ripstop.records.record import Mode

from .made_up import outcome as evidence


def mode(seen: dict[str, Any]) -> Mode:
    return Mode("POST /orders", "db", "postgres", "COMMIT", "reply_lost", outcome=seen)


def test_what_held_says_the_answer_what_stood_and_that_the_retry_mended_it() -> None:
    told = outcome(mode(evidence(503, (1, 0, 1), (1, 1, 1))))

    assert told.caller == '503 `{"error": "order_persist_failed", "request": "…"}`'
    assert told.rows == "none"
    assert told.effects == "payments: 1 charge"
    assert told.retry == "201, then all as usual"


def test_what_tore_says_the_wrong_number_beside_the_usual_one() -> None:
    told = outcome(mode(evidence(503, (1, 1, 2), (1, 2, 2))))

    assert told.rows == "`orders`: 1 inserted"
    assert told.effects == "payments: 2 charges instead of 1"
    assert told.retry == "201, then `orders`: 2 inserted instead of 1; payments: 2 charges instead of 1"


def test_a_wait_names_its_bound() -> None:
    assert outcome(mode(evidence(None, (1, 0, 1), (1, 0, 1))), 5_000).caller == "no answer within 5 s"


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        ("dropped", "no answer: the connection was dropped"),
        ("departed", "nothing: the caller had hung up"),
        ("odd|one", "odd\\|one"),
    ],
)
def test_an_answer_that_never_came_says_why(failure: str, told: str) -> None:
    assert outcome(mode({"answer": {"failure": failure}})).caller == told


def test_a_success_needs_no_retry_and_shows_no_body() -> None:
    told = outcome(mode({"answer": {"status": 201, "body": '{"id": 7}'}}))

    assert (told.caller, told.retry) == ("201", "not needed")


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (
            '{"error": "gone", "orderId": 3, "order_id": "x"}',
            '{"error": "gone", "orderId": "…", "order_id": "…"}',
        ),
        ('{"at": "2026-01-02T03:04:05Z", "tries": 3}', '{"at": "…", "tries": 3}'),
        ("request 8f14e45f-ceea-467f-a1e2-6d0b5e6f7a11 failed", "request … failed"),
        ("connection to 127.0.0.1:45123 refused", "connection to 127.0.0.1:… refused"),
        ("<pg.Error object at 0x7f1a99059000>", "<pg.Error object at …>"),
        ('{"id": 8, "error": "cut her', '{"id": 8, "error": "cut her'),
    ],
)
def test_what_differs_from_run_to_run_is_taken_out(body: str, shown: str) -> None:
    assert steady(body) == shown


@pytest.mark.parametrize("seen", [{}, {"answer": "?"}, {"rows": {"insert orders": "?"}, "effects": []}])
def test_damaged_evidence_is_told_as_far_as_it_goes(seen: dict[str, Any]) -> None:
    assert outcome(mode(seen)).rows == "none"
