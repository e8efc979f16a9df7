"""RS201: what an error answer may leave."""

from __future__ import annotations

from dataclasses import replace

from ripstop.model.experiment import StepBaseline
from ripstop.oracles.partial_write import check

from .records import (
    BARE,
    DROPPED,
    MAPPED,
    NOTHING,
    OK,
    TIMEOUT,
    baseline,
    delete,
    exchange,
    healthy,
    held,
    injection,
    insert,
    record,
    seen,
    statement,
    torn,
    update,
)

STOCK = insert("stock", transaction=1)
ORDER = insert("orders", transaction=2)
TWO = baseline(seen(STOCK, ORDER))


def test_one_of_two_rows_after_an_error_is_torn() -> None:
    verdict = torn(check(record(MAPPED, left=seen(STOCK)), TWO))

    assert "POST /orders answered 503, yet 1 row change stayed in stock" in verdict.summary
    assert [row["table"] for row in verdict.evidence["left"]] == ["stock"]
    assert verdict.evidence["undone"] == []


def test_rows_after_a_dropped_connection_are_torn() -> None:
    assert "got no answer, yet" in torn(check(record(DROPPED, left=seen(STOCK)), TWO)).summary


def test_a_row_the_baseline_never_writes_is_torn() -> None:
    torn(check(record(BARE, left=seen(insert("debris"))), TWO))


def test_nothing_left_is_held() -> None:
    held(check(record(MAPPED, left=NOTHING), TWO))


def test_all_of_it_left_is_held() -> None:
    held(check(record(MAPPED, left=seen(STOCK, ORDER)), TWO))


def test_rows_in_the_journal_are_held() -> None:
    usual = replace(TWO, journal=frozenset({"attempts"}))

    held(check(record(MAPPED, left=seen(insert("attempts", status="failed"))), usual))


def test_a_row_that_was_put_back_is_held() -> None:
    held(check(record(MAPPED, left=seen(STOCK, delete(STOCK))), TWO))


def test_an_update_that_was_put_back_is_held() -> None:
    before = insert("stock", count=5)
    taken = update(before, count=4)
    restored = update(taken, count=5)

    held(check(record(MAPPED, left=seen(taken, restored)), baseline(seen(taken))))


def test_a_fresh_id_makes_no_difference() -> None:
    whole = seen(STOCK, insert("orders", id="99", transaction=2))

    held(check(record(MAPPED, left=whole), TWO))


def test_a_lost_acknowledgement_excuses_what_was_committed_until_then() -> None:
    lost = injection("reply_lost", operation="COMMIT")

    held(check(record(MAPPED, left=seen(STOCK), fault=lost), TWO))


def test_a_lost_acknowledgement_excuses_nothing_later() -> None:
    lost = injection("reply_lost", operation="COMMIT")

    torn(check(record(MAPPED, left=seen(insert("orders")), fault=lost), TWO))


def test_a_lost_reply_of_a_provider_excuses_nothing() -> None:
    lost = injection("reply_lost", "payments", "POST /v1/charges")

    torn(check(record(MAPPED, left=seen(STOCK), fault=lost), TWO))


def test_rows_of_an_earlier_step_that_succeeded_are_its_own() -> None:
    first = StepBaseline("POST /carts", exchange(OK, step="POST /carts"), seen(insert("carts")))
    usual = replace(TWO, steps=(first, *TWO.steps))
    sent = (exchange(OK, step="POST /carts"), exchange(MAPPED))

    held(check(record(exchanges=sent, left=seen(insert("carts"))), usual))


def test_an_earlier_steps_row_changed_by_the_failed_step_is_torn() -> None:
    cart = insert("carts", status="open")
    first = StepBaseline("POST /carts", exchange(OK, step="POST /carts"), seen(cart))
    usual = replace(TWO, steps=(first, *TWO.steps))
    sent = (exchange(OK, step="POST /carts"), exchange(MAPPED))

    torn(check(record(exchanges=sent, left=seen(cart, update(cart, status="closed"))), usual))


def test_a_call_that_is_still_held_is_not_judged() -> None:
    hanging = (statement("INSERT orders", outcome="held"),)

    assert check(record(TIMEOUT, left=seen(STOCK), trace=hanging), TWO) is None


def test_a_timeout_with_nothing_pending_is_judged() -> None:
    torn(check(record(TIMEOUT, left=seen(STOCK)), TWO))


def test_a_request_the_baseline_never_saw_is_not_judged() -> None:
    sent = (exchange(MAPPED), exchange(OK, step="POST /fallback"))

    assert check(record(exchanges=sent, left=seen(STOCK)), TWO) is None


def test_a_success_is_not_judged() -> None:
    assert check(healthy(), TWO) is None


def test_a_row_put_back_to_where_an_earlier_step_found_it_is_told_as_undone() -> None:
    cart = insert("carts", status="open")
    first = StepBaseline("POST /carts", exchange(OK, step="POST /carts"), seen(cart))
    usual = replace(TWO, steps=(first, *TWO.steps))
    sent = (exchange(OK, step="POST /carts"), exchange(MAPPED))
    verdict = torn(check(record(exchanges=sent, left=seen(cart, delete(cart))), usual))

    assert [row["table"] for row in verdict.evidence["undone"]] == ["carts"]
    assert verdict.evidence["left"] == []
