"""RS304: what is locked while a provider thinks."""

from __future__ import annotations

from ripstop.model.trace import Crossing, Kind
from ripstop.model.verdict import Severity, Verdict
from ripstop.oracles.effect_in_transaction import check

from .records import baseline, call, healthy, held, record, statement, torn

LOCK = statement("SELECT stock", kind=Kind.READ, in_transaction=True, text="SELECT * FROM stock FOR UPDATE")
COMMIT = statement("COMMIT", kind=Kind.COMMIT, in_transaction=True)


def run(*trace: Crossing) -> Verdict | None:
    return check(healthy(), baseline(trace=trace))


def test_a_call_beside_uncommitted_writes_is_advice() -> None:
    verdict = torn(run(call(open_writes=("UPDATE stock",))))

    assert verdict.weight is Severity.ADVICE
    assert (verdict.evidence["seam"], verdict.evidence["operation"]) == ("payments", "POST /v1/charges")
    assert "holds UPDATE stock" in verdict.summary


def test_a_call_under_row_locks_is_advice() -> None:
    torn(run(LOCK, call()))


def test_a_call_after_the_commit_is_held() -> None:
    held(run(LOCK, COMMIT, call()))


def test_a_plain_read_in_a_transaction_locks_no_row() -> None:
    held(run(statement("SELECT stock", kind=Kind.READ, in_transaction=True, text="SELECT 1"), call()))


def test_a_lock_outside_a_transaction_is_gone_at_once() -> None:
    held(run(statement("SELECT stock", kind=Kind.READ, text="SELECT 1 FOR UPDATE"), call()))


def test_a_workflow_without_external_calls_is_not_judged() -> None:
    assert run(LOCK, COMMIT) is None


def test_only_controls_are_judged() -> None:
    assert check(record(), baseline(trace=(LOCK, call()))) is None
