"""RS102: who waits for a hanging seam."""

from __future__ import annotations

import pytest

from ripstop.model.verdict import Severity
from ripstop.oracles.unbounded_wait import check

from .records import DROPPED, MAPPED, OK, TIMEOUT, baseline, held, injection, record, torn


@pytest.mark.parametrize("fault", ["hang", "late_reply", "slow"])
def test_no_answer_while_a_provider_hangs_is_torn(fault: str) -> None:
    broken = injection(fault, "payments", "POST /v1/charges")

    assert torn(check(record(TIMEOUT, fault=broken), baseline())).weight is Severity.HIGH


def test_a_hanging_statement_is_torn() -> None:
    assert torn(check(record(TIMEOUT, fault=injection("hang")), baseline())).weight is Severity.HIGH


def test_a_dead_database_network_is_advice_that_names_the_missing_client_timeout() -> None:
    verdict = torn(check(record(TIMEOUT, fault=injection("stall")), baseline()))

    assert verdict.weight is Severity.ADVICE
    assert "timeout in its client" in verdict.summary


def test_a_stall_at_another_seam_is_no_advice() -> None:
    broken = injection("stall", "payments", "POST /v1/charges")

    assert torn(check(record(TIMEOUT, fault=broken), baseline())).weight is Severity.HIGH


@pytest.mark.parametrize("fault", ["hang", "stall"])
def test_a_hang_that_blocks_an_unrelated_request_is_torn(fault: str) -> None:
    verdict = torn(check(record(MAPPED, fault=injection(fault), probe=TIMEOUT), baseline()))

    assert verdict.weight is Severity.HIGH
    assert "unrelated" in verdict.summary


def test_a_hang_that_keeps_an_unrelated_request_waiting_until_it_is_over_is_torn_one_step_below() -> None:
    kept = record(MAPPED, fault=injection("hang"), probe=OK, probe_kept=True)

    verdict = torn(check(kept, baseline()))

    assert verdict.weight is Severity.MEDIUM
    assert "until its own request was over" in verdict.summary


def test_a_missing_answer_goes_before_a_probe_that_was_kept_waiting() -> None:
    late = record(TIMEOUT, fault=injection("hang"), probe=OK, probe_kept=True)

    assert torn(check(late, baseline())).weight is Severity.HIGH


def test_an_error_answer_within_the_budget_is_held() -> None:
    held(check(record(MAPPED, fault=injection("hang"), probe=OK), baseline()))


def test_a_probe_that_is_told_503_was_served() -> None:
    held(check(record(MAPPED, fault=injection("hang"), probe=MAPPED), baseline()))


def test_a_dropped_connection_is_no_wait() -> None:
    held(check(record(DROPPED, fault=injection("hang")), baseline()))


def test_a_service_that_never_gives_up_on_a_reset_is_torn() -> None:
    torn(check(record(TIMEOUT, fault=injection("connection_reset", "payments")), baseline()))


def test_an_answered_reset_is_not_judged() -> None:
    assert check(record(MAPPED), baseline()) is None


def test_the_evidence_says_what_became_of_the_probe() -> None:
    blocked = torn(check(record(MAPPED, fault=injection("hang"), probe=TIMEOUT), baseline()))
    served = torn(check(record(TIMEOUT, fault=injection("hang"), probe=OK), baseline()))

    assert (blocked.evidence["probe"], served.evidence["probe"]) == ("timeout", None)
    assert "while a seam hung" in served.summary
