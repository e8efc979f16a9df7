"""RS301: life after heal."""

from __future__ import annotations

from ripstop.model.verdict import Severity
from ripstop.oracles.no_recovery import check

from .records import DROPPED, OK, SHOP, baseline, healthy, held, record, torn


def test_a_red_fresh_run_is_torn_and_its_reason_told() -> None:
    run = record(recovery=False, recovery_error="E  assert 500 == 201\nE  +  where 500 = status_code")
    verdict = torn(check(run, baseline()))

    assert verdict.weight is Severity.CRITICAL
    assert "where 500 = status_code" in verdict.summary


def test_a_transaction_left_open_is_torn() -> None:
    verdict = torn(check(record(open_transactions=("UPDATE stock SET password='x'",)), baseline()))

    assert verdict.weight is Severity.HIGH
    assert "1 transaction open" in verdict.summary


def test_a_process_that_never_came_back_is_torn() -> None:
    torn(check(record(DROPPED, died="signal 9"), baseline()))


def test_a_process_that_died_and_serves_again_is_held() -> None:
    held(check(record(DROPPED, died="signal 9", retry=OK, after=SHOP, recovery=True), baseline()))


def test_a_green_fresh_run_is_held() -> None:
    held(check(record(recovery=True), baseline()))


def test_a_record_with_no_reason_to_doubt_is_held() -> None:
    held(check(record(), baseline()))


def test_a_control_is_not_judged() -> None:
    assert check(healthy(), baseline()) is None
