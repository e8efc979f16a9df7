"""Records out of what runs left."""

from __future__ import annotations

from typing import Any

import pytest

from ripstop.model.survey import Stake
from ripstop.records.reading import records

from .made_up import ENTRY, EXPLORED, NODEID, STEP, cell, fired, record, suite


def test_steps_and_dependencies_come_from_the_trace() -> None:
    one = record()

    assert one.steps == (STEP,)
    assert one.dependencies == (("payments", "http", ()), ("db", "postgres", ("orders",)))
    assert (one.idempotency_key, one.budget_ms) == ("body:key", 5_000)


def test_failure_modes_stand_in_the_order_of_the_run_whatever_the_exploration_did_first() -> None:
    told = [(mode.operation, mode.fault) for mode in record().modes]
    again = [(mode.operation, mode.fault) for mode in record(cells=ENTRY["cells"][::-1]).modes]

    assert told == again
    assert [place for place, _ in told] == ["POST /v1/charges", *["INSERT orders"] * 2, *["COMMIT"] * 2]


def test_the_request_itself_and_connecting_come_before_the_crossings() -> None:
    first = [cell("db", "CONNECT", "connection_refused"), cell("client", STEP, "client_gone")]
    told = [mode.operation for mode in record(cells=[*ENTRY["cells"], *first]).modes]

    assert set(told[:2]) == {"CONNECT", STEP}


@pytest.mark.parametrize("ended", ["passed", "xfailed"])
def test_a_failure_mode_is_tested_where_its_fault_fired_in_a_test_that_guards(ended: str) -> None:
    one = record(known=suite(ended, fired("connection_lost", "db", "INSERT orders")))
    tested = {mode.fault: mode.tested_by for mode in one.modes if mode.tested_by}

    assert tested == {"connection_lost": ("tests/test_down.py::test_down",)}
    assert len(one.untested) == len(one.modes) - 1


@pytest.mark.parametrize(
    "known",
    [
        suite("failed", fired("connection_lost", "db", "INSERT orders")),
        suite("passed", fired("connection_lost", "db", "COMMIT")),
        suite("passed", {**fired("connection_lost", "db", "INSERT orders"), "step": "GET /orders"}),
        suite("passed", fired("sqlstate", "db", "INSERT orders", code="40P01")),
    ],
    ids=["failed", "elsewhere", "other-step", "other-code"],
)
def test_another_test_does_not_count(known: dict[str, Any]) -> None:
    assert len(record(known=known).untested) == 5


def test_a_setting_that_only_one_side_names_does_not_tell_faults_apart() -> None:
    cells = [cell("client", STEP, "field_null", params={"field": "/key", "breaks": "orders.key NOT NULL"})]
    known = suite("passed", fired("field_null", "client", STEP, field="/key"))

    assert record(cells=cells, known=known).untested == ()


def test_what_a_marker_says_goes_before_the_name_and_that_before_the_request() -> None:
    stakes = {
        STEP: Stake(owner="web", cost_of_failure=1.0, frequency=10.0),
        "place an order": Stake(cost_of_failure=2.0),
        NODEID: Stake(risk="high"),
    }
    stake = records(EXPLORED, {}, stakes)[0].stake

    assert (stake.risk, stake.cost_of_failure, stake.frequency, stake.owner) == ("high", 2.0, 10.0, "web")


def test_a_parametrised_workflow_has_the_stake_of_its_test() -> None:
    explored = {"workflows": {f"{NODEID}[eur]": ENTRY}}

    assert records(explored, {}, {NODEID: Stake(owner="web")})[0].stake.owner == "web"


@pytest.mark.parametrize(
    "explored",
    [{}, {"workflows": None}, {"workflows": []}, {"workflows": {NODEID: "?"}}],
)
def test_damaged_documents_hold_no_record(explored: dict[str, Any]) -> None:
    assert records(explored, {"tests": "?"}, {}) == ()


def test_damaged_parts_are_left_out() -> None:
    one = record(cells=["?", {"fault": 3}], crossings=None, usual=[{"rows": 4}], steps="?", budget_ms="?")

    assert (len(one.modes), one.crossings, one.steps, one.budget_ms) == (1, (), (), 0)


def test_an_older_document_without_the_usual_answers_is_read() -> None:
    entry = {key: value for key, value in ENTRY.items() if key not in ("usual", "budget_ms")}

    assert records({"workflows": {NODEID: entry}}, {}, {})[0].usual == ()
