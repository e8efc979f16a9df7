"""RS601: what a crash loses or doubles."""

from __future__ import annotations

import pytest

from ripstop.model.plan import Injection
from ripstop.model.verdict import Severity
from ripstop.oracles import registry
from ripstop.oracles.crash import check

from .records import (
    DROPPED,
    MAPPED,
    OK,
    SHOP,
    baseline,
    charge,
    held,
    injection,
    insert,
    record,
    seen,
    torn,
)

KILLED = injection("killed", operation="COMMIT", when="after")


@pytest.mark.parametrize("fault", [KILLED, injection("terminated"), injection("paused", operation="COMMIT")])
def test_two_charges_after_the_restart_are_torn_and_say_which_rule_saw_them(fault: Injection) -> None:
    run = record(DROPPED, left=SHOP, retry=OK, after=seen(insert(), charge("k1"), charge("k2")), fault=fault)
    verdict = torn(check(run, baseline(key="body:item")))

    assert (verdict.rule.code, verdict.evidence["as"]) == ("RS601", "RS204")
    assert verdict.summary.startswith(f"after the process was {fault.fault.name}: 2 charge")
    assert verdict.weight is Severity.CRITICAL


def test_a_second_order_weighs_as_the_rule_that_saw_it() -> None:
    run = record(
        DROPPED, left=SHOP, retry=OK, after=seen(insert(id="1"), insert(id="2"), charge()), fault=KILLED
    )

    assert torn(check(run, baseline())).weight is Severity.MEDIUM


def test_a_charge_that_never_gets_its_order_is_torn() -> None:
    run = record(DROPPED, left=seen(charge()), retry=MAPPED, after=seen(charge()), fault=KILLED)

    assert torn(check(run, baseline())).evidence["as"] == "RS203"


def test_one_request_that_ends_as_one_is_held() -> None:
    held(check(record(DROPPED, left=seen(charge()), retry=OK, after=SHOP, fault=KILLED), baseline()))


def test_a_record_without_a_strike_is_none_of_its_business() -> None:
    assert check(record(DROPPED, left=SHOP, retry=OK, after=SHOP), baseline()) is None


def test_how_a_struck_process_answered_is_not_judged() -> None:
    run = record(DROPPED, left=seen(charge()), retry=OK, after=SHOP, fault=KILLED)

    assert [v.rule.code for v in registry.judge(run, baseline())] == ["RS301", "RS601"]
