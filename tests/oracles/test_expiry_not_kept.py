"""RS503: what has expired is honoured, and a wrong value in its place is not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ripstop.model.experiment import Experiment
from ripstop.model.http import Answer
from ripstop.model.verdict import Severity, Status
from ripstop.oracles.expiry_not_kept import LEEWAY_S, check, honoured
from ripstop.oracles.registry import judge

from .records import BARE, NOTHING, answer, baseline, exchange, held, injection, insert, record, seen, torn

USUAL = answer(200, {"name": "ann"})
NO = answer(401, {"error": "expired"})
READS = baseline(NOTHING, got=USUAL)
PLACE = "POST /login /expires_at"


def late(got: Answer, control: Answer | None = NO, late_s: int = LEEWAY_S, **fields: object) -> Experiment:
    fault = injection("after_expiry", "clock", "GET /me", of=PLACE, late_s=late_s)
    run = record(got, fault=fault, credential=PLACE, **fields)  # type: ignore[arg-type]
    return replace(run, spoilt=exchange(control)) if control else run


def test_what_is_honoured_ten_minutes_late_is_torn_with_the_place_of_its_expiry() -> None:
    verdict = torn(check(late(USUAL), READS))

    assert verdict.weight is Severity.HIGH
    assert "answered 200 to what had expired 600 s before" in verdict.summary
    assert verdict.evidence["expiry"] == PLACE


@pytest.mark.parametrize(
    "run",
    [
        late(NO, None),
        late(USUAL, control=USUAL),
        late(answer(302), None),
        late(USUAL, late_s=1),
        late(BARE, None),
    ],
    ids=["refused", "open to anybody", "led to the login", "within a leeway", "broken"],
)
def test_anything_else_is_no_honouring(run: Experiment) -> None:
    held(check(run, READS))


def test_a_redirect_to_another_place_is_not_as_ever() -> None:
    there, login = Answer(302, (("location", "/home"),)), Answer(302, (("location", "/login"),))
    usual = baseline(NOTHING, got=there)

    assert honoured(late(there, control=login), usual)
    assert not honoured(late(login, control=login), usual)


def test_a_request_that_shows_nothing_of_it_is_not_judged() -> None:
    assert check(replace(late(USUAL), credential=""), READS) is None


def test_refused_before_its_time_is_advice() -> None:
    fault = injection("before_expiry", "clock", "GET /me", of=PLACE, early_s=1)

    assert torn(check(record(NO, fault=fault, credential=PLACE), READS)).weight is Severity.ADVICE
    held(check(record(USUAL, fault=fault, credential=PLACE), READS))
    held(check(record(answer(409, {}), fault=fault, credential=PLACE), READS))


def test_in_another_time_what_is_refused_or_left_is_not_judged_by_the_baseline() -> None:
    fault = injection("next_day", "clock", "POST /orders")
    refused = record(answer(409, {"error": "closed"}), left=seen(insert("notes")), fault=fault)

    assert [v.rule.code for v in judge(refused, baseline()) if v.status is Status.TORN] == []
    broken = record(BARE, fault=fault)
    assert [v.rule.code for v in judge(broken, baseline()) if v.status is Status.TORN] == ["RS101"]
