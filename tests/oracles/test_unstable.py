"""RS902: what cannot be judged is neither held nor torn."""

from __future__ import annotations

from ripstop.model.verdict import Status
from ripstop.oracles import registry
from ripstop.oracles.unstable import RULE

from .records import baseline, record


def test_a_dirty_record_gets_one_unknown_verdict_under_this_rule() -> None:
    (verdict,) = registry.judge(record(dirty="backend 7 would not end"), baseline())

    assert (verdict.rule, verdict.status) == (RULE, Status.UNKNOWN)
    assert "backend 7 would not end" in verdict.summary
