"""RS203: effects that stand alone."""

from __future__ import annotations

from dataclasses import replace

from ripstop.model.experiment import StepBaseline
from ripstop.oracles.orphan_effect import check

from .records import (
    BARE,
    MAPPED,
    NOTHING,
    OK,
    SHOP,
    answer,
    baseline,
    charge,
    exchange,
    held,
    insert,
    record,
    refund,
    seen,
    torn,
)


def test_a_charge_without_an_order_after_heal_and_retry_is_torn() -> None:
    verdict = torn(check(record(BARE, left=seen(charge()), retry=BARE, after=seen(charge())), baseline()))

    assert "1 effect (charge) stands without rows in orders" in verdict.summary


def test_a_retry_told_success_with_no_row_at_all_is_torn() -> None:
    torn(check(record(BARE, left=seen(charge()), retry=OK, after=seen(charge())), baseline()))


def test_an_order_that_stays_pending_beside_its_charge_is_torn() -> None:
    left = seen(insert(status="pending"), charge())

    torn(check(record(MAPPED, left=left, retry=answer(409, {}), after=left), baseline()))


def test_a_charge_with_no_retry_to_mend_it_is_torn() -> None:
    torn(check(record(BARE, left=seen(charge())), baseline()))


def test_a_charge_the_retry_finds_its_order_for_is_held() -> None:
    held(check(record(BARE, left=seen(charge()), retry=OK, after=SHOP), baseline()))


def test_two_charges_and_one_order_are_somebody_elses_finding() -> None:
    after = seen(insert(), charge(), charge("k2"))

    held(check(record(BARE, left=seen(charge()), retry=OK, after=after), baseline()))


def test_a_refunded_charge_is_held() -> None:
    left = seen(charge(), refund())

    held(check(record(MAPPED, left=left, retry=MAPPED, after=left), baseline()))


def test_nothing_charged_is_held() -> None:
    held(check(record(MAPPED, left=NOTHING, retry=MAPPED, after=NOTHING), baseline()))


def test_a_workflow_without_effects_is_not_judged() -> None:
    assert check(record(MAPPED), baseline(seen(insert()))) is None


def test_a_workflow_without_rows_is_not_judged() -> None:
    assert check(record(MAPPED, left=seen(charge())), baseline(seen(charge()))) is None


def test_a_retry_told_success_with_some_rows_missing_is_no_orphan() -> None:
    usual = baseline(seen(insert(), insert("audit"), charge()))

    held(check(record(BARE, left=seen(charge()), retry=OK, after=SHOP), usual))


def test_a_failed_retry_with_some_rows_missing_is_an_orphan() -> None:
    usual = baseline(seen(insert(), insert("audit"), charge()))

    torn(check(record(BARE, left=SHOP, retry=MAPPED, after=SHOP), usual))


def test_an_effect_of_an_earlier_step_is_not_counted_as_standing() -> None:
    cart = StepBaseline("POST /carts", exchange(OK, step="POST /carts"), seen(insert("carts"), charge()))
    usual = baseline()
    usual = replace(usual, steps=(cart, *usual.steps))
    sent = (exchange(OK, step="POST /carts"), exchange(MAPPED))
    left = seen(insert("carts"), charge())

    held(check(record(exchanges=sent, left=left, retry=MAPPED, after=left), usual))


def test_the_evidence_says_whether_a_retry_was_made() -> None:
    without = torn(check(record(BARE, left=seen(charge())), baseline()))
    tried = torn(check(record(BARE, left=seen(charge()), retry=BARE, after=seen(charge())), baseline()))

    assert without.summary.endswith("and no retry")
    assert tried.summary.endswith("after heal and retry")
