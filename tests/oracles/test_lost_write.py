"""RS202: what a success answer stands for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ripstop.model.experiment import StepBaseline
from ripstop.model.state import Effect, Observation
from ripstop.oracles.lost_write import check

from .records import (
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

MAIL = Effect("mail", "mail", None, {"to": "a@b.example", "subject": "Welcome"})
JOB = insert("outbox", status="queued")


@pytest.mark.parametrize(
    "left",
    [
        seen(charge()),
        seen(insert()),
        NOTHING,
        seen(insert(status="pending"), charge()),
        seen(insert(), charge(amount=1)),
    ],
    ids=["row", "effect", "everything", "row differs", "effect differs"],
)
def test_a_success_that_lacks_something_is_torn(left: Observation) -> None:
    torn(check(record(OK, left=left), baseline()))


def test_the_summary_names_what_is_missing() -> None:
    verdict = torn(check(record(OK, left=NOTHING), baseline()))

    assert "1 row change missing in orders and 1 effect never happened (charge)" in verdict.summary


def test_a_volatile_value_that_became_null_is_torn() -> None:
    usual = baseline(
        volatile_columns=frozenset({("orders", "charge_id")}), observed=seen(insert(charge_id="ch_1"))
    )

    torn(check(record(OK, left=seen(insert(charge_id=None))), usual))


@pytest.mark.parametrize(
    "left",
    [
        SHOP,
        seen(insert(), insert(), charge(), charge()),
        seen(insert(id="8"), charge("k2")),
        seen(insert(), charge(), refund(), charge()),
    ],
    ids=["same", "more", "fresh ids", "charged again after a refund"],
)
def test_a_success_that_has_it_all_is_held(left: Observation) -> None:
    held(check(record(OK, left=left), baseline()))


def test_a_charge_that_was_refunded_behind_a_success_is_torn() -> None:
    torn(check(record(OK, left=seen(insert(), charge(), refund())), baseline()))


def test_a_refund_that_never_happened_is_torn() -> None:
    usual = baseline(seen(insert(), charge(), refund()))

    torn(check(record(OK, left=seen(insert(), charge())), usual))


def test_mail_kept_in_an_outbox_and_sent_after_heal_is_held() -> None:
    usual = baseline(seen(insert(), MAIL))
    run = record(OK, left=seen(insert(), JOB), retry=answer(409, {}), after=seen(insert(), MAIL))

    held(check(run, usual))


def test_mail_that_nothing_remembers_is_torn_even_if_the_retry_sends_it() -> None:
    usual = baseline(seen(insert(), MAIL), key="header:Idempotency-Key")
    run = record(OK, left=seen(insert()), key="k", retry=OK, after=seen(insert(), MAIL))

    torn(check(run, usual))


def test_mail_in_an_outbox_that_only_the_retry_sends_is_torn() -> None:
    usual = baseline(seen(insert(), MAIL))
    run = record(OK, left=seen(insert(), JOB), retry=OK, after=seen(insert(), JOB, insert(), MAIL))

    torn(check(run, usual))


def test_an_event_that_its_sender_kept_and_that_was_taken_after_heal_is_held() -> None:
    run = record(OK, left=seen(charge()), after=SHOP, redelivered=SHOP)

    held(check(run, baseline()))


def test_an_event_that_changes_nothing_when_it_comes_again_is_torn() -> None:
    run = record(OK, left=seen(charge()), after=seen(charge()), redelivered=seen(charge()))

    torn(check(run, baseline()))


def test_an_event_that_comes_again_in_vain_is_torn_though_a_keyed_retry_makes_it_whole() -> None:
    usual = baseline(SHOP, key="header:Idempotency-Key")
    run = record(OK, left=seen(charge()), key="k", retry=OK, after=SHOP, redelivered=seen(charge()))

    torn(check(run, usual))


def test_an_error_answer_is_not_judged() -> None:
    assert check(record(MAPPED, left=NOTHING), baseline()) is None


def test_a_later_step_that_was_not_reached_is_not_missed() -> None:
    later = StepBaseline("POST /ship", exchange(OK, step="POST /ship"), seen(insert("parcels")))

    held(check(record(OK, left=SHOP), baseline(more=(later,))))


def test_a_later_step_that_failed_may_have_left_nothing() -> None:
    later = StepBaseline("POST /ship", exchange(OK, step="POST /ship"), seen(insert("parcels")))
    run = replace(record(OK, left=SHOP), exchanges=(exchange(OK), exchange(MAPPED, step="POST /ship")))

    held(check(run, baseline(more=(later,))))


def test_of_several_ways_to_miss_something_the_least_is_told() -> None:
    later = StepBaseline("POST /ship", exchange(OK, step="POST /ship"), seen(insert("parcels"), MAIL))
    run = replace(
        record(OK, left=seen(insert("parcels"), MAIL, charge())),
        exchanges=(exchange(OK), exchange(MAPPED, step="POST /ship")),
    )

    assert torn(check(run, baseline(more=(later,)))).evidence["missing_effects"] == []
