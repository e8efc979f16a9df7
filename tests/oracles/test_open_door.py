"""RS502: who is let in, what they get, and what a refusal left."""

from __future__ import annotations

from typing import Any

import pytest

from ripstop.model.experiment import Experiment
from ripstop.model.http import Answer
from ripstop.model.plan import Injection
from ripstop.model.state import Observation
from ripstop.model.verdict import Severity
from ripstop.oracles.open_door import check

from .records import NOTHING, OK, answer, baseline, charge, held, injection, insert, record, seen, torn

READS = baseline(NOTHING, got=answer(200, {"id": 7, "total": 42}))
MINE = answer(200, {"id": 8, "total": 42})
WRITES = baseline()
NOBODY = injection("no_credentials", "client", "POST /orders", headers="authorization", declared=True)
GUESSED = injection("no_credentials", "client", "POST /orders", headers="authorization")
COOKIE = injection("no_credentials", "client", "POST /orders", headers="cookie")
EVE = injection("other_credentials", "client", "POST /orders")


def asked(fault: Injection, got: Answer, left: Observation = NOTHING, **fields: Any) -> Experiment:
    return record(got, left=left, fault=fault, **fields)


@pytest.mark.parametrize("fault", [NOBODY, GUESSED, EVE], ids=str)
def test_a_write_that_is_done_for_the_wrong_caller_is_critical(fault: Injection) -> None:
    verdict = torn(check(asked(fault, OK, seen(insert(), charge())), WRITES))

    assert verdict.weight is Severity.CRITICAL
    assert "1 row change" in verdict.summary


@pytest.mark.parametrize("fault", [NOBODY, EVE], ids=str)
def test_the_same_content_for_the_wrong_caller_is_critical(fault: Injection) -> None:
    assert torn(check(asked(fault, MINE), READS)).weight is Severity.CRITICAL


@pytest.mark.parametrize(
    ("fault", "got", "usual", "left"),
    [(GUESSED, MINE, READS, NOTHING), (COOKIE, MINE, READS, NOTHING), (COOKIE, OK, WRITES, seen(insert()))],
    ids=["a read, guessed", "a read, a cookie", "a write, a cookie"],
)
def test_what_may_well_be_open_to_all_is_advice_until_the_workflow_says_otherwise(
    fault: Injection, got: Answer, usual: Any, left: Observation
) -> None:
    assert torn(check(asked(fault, got, left), usual)).weight is Severity.ADVICE


@pytest.mark.parametrize("fault", [NOBODY, EVE], ids=str)
def test_other_content_is_their_own(fault: Injection) -> None:
    held(check(asked(fault, answer(200, {"id": 9, "total": 0})), READS))
    held(check(asked(fault, answer(200, [])), READS))


@pytest.mark.parametrize("status", [401, 403, 404, 302])
def test_a_refusal_is_held_where_nothing_changed_and_torn_where_something_did(status: int) -> None:
    held(check(asked(NOBODY, answer(status, {})), WRITES))
    assert (
        f"answered {status}" in torn(check(asked(NOBODY, answer(status, {}), seen(charge())), WRITES)).summary
    )


def test_a_success_that_did_nothing_is_held() -> None:
    held(check(asked(NOBODY, OK), WRITES))


def test_other_faults_and_no_answer_are_other_rules_matter() -> None:
    assert check(record(OK), WRITES) is None
    assert check(asked(EVE, answer(None, failure="timeout")), WRITES) is None
