"""RS206: whether "try again" is true."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ripstop.model.experiment import Experiment
from ripstop.model.http import Answer, Request
from ripstop.model.verdict import Severity
from ripstop.oracles.no_convergence import check

from .records import (
    BARE,
    MAPPED,
    NOTHING,
    OK,
    SHOP,
    TIMEOUT,
    answer,
    baseline,
    charge,
    exchange,
    held,
    injection,
    insert,
    record,
    seen,
    torn,
)

KEY = "body:item"
DEPARTED = answer(None, failure="departed")
CONFLICT = answer(409, {"error": "exists"})
DECLINED = answer(402, {"error": "card_declined"})
DECLINE = injection("declined", "payments", "POST /v1/charges")


def test_a_retry_that_fails_after_heal_is_torn() -> None:
    verdict = torn(check(record(MAPPED, retry=BARE, after=NOTHING), baseline()))

    assert "got 500 after heal" in verdict.summary


def test_a_retry_with_no_answer_is_torn() -> None:
    torn(check(record(MAPPED, retry=TIMEOUT, after=NOTHING), baseline()))


def test_a_success_with_another_state_is_torn() -> None:
    verdict = torn(
        check(record(MAPPED, retry=OK, after=seen(insert(status="pending"), charge())), baseline())
    )

    (missing,), (extra,) = verdict.evidence["missing_rows"], verdict.evidence["extra_rows"]
    assert (missing["new"]["status"], extra["new"]["status"]) == ("paid", "pending")
    assert verdict.evidence["missing_effects"] == verdict.evidence["extra_effects"] == []


def test_a_retry_that_ends_like_the_baseline_is_held() -> None:
    held(check(record(MAPPED, retry=OK, after=SHOP), baseline()))


def test_200_in_place_of_201_with_the_whole_state_is_held() -> None:
    held(check(record(BARE, left=SHOP, retry=answer(200, {"id": 7}), after=SHOP), baseline()))


def test_a_conflict_for_the_repetition_of_a_success_is_held() -> None:
    held(check(record(OK, left=SHOP, retry=CONFLICT, after=SHOP), baseline(key=KEY)))


def test_a_conflict_for_what_was_committed_unseen_is_advice_without_a_key() -> None:
    run = record(BARE, left=SHOP, retry=CONFLICT, after=SHOP)

    assert torn(check(run, baseline())).weight is Severity.ADVICE


def test_a_conflict_for_what_was_committed_unseen_is_torn_with_a_key() -> None:
    run = record(BARE, left=SHOP, retry=CONFLICT, after=SHOP)

    assert torn(check(run, baseline(key=KEY))).weight is Severity.HIGH


def test_a_conflict_with_leftovers_is_torn() -> None:
    left = seen(insert(status="pending"))

    assert (
        torn(check(record(MAPPED, left=left, retry=CONFLICT, after=left), baseline())).weight is Severity.HIGH
    )


def test_repeating_a_success_without_a_key_is_not_judged() -> None:
    assert check(record(OK, left=SHOP, retry=OK, after=seen(insert(), insert())), baseline()) is None


def test_no_retry_is_not_judged() -> None:
    assert check(record(MAPPED), baseline()) is None


def test_a_workflow_that_ends_in_404_converges_to_404() -> None:
    gone = answer(404, {"error": "none"})

    held(check(record(MAPPED, retry=gone, after=NOTHING), baseline(NOTHING, got=gone)))


def test_a_request_the_baseline_never_saw_is_not_judged() -> None:
    sent = (exchange(BARE), exchange(OK, step="POST /fallback"))

    assert check(record(exchanges=sent, retry=OK, after=NOTHING), baseline()) is None


def test_missing_and_extra_effects_are_told_apart() -> None:
    verdict = torn(check(record(MAPPED, retry=OK, after=seen(insert(), charge(amount=1))), baseline()))

    (missing,), (extra,) = verdict.evidence["missing_effects"], verdict.evidence["extra_effects"]
    assert (missing["data"]["amount"], extra["data"]["amount"]) == ("4200", "1")


def test_the_summary_says_whether_the_state_is_whole() -> None:
    whole = torn(check(record(BARE, left=SHOP, retry=BARE, after=SHOP), baseline()))
    broken = torn(check(record(BARE, retry=BARE, after=NOTHING), baseline()))

    assert "though all of it stands" in whole.summary
    assert "not the baseline's" in broken.summary


def test_the_evidence_says_whether_the_answer_was_the_baselines() -> None:
    left = seen(insert(status="pending"), charge())
    same = torn(check(record(MAPPED, retry=answer(201, {"id": 9, "status": "paid"}), after=left), baseline()))
    other = torn(check(record(MAPPED, retry=answer(201, {"id": 9, "status": "new"}), after=left), baseline()))

    assert (same.evidence["same_answer"], other.evidence["same_answer"]) == (True, False)


@pytest.mark.parametrize("status", [404, 410])
def test_what_was_deleted_may_be_gone_for_the_retry_where_all_of_it_stands(status: int) -> None:
    def again(method: str) -> Experiment:
        run = record(DEPARTED, left=SHOP, retry=answer(status), after=SHOP)
        assert run.retry is not None
        return replace(run, retry=replace(run.retry, request=Request(method, "/orders/7")))

    held(check(again("DELETE"), baseline()))
    torn(check(again("POST"), baseline()))


@pytest.mark.parametrize("first", [DECLINED, MAPPED, TIMEOUT])
def test_a_decline_may_stay_the_answer_to_its_key(first: Answer) -> None:
    run = record(first, retry=DECLINED, after=NOTHING, fault=DECLINE)

    assert "stays refused (402)" in held(check(run, baseline(key=KEY))).summary


def test_a_decline_is_no_reason_to_refuse_what_has_no_key() -> None:
    torn(check(record(DECLINED, retry=DECLINED, after=NOTHING, fault=DECLINE), baseline()))


def test_a_decline_that_left_something_behind_does_not_converge() -> None:
    left = seen(insert(status="pending"))

    torn(check(record(DECLINED, left=left, retry=DECLINED, after=left, fault=DECLINE), baseline(key=KEY)))


@pytest.mark.parametrize("again", [CONFLICT, MAPPED, BARE])
def test_a_retry_after_a_decline_is_told_the_same_or_works(again: Answer) -> None:
    torn(check(record(DECLINED, retry=again, after=NOTHING, fault=DECLINE), baseline(key=KEY)))


def test_a_conflict_that_stays_the_answer_does_not_converge() -> None:
    torn(check(record(CONFLICT, retry=CONFLICT, after=NOTHING, fault=DECLINE), baseline(key=KEY)))


def test_only_a_decline_is_final() -> None:
    torn(check(record(DECLINED, retry=DECLINED, after=NOTHING), baseline(key=KEY)))
