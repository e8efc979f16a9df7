"""A finding told in a few lines."""

from __future__ import annotations

from dataclasses import replace

from ripstop.model.fault import FaultSpec
from ripstop.model.plan import Injection, Plan
from ripstop.report.story import story

from .made_up import CHARGE, EVIDENCE, finding


def test_a_story_tells_break_answer_state_retry_and_source() -> None:
    assert dict(story(finding()).parts) == {
        "broke": "connection_lost at db: INSERT orders, in POST /orders (also reply_lost)",
        "caller": "500 Internal Server Error",
        "stood": "orders: none inserted instead of 1; payments: 1 charge",
        "retry": '201 {"id": 8}, then orders: 1 inserted; payments: 2 charges instead of 1',
        "source": "shop/orders.py:42  await session.execute(insert(orders))",
    }


def test_nothing_left_is_told_as_nothing() -> None:
    counts = {"expected": 1, "after_call": 0, "after_retry": 1}
    evidence = {**EVIDENCE, "rows": {"insert orders": counts}, "effects": {}}
    told = dict(story(finding(evidence=evidence)).parts)

    assert told["stood"] == "nothing"
    assert told["retry"].endswith("then all as in the baseline")


def test_as_many_rows_of_other_values_are_not_told_as_the_baselines() -> None:
    equal = {"expected": 1, "after_call": 1, "after_retry": 1}
    values = {"after_retry": ["stock: left_over 7 instead of 8"]}
    evidence = {**EVIDENCE, "rows": {"update stock": equal}, "effects": {}, "values": values}

    told = dict(story(finding(evidence=evidence)).parts)
    assert told["retry"].endswith("then as many as in the baseline, but stock: left_over 7 instead of 8")
    assert told["stood"] == "all as in the baseline"


def test_no_answer_is_told_in_words() -> None:
    evidence = {**EVIDENCE, "answer": {"status": None, "failure": "timeout"}}

    assert dict(story(finding(evidence=evidence)).parts)["caller"] == "no answer within the budget"


def test_a_service_that_died_or_stayed_down_is_told() -> None:
    told = dict(story(finding(evidence={"died": "signal 11", "recovery": False})).parts)

    assert told["after"] == "the service died: signal 11; a fresh run without faults failed"


def test_a_finding_of_the_baseline_broke_nothing() -> None:
    told = dict(story(replace(finding(), plan=Plan(), faults=())).parts)

    assert told["broke"].startswith("nothing: seen in the baseline at POST /orders > db")
    assert "caller" not in told


def test_many_faults_are_counted_rather_than_listed() -> None:
    names = tuple(f"fault_{n}" for n in range(12))

    assert dict(story(finding(faults=names)).parts)["broke"].endswith("fault_6 and 5 more)")


def test_secrets_are_masked() -> None:
    evidence = {"answer": {"status": 500, "body": "postgresql://shop:hunter2@db/shop"}}
    told = story(replace(finding(evidence=evidence), title="password=hunter2 in the body"))

    assert "hunter2" not in f"{told}"


def test_a_long_body_is_cut_and_says_so() -> None:
    told = dict(story(finding(evidence={"answer": {"status": 500, "body": "x" * 500}})).parts)

    assert told["caller"] == f"500 {'x' * 89}…"


def test_what_broke_before_is_told_where_it_takes_two_faults() -> None:
    one = finding()
    declined = Injection(CHARGE, FaultSpec.of("declined"), tries=0)
    two = replace(one, plan=Plan((declined, *one.plan.injections)))

    assert dict(story(two).parts)["broke"] == (
        "connection_lost at db: INSERT orders, in POST /orders, "
        "after declined at payments: POST /v1/charges, every try (also reply_lost)"
    )


def test_a_single_fault_has_no_others() -> None:
    assert "also" not in dict(story(finding(faults=("hang",))).parts)["broke"]
