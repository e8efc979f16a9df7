"""RS901: a fault that never happened is no evidence of anything."""

from __future__ import annotations

from ripstop.oracles import registry
from ripstop.oracles.not_exercised import RULE

from .records import baseline, record


def test_a_record_whose_fault_did_not_fire_is_not_judged_at_all() -> None:
    assert registry.judge(record(fired=()), baseline()) == ()


def test_the_rule_has_a_page_though_no_check_gives_it() -> None:
    assert RULE in registry.RULES
    assert RULE.code in registry.page("RS901")
