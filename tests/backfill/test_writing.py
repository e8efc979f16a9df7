"""From an exploration's outcome to a file: what its tests do and assert, and what is told beside it."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import pytest

from ripstop.backfill import writing
from ripstop.backfill.checklist import lines
from ripstop.backfill.proving import ASSERTION, PASSED, Case, Result, Run
from ripstop.backfill.writing import Material, Written
from ripstop.model.events import WorkflowDone
from ripstop.model.fault import FaultSpec
from ripstop.model.plan import Injection
from ripstop.model.state import Observation
from ripstop.model.trace import CrossingId, Kind
from ripstop.model.verdict import Severity

from .shop import (
    CHARGE,
    NOTHING,
    OK,
    PAID,
    RESET,
    STEP,
    TRACE,
    answer,
    baseline,
    crossing,
    done,
    finding,
    held,
    injection,
    order,
    request,
)


def honest(_: Mapping[str, str]) -> Run:
    """Runs nothing: pins pass armed and fail disarmed, findings fail."""

    def run(texts: Mapping[str, str], disarmed: bool, reverse: bool) -> Mapping[Case, Result]:
        found = {}
        for stem, text in texts.items():
            compile(text, stem, "exec")
            for test in ast.parse(text).body:
                name = getattr(test, "name", "")
                torn = "writes_one" in name or "_in_time" in name
                word = ASSERTION if torn or disarmed else PASSED
                found |= {(stem, name, index): Result(word) for index in range(10) if name}
        return found

    return run


def written(outcome: WorkflowDone, *, red: bool = False, existing: str = "") -> Written:
    material = Material("test_place_order", outcome, (), existing)
    return writing.backfill([material], honest, str, red=red)[0]


def test_a_pin_breaks_the_request_asserts_the_state_and_repeats_it() -> None:
    text = written(done(held=(held(),))).text

    assert (
        '    with seams.db.inject(faults.connection_lost(), at="INSERT orders"):\n        response = ' in text
    )
    assert "    assert response.status_code == 503\n" in text
    assert '    assert response.json() == {"error": "order_persist_failed", "retryable": True}' in text
    assert "    assert seams.db.changes == []\n" in text
    assert '    retry = service.post("/orders", json=order)\n    assert retry.status_code == 201' in text
    assert '    assert len(seams.db.rows("orders", user_id="u-1", status="paid")) == 1' in text
    assert '    assert seams.payments.effects("charge") == 1' in text


def test_faults_with_the_same_outcome_share_a_test_and_others_do_not() -> None:
    same = held(injection(RESET))
    other = held(injection(FaultSpec("reply_lost")), answer(500, {"error": "other"}))
    text = written(done(held=(held(), same, other))).text

    assert "('fault', [faults.connection_lost(), faults.connection_reset()], ids=str)" in ast.unparse(
        ast.parse(text)
    )
    assert text.count("\ndef test_") == 2


def test_a_masked_fault_is_pinned_by_the_attempts_it_took() -> None:
    twice = (*TRACE, crossing("db", "INSERT orders", Kind.WRITE, nth=2))
    run = held(got=OK, trace=twice, after_call=Observation((PAID,), (CHARGE,)), retry=None, after_retry=None)
    text = written(done(held=(run,))).text

    assert "as broken:" in text
    assert "assert broken.attempts == 2" in text
    assert "succeeds_at_try_2" in text


def test_a_fault_that_nothing_tells_from_a_plain_run_is_not_pinned_and_the_reason_is_told() -> None:
    run = held(got=OK, after_call=Observation((PAID,), (CHARGE,)), retry=None, after_retry=None)
    result = written(done(held=(run,)))

    assert not result.text
    assert "no test could tell" in result.dropped[0].reason


def test_volatile_fields_and_secret_columns_are_left_out() -> None:
    text = written(done(held=(held(got=answer(503, {"error": "x", "id": "1f0e2b441f0e2b44"})),))).text

    assert '    assert response.json()["error"] == "x"' in text
    assert "1f0e2b44" not in text
    assert "password" not in text


def test_a_finding_is_a_strict_xfail_that_names_its_code_and_replay() -> None:
    text = written(done(findings=(finding(extra_rows={"orders": 1}),))).text
    test = next(node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef))
    mark = ast.unparse(test.decorator_list[0])

    assert mark.startswith("pytest.mark.xfail(strict=True, reason='RS205 a-rule: 2 rows in orders")
    assert "; replay " in mark
    assert test.name == "test_place_order_writes_one_order_when_the_commit_loses_its_reply_after_the_charge"
    assert "assert len(seams.db.rows('orders', user_id='u-1', status='paid')) == 1" in ast.unparse(test)


def test_a_red_finding_carries_no_mark() -> None:
    assert "xfail" not in written(done(findings=(finding(),)), red=True).text


CODES = ["RS101", "RS102", "RS103", "RS104", "RS201", "RS202", "RS203", "RS204", "RS205", "RS206", "RS301"]
CODES += ["RS302", "RS303", "RS999"]
EVIDENCE: dict[str, Any] = {
    "answer": {"status": 404},
    "leaks": {"driver text": "psycopg.Error 'x'"},
    "missing_effects": [{"seam": "payments"}],
    "attempts": 9,
    "baseline": 1,
    "operation": "POST /v1/charges",
}


@pytest.mark.parametrize("code", CODES)
def test_every_code_has_a_test_of_the_wanted_behaviour(code: str) -> None:
    where = injection(FaultSpec("status", (("code", 500),)), seam="payments", at="POST /v1/charges", tries=0)
    draft = writing._draft(Material("f", done(findings=(finding(code, where=where, **EVIDENCE),))))
    source = writing._trial(draft, writing._items(draft), disarmed=False)
    test = next(node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef))

    assert any(isinstance(node, ast.Assert) for node in ast.walk(test))
    assert "at='POST /v1/charges', tries=0" in ast.unparse(test)


@pytest.mark.parametrize("code", ["RS304", "RS902"])
def test_advice_and_what_did_not_repeat_get_no_test(code: str) -> None:
    assert not written(done(findings=(finding(code, severity=Severity.ADVICE),))).text


def test_a_repeated_request_is_proven_by_a_second_one_of_its_own() -> None:
    where = Injection(CrossingId(STEP, "client", STEP), FaultSpec("repeated_request"))
    draft = writing._draft(
        Material("f", done(held=(held(where, OK, after_call=Observation((PAID,), (CHARGE,))),)))
    )
    armed, disarmed = (writing._trial(draft, writing._items(draft), off) for off in (False, True))

    assert "inject" not in armed
    assert armed.count("order = {") == 1
    assert disarmed.count("order = {") == 2


def test_the_checklist_tells_all_seven_rows() -> None:
    result = written(done(held=(held(),), findings=(finding(),)))
    told = "\n".join(lines(result.workflow, result.told))

    assert [(row.row, row.mark) for row in result.told] == [
        ("happy path", "pinned"),
        ("dependency refuses", "absent"),
        ("dependency times out", "absent"),
        ("write fails after the effect", "torn"),
        ("repeated request", "torn"),
        ("broken request refused", "absent"),
        ("wrong caller refused", "absent"),
    ]
    assert "it calls nothing that could refuse" in told
    assert "RS205 test_place_order_writes_one_order" in told


@pytest.mark.parametrize(
    "hostile", ['"""\nimport os', "'; print(1) #", "{__import__('os')}", "\u202e\\", "x\ny", "\ud800"]
)
def test_hostile_values_stay_values(hostile: str) -> None:
    sent = request(order(note=hostile, **{hostile: 1}))
    base = baseline(sent, workflow=hostile)
    where = Injection(CrossingId(STEP, "db", f"INSERT {hostile}"), FaultSpec("connection_lost"))
    got = answer(503, {hostile: hostile})
    outcome = done(base=base, held=(held(where, got, sent=sent),), findings=(finding(title=hostile),))
    draft = writing._draft(Material("f", outcome))
    tree = ast.parse(writing._trial(draft, writing._items(draft), disarmed=False))

    calls = {ast.unparse(n.func) for n in ast.walk(tree) if isinstance(n, ast.Call)}
    assert not calls & {"print", "__import__"}
    assert {n.names[0].name for n in ast.walk(tree) if isinstance(n, ast.Import)} <= {"pytest"}


def test_a_file_that_is_no_python_is_left_alone_and_told() -> None:
    result = written(done(held=(held(),)), existing="def test_(:\n")

    assert not result.text
    assert "no Python" in result.problem


def test_a_narrower_run_leaves_the_broader_test_of_the_same_outcome() -> None:
    broad = written(done(held=(held(), held(injection(RESET))))).text

    assert written(done(held=(held(),)), existing=broad).text == broad


def test_a_flow_that_cannot_be_written_is_said_so_and_nothing_is_written() -> None:
    result = written(done(base=baseline(request({"text": "x" * 7_000})), held=(held(),)))

    assert not result.text
    assert any("too long for a readable test" in detail for row in result.told for detail in row.details)


def test_no_answer_is_nothing_to_keep() -> None:
    run = held(got=answer(None, failure="timeout"), after_call=NOTHING)

    assert "no answer" in written(done(held=(run,))).dropped[0].reason
