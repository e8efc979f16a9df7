"""RS204: charged twice."""

from __future__ import annotations

from ripstop.model.state import Effect
from ripstop.model.verdict import Severity
from ripstop.oracles.duplicate_effect import check

from .records import (
    BARE,
    MAPPED,
    NOTHING,
    OK,
    SHOP,
    TIMEOUT,
    baseline,
    charge,
    exchange,
    held,
    injection,
    insert,
    record,
    refund,
    seen,
    torn,
)

KEY = "header:Idempotency-Key"
TWICE = seen(charge(), insert(), charge("k2"))


def test_a_retry_that_charges_again_under_its_key_is_critical() -> None:
    run = record(BARE, left=seen(charge()), key="k", retry=OK, after=TWICE)
    verdict = torn(check(run, baseline(key=KEY)))

    assert verdict.weight is Severity.CRITICAL
    assert "2 charges at payments where the baseline has 1" in verdict.summary


def test_without_a_key_it_weighs_one_step_less_and_says_so() -> None:
    verdict = torn(check(record(TIMEOUT, left=seen(charge()), retry=OK, after=TWICE), baseline()))

    assert verdict.weight is Severity.HIGH
    assert "no declared idempotency key" in verdict.summary


def test_two_charges_and_one_order_behind_a_success_are_critical() -> None:
    broken = injection("reply_lost", "payments", "POST /v1/charges")
    verdict = torn(check(record(OK, left=TWICE, fault=broken), baseline()))

    assert verdict.weight is Severity.CRITICAL


def test_a_second_charge_of_another_amount_is_a_second_charge() -> None:
    after = seen(charge(), insert(), charge("k2", amount=4300))

    torn(check(record(BARE, left=seen(charge()), retry=OK, after=after), baseline()))


def test_repeating_a_success_without_a_key_is_a_second_order() -> None:
    run = record(OK, left=SHOP, retry=OK, after=seen(*SHOP.changes, charge(), *SHOP.changes, charge()))

    held(check(run, baseline()))


def test_repeating_a_success_under_its_key_must_not_charge() -> None:
    run = record(OK, left=SHOP, key="k", retry=OK, after=TWICE)

    torn(check(run, baseline(key=KEY)))


def test_a_first_charge_that_was_refunded_does_not_count() -> None:
    after = seen(charge(), refund(), insert(), charge("k2"))

    held(check(record(MAPPED, left=seen(charge(), refund()), retry=OK, after=after), baseline()))


def test_one_charge_after_a_retry_is_held() -> None:
    held(check(record(BARE, left=seen(charge()), retry=OK, after=SHOP), baseline()))


def test_another_mail_is_not_the_same_mail() -> None:
    def mail(subject: str) -> Effect:
        return Effect("mail", "mail", None, {"to": "a@b.example", "subject": subject})

    usual = baseline(seen(insert(), mail("Thank you")))
    after = seen(mail("Your payment failed"), insert(), mail("Thank you"))

    held(check(record(MAPPED, left=seen(mail("Your payment failed")), retry=OK, after=after), usual))


def test_a_charge_of_another_amount_in_place_of_the_usual_one_is_no_second_charge() -> None:
    held(check(record(OK, left=seen(insert(), charge(amount=1))), baseline()))


def test_a_workflow_without_effects_is_not_judged() -> None:
    assert check(record(MAPPED, left=NOTHING), baseline(seen(insert()))) is None


def test_a_request_the_baseline_never_saw_is_not_judged() -> None:
    sent = (exchange(BARE), exchange(OK, step="POST /fallback"))

    assert check(record(exchanges=sent, retry=OK, after=TWICE), baseline()) is None


def test_every_further_charge_is_counted() -> None:
    after = seen(insert(), charge(), charge("k2"), charge("k3"))
    verdict = torn(check(record(BARE, left=seen(charge()), retry=OK, after=after), baseline()))

    assert "3 charges at payments where the baseline has 1" in verdict.summary
    assert verdict.evidence["extra"][0]["times"] == 2


def test_several_charges_in_place_of_one_count_but_for_that_one() -> None:
    after = seen(insert(), charge(amount=1), charge(amount=1))
    verdict = torn(check(record(OK, left=after), baseline()))

    assert verdict.evidence["extra"][0]["times"] == 1


WELCOME = Effect("mail", "mail", None, {"to": ["a@x.example"], "subject": "Welcome"})


def test_a_second_mail_after_the_callers_retry_is_advice_and_one_without_it_is_torn() -> None:
    usual = baseline(seen(insert(), WELCOME))
    twice = seen(insert(), WELCOME, WELCOME)

    after = torn(check(record(BARE, left=seen(WELCOME), retry=OK, after=twice), usual))
    at_once = torn(check(record(OK, left=twice), usual))

    assert (after.weight, at_once.weight) == (Severity.ADVICE, Severity.CRITICAL)
