"""RS104: what bodies give away, and what only looks like it."""

from __future__ import annotations

import json

import pytest

from ripstop.model.verdict import Severity
from ripstop.oracles.leaky_answer import check

from .records import DROPPED, MAPPED, answer, baseline, held, record, torn

LEAKS = {
    "stack trace": 'Traceback (most recent call last):\n  File "x.py", line 3, in place\nKeyError',
    "SQL text": "[SQL: INSERT INTO orders (id) VALUES (%s)]",
    "SQL text, read": "error at SELECT orders.id AS orders_id, orders.total FROM orders WHERE id = 1",
    "driver text": '(psycopg.OperationalError) connection to server at "10.0.3.7", port 5432 failed',
    "driver text, asyncpg": "asyncpg.exceptions.ConnectionDoesNotExistError",
    "driver text, django": "django.db.utils.OperationalError",
    "driver text, http": "HTTPSConnectionPool(host='api.payments.example', port=443): Max retries exceeded",
    "file path": "error in /srv/shop/app/orders.py",
    "credentials": "could not reach postgresql://shop:hunter2@db/shop",
}


@pytest.mark.parametrize(("kind", "text"), LEAKS.items(), ids=LEAKS)
def test_inner_matter_in_an_answer_is_torn(kind: str, text: str) -> None:
    verdict = torn(check(record(answer(503, {"detail": text})), baseline()))

    assert kind.partition(",")[0] in verdict.evidence["leaks"]


def test_credentials_weigh_more_and_do_not_reach_the_evidence() -> None:
    verdict = torn(check(record(answer(500, {"detail": LEAKS["credentials"]})), baseline()))

    assert verdict.weight is Severity.HIGH
    assert "hunter2" not in json.dumps(dict(verdict.evidence))


@pytest.mark.parametrize(
    "text",
    [
        "Please select an item from the list",
        "We could not update your order; set a new date",
        "see /orders/42 or /docs/errors.html",
        "https://shop.example/help/orders.html",
        "The database is not available, try again",
        "the password is wrong",
        "at 10:15:30 the provider said no",
        "SELECT a plan FROM our page",
    ],
)
def test_a_text_for_people_is_held(text: str) -> None:
    held(check(record(answer(503, {"error": text})), baseline()))


def test_what_the_baseline_shows_as_well_is_held() -> None:
    source = answer(200, {"template": "/srv/shop/app/orders.py"})

    held(check(record(source), baseline(got=source)))


def test_the_retrys_answer_counts_too() -> None:
    torn(check(record(MAPPED, retry=answer(500, LEAKS["stack trace"])), baseline()))


def test_no_answer_leaks_nothing() -> None:
    assert check(record(DROPPED), baseline()) is None
