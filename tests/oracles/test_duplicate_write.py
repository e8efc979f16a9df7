"""RS205: written twice."""

from __future__ import annotations

from dataclasses import replace

from ripstop.model.verdict import Severity
from ripstop.oracles.duplicate_write import check

from .records import (
    BARE,
    MAPPED,
    NOTHING,
    OK,
    SHOP,
    baseline,
    charge,
    delete,
    exchange,
    held,
    insert,
    record,
    seen,
    torn,
)

KEY = "body:item"
FIRST, SECOND = insert(id="1"), insert(id="2")


def test_two_orders_after_a_retry_under_its_key_are_torn() -> None:
    run = record(BARE, left=seen(FIRST), retry=OK, after=seen(FIRST, SECOND))
    verdict = torn(check(run, baseline(key=KEY)))

    assert verdict.weight is Severity.HIGH
    assert "2 rows in orders where the baseline has 1" in verdict.summary


def test_without_a_key_it_weighs_one_step_less() -> None:
    run = record(BARE, left=seen(FIRST), retry=OK, after=seen(FIRST, SECOND))

    assert torn(check(run, baseline())).weight is Severity.MEDIUM


def test_two_orders_from_one_call_are_torn_without_any_retry() -> None:
    assert torn(check(record(OK, left=seen(FIRST, SECOND)), baseline())).weight is Severity.HIGH


def test_a_first_order_that_was_deleted_does_not_count() -> None:
    after = seen(FIRST, delete(FIRST), SECOND)

    held(check(record(MAPPED, left=seen(FIRST), retry=OK, after=after), baseline()))


def test_one_attempt_row_for_each_try_is_held_in_the_journal() -> None:
    attempt = insert("attempts")
    usual = replace(baseline(seen(FIRST, attempt)), journal=frozenset({"attempts"}))

    held(check(record(BARE, left=seen(attempt), retry=OK, after=seen(attempt, FIRST, attempt)), usual))


def test_repeating_a_success_without_a_key_is_a_second_order() -> None:
    held(check(record(OK, left=SHOP, retry=OK, after=seen(FIRST, SECOND)), baseline()))


def test_repeating_a_success_under_its_key_must_not_write() -> None:
    torn(check(record(OK, left=SHOP, retry=OK, after=seen(FIRST, SECOND)), baseline(key=KEY)))


def test_a_request_without_the_declared_key_is_as_good_as_none() -> None:
    run = record(BARE, left=seen(FIRST), retry=OK, after=seen(FIRST, SECOND))

    assert torn(check(run, baseline(key="header:Idempotency-Key"))).weight is Severity.MEDIUM


def test_rows_in_a_table_the_baseline_leaves_alone_are_no_repetition() -> None:
    held(
        check(
            record(BARE, left=seen(insert("failures")), retry=OK, after=seen(insert("failures"), FIRST)),
            baseline(),
        )
    )


def test_a_workflow_that_inserts_nothing_is_not_judged() -> None:
    assert check(record(MAPPED, left=NOTHING), baseline(seen(charge()))) is None


def test_a_request_the_baseline_never_saw_is_not_judged() -> None:
    sent = (exchange(BARE), exchange(OK, step="POST /fallback"))

    assert check(record(exchanges=sent, retry=OK, after=seen(FIRST, SECOND)), baseline()) is None
