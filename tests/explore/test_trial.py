"""A trial sees when the service remembers earlier runs, and gives a breaker the time to close."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ripstop.explore.baseline import take
from ripstop.explore.findings import Findings
from ripstop.explore.options import Options
from ripstop.explore.trial import ADDS_UP, Trial
from ripstop.model.experiment import CallOutcome, Experiment
from ripstop.model.fault import FaultSpec
from ripstop.model.plan import Injection, Plan
from ripstop.model.state import Observation
from ripstop.model.verdict import Status

from .shop import TRACE, Shop, answered, green, refused

CONTROL = Plan()
PLAN = Plan((Injection(TRACE[0].id, FaultSpec.of("status", code=503)),))


def open_breaker(plan: Plan = CONTROL) -> Experiment:
    """The service answers by itself and calls nobody."""
    return replace(
        refused(plan),
        plan=plan,
        trace=(),
        fired=(),
        call=CallOutcome(passed=False, error="assert 503 == 201"),
    )


def trial(shop: Shop, *, recovery_s: float = 3.0) -> Trial:
    baseline, _ = take(Shop(), Options())
    return Trial(shop, baseline, recovery_s=recovery_s)


def test_a_service_that_no_longer_calls_out_is_started_anew_and_the_fault_tried_again() -> None:
    shop = Shop(
        lambda plan, nth: refused(plan) if nth else open_breaker(plan), controls=[open_breaker(), green()]
    )

    outcome = trial(shop).of(PLAN, Findings("n"))

    assert (outcome.fired, shop.restarts) == (True, 1)
    assert "no longer" in shop.reasons[0] or "where the baseline has" in shop.reasons[0]


def test_a_fault_that_cannot_act_in_a_service_that_repeats_costs_no_restart() -> None:
    shop = Shop(lambda plan, _: replace(refused(plan), fired=()))

    outcome = trial(shop).of(PLAN, Findings("n"))

    assert (outcome.fired, shop.restarts) == (False, 0)


def failed_retry(plan: Plan) -> Experiment:
    return replace(refused(plan), retry=replace(answered(503), phase="retry"))


def test_a_breaker_that_closes_in_time_has_recovered() -> None:
    shop = Shop(lambda plan, _: failed_retry(plan), controls=[open_breaker(), open_breaker(), green()])

    assert trial(shop).of(PLAN, Findings("n")).experiment.recovery is True


def test_a_service_that_stays_broken_has_not() -> None:
    shop = Shop(lambda plan, _: failed_retry(plan), controls=[open_breaker()])

    outcome = trial(shop, recovery_s=0.01).of(PLAN, Findings("n"))

    assert outcome.experiment.recovery is False
    assert "RS301" in {v.rule.code for v in outcome.torn}


def limited(plan: Plan) -> Experiment:
    """A rate limit kept in memory: the retry is told 429, and nothing was done."""
    return replace(refused(plan), retry=replace(answered(429), phase="retry"), after_retry=Observation())


def test_what_an_earlier_run_left_in_memory_is_not_blamed_on_a_fault() -> None:
    shop = Shop(
        lambda plan, nth: refused(plan) if nth else limited(plan), controls=[open_breaker(), green(), green()]
    )

    outcome = trial(shop, recovery_s=0.01).of(PLAN, Findings("n"))

    assert (outcome.torn, outcome.unstable, outcome.status) == ((), (), Status.HELD)
    assert any("without faults failed" in why for why in shop.reasons)


def test_what_tears_on_a_fresh_service_too_is_torn() -> None:
    shop = Shop(lambda plan, _: limited(plan), controls=[open_breaker(), green()])

    assert trial(shop, recovery_s=0.01).of(PLAN, Findings("n")).torn


class Leaking(Shop):
    """A service that loses one of its ``pool`` connections with each failure, until it is started anew."""

    pool: int = 2
    left: int = 2

    def run(self, plan: Plan, *, learn: bool = False, repeat: bool = True) -> Experiment:
        if not plan.injections:
            return green() if self.left else open_breaker()
        self.left = max(0, self.left - 1)
        return refused(plan) if self.left else failed_retry(plan)

    def restart(self, why: str = "") -> None:
        super().restart(why)
        self.left = self.pool


def leaking(pool: int) -> Leaking:
    shop = Leaking()
    shop.pool = shop.left = pool
    return shop


@pytest.mark.parametrize("pool", [2, 5])
def test_a_failure_that_costs_one_connection_each_time_is_torn_when_the_pool_is_dry(pool: int) -> None:
    shop, findings = leaking(pool), Findings("n")
    mine = trial(shop, recovery_s=0.01)

    outcomes = [mine.of(PLAN, findings) for _ in range(pool)]

    assert [outcome.torn for outcome in outcomes[:-1]] == [()] * (pool - 1)
    (verdict,) = outcomes[-1].torn
    assert verdict.rule.code == "RS301"
    assert f"it took {pool} such failures" in verdict.summary


def test_a_replay_of_a_failure_that_adds_up_repeats_it_until_the_service_gives_way() -> None:
    baseline, _ = take(Shop(), Options())

    outcome = Trial(leaking(3), baseline, recovery_s=0.01, adds_up=True).of(PLAN, Findings("n"))

    assert [verdict.evidence[ADDS_UP] for verdict in outcome.torn] == [3]
    assert outcome.experiment.recovery is False


class Tired(Leaking):
    """A service that falls ill once, and is well for ever when it is started anew."""

    def restart(self, why: str = "") -> None:
        super().restart(why)
        self.left = 1_000 if self.restarts > 1 else self.pool


def test_a_death_after_many_failures_that_a_fresh_service_does_not_die_is_not_told() -> None:
    shop = Tired()
    shop.pool = shop.left = 5
    mine = trial(shop, recovery_s=0.01)

    outcomes = [mine.of(PLAN, Findings("n")) for _ in range(5)]

    assert [outcome.torn for outcome in outcomes] == [()] * 5
    assert shop.restarts == 2


def test_a_failure_that_is_borne_for_long_is_not_repeated_further(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ripstop.explore.trial._WEARS_S", 0.0)
    baseline, _ = take(Shop(), Options())

    outcome = Trial(leaking(5), baseline, recovery_s=0.01, adds_up=True).of(PLAN, Findings("n"))

    assert outcome.torn == ()


class Limiting(Leaking):
    """A service that serves so many requests, broken or not, until it is started anew."""

    def run(self, plan: Plan, *, learn: bool = False, repeat: bool = True) -> Experiment:
        self.left = max(0, self.left - 1)
        if not plan.injections:
            return green() if self.left else open_breaker()
        return refused(plan) if self.left else failed_retry(plan)


def test_a_rate_limit_that_many_runs_without_faults_meet_as_well_is_not_blamed_on_one() -> None:
    shop = Limiting()
    shop.pool = shop.left = 6
    mine = trial(shop, recovery_s=0.01)

    outcomes = [mine.of(PLAN, Findings("n")) for _ in range(7)]

    assert {outcome.torn for outcome in outcomes} == {()}
    assert shop.restarts > 0


def test_a_service_that_stayed_dead_once_is_not_waited_for_as_long_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ripstop.explore.trial._KNOWN_DEAD_S", 0.0)
    shop = Shop(lambda plan, _: failed_retry(plan), controls=[open_breaker()])
    mine, counts = trial(shop, recovery_s=0.7), []
    for _ in range(2):
        before = len(shop.plans)
        assert mine.of(PLAN, Findings("n")).experiment.recovery is False
        counts.append(len(shop.plans) - before)

    assert counts[1] == counts[0] - 3
