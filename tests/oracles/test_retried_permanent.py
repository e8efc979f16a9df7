"""RS303: asking again after a no."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ripstop.model.trace import Crossing, Phase
from ripstop.model.verdict import Verdict
from ripstop.oracles.retried_permanent import check

from .records import MAPPED, NOTHING, baseline, call, held, injection, record, torn

DECLINED = injection("declined", "payments", "POST /v1/charges")


def run(*trace: Crossing, usual: tuple[Crossing, ...] | None = None) -> Verdict | None:
    return check(record(MAPPED, trace=trace, fault=DECLINED), baseline(**({"trace": usual} if usual else {})))


def test_a_decline_sent_again_is_torn() -> None:
    verdict = torn(run(call(outcome="status:402", fault="declined"), call(2, at_ms=50)))

    assert "sent once more after a decline (402)" in verdict.summary


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422])
def test_a_4xx_sent_again_is_torn(status: int) -> None:
    torn(run(call(outcome=f"status:{status}"), call(2, at_ms=50)))


@pytest.mark.parametrize("outcome", ["status:408", "status:425", "status:429", "status:503", "cut"])
def test_what_may_pass_is_not_judged(outcome: str) -> None:
    assert run(call(outcome=outcome), call(2, at_ms=50)) is None


@pytest.mark.parametrize("fault", ["late_reply(delay_ms=1200)", "reply_lost", "truncated"])
def test_a_refusal_that_never_reached_the_service_may_be_asked_for_again(fault: str) -> None:
    assert run(call(outcome="status:404", fault=fault), call(2, at_ms=50)) is None


def after_heal(fault: str, status: int) -> Verdict | None:
    """A worker that asks again once the faults are off."""
    return run(call(outcome=f"status:{status}", fault=fault), call(2, at_ms=900, phase=Phase.RECOVERY))


@pytest.mark.parametrize("status", [401, 404])
def test_a_refusal_that_was_mended_since_may_be_asked_for_again(status: int) -> None:
    held(after_heal(f"status(code={status})", status))


def test_what_a_redelivered_event_sends_is_our_doing() -> None:
    again = call(2, at_ms=900, phase=Phase.RECOVERY)
    told = record(MAPPED, trace=(call(outcome="status:402"), again), fault=DECLINED)

    held(check(replace(told, redelivered=NOTHING), baseline()))


@pytest.mark.parametrize("fault", ["declined", ""])
def test_a_decline_and_a_refusal_of_the_double_s_own_stand_after_heal(fault: str) -> None:
    torn(after_heal(fault, 402))


def test_a_decline_that_ends_it_is_held() -> None:
    held(run(call(outcome="status:402")))


def test_a_decline_after_a_retried_reset_is_held() -> None:
    held(run(call(outcome="cut"), call(2, at_ms=50, outcome="status:402")))


def test_the_next_item_of_a_loop_is_no_retry() -> None:
    usual = (call(), call(2, at_ms=9))

    held(run(call(outcome="status:402"), call(2, at_ms=9), usual=usual))


def test_a_401_followed_by_a_fresh_token_is_held() -> None:
    token = call(1, "POST /oauth/token", at_ms=20)

    held(run(call(outcome="status:401"), token, call(2, at_ms=50)))


def test_another_operation_after_a_decline_is_held() -> None:
    held(run(call(outcome="status:402"), call(1, "POST /v1/alerts", at_ms=20)))


def test_a_decline_told_with_status_200_counts_as_one() -> None:
    torn(run(call(outcome="status:200", fault="declined"), call(2, at_ms=50)))


def test_every_further_attempt_is_counted() -> None:
    trace = (call(outcome="cut"), *(call(n, at_ms=50.0 * n, outcome="status:402") for n in (2, 3, 4)))

    assert "sent 2 times more" in torn(run(*trace)).summary


def test_a_refusal_that_came_last_is_held_however_often_it_was_tried() -> None:
    held(run(call(outcome="cut"), call(2, at_ms=50, outcome="cut"), call(3, at_ms=90, outcome="status:402")))
