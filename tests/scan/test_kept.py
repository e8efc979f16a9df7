"""What runs left, read back; whatever lies there, nothing is raised."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ripstop.scan import kept
from ripstop.scan.kept import Fired
from ripstop.scan.testing.nouns import Asked

SUITE: dict[str, Any] = {
    "schema": "ripstop-suite/1",
    "tests": {
        "t.py::test_a[1]": {
            "outcome": "passed",
            "steps": [{"step": "GET /orders/{id} (2)", "status": 404, "failure": None}],
            "fired": [
                {"step": "POST /orders", "protocol": "postgres", "operation": "COMMIT", "fault": "reply_lost"}
            ],
        },
        "t.py::test_a[2]": {"outcome": "failed", "steps": [], "fired": []},
    },
}
CELL = {
    "step": "POST /orders",
    "protocol": "http",
    "operation": "POST /v1/charges",
    "fault": "hang",
    "mark": "torn",
    "with": [],
    "outcome": {"answer": {"status": 500}},
}


def left(root: Path, name: str, content: str) -> None:
    (root / ".ripstop").mkdir(exist_ok=True)
    (root / ".ripstop" / name).write_text(content)


def explored(*cells: object) -> str:
    return json.dumps({"schema": "ripstop-explored/1", "workflows": {"t.py::test_a": {"cells": list(cells)}}})


def test_runs_of_one_test_with_several_parameters_are_told_together(tmp_path: Path) -> None:
    left(tmp_path, "suite.json", json.dumps(SUITE))

    found = kept.read(tmp_path)

    first, second = found.tests["t.py::test_a"]
    assert first.steps == ((Asked("GET", "/orders/{}", 0), 404),)
    assert first.fired == (Fired(Asked("POST", "/orders", 0), "postgres", "COMMIT", "reply_lost"),)
    assert (first.passed, second.passed) == (True, False)
    assert (found.passes("t.py::test_a"), found.passes("t.py::test_b")) == (False, None)


def test_experiments_are_read_but_those_that_did_not_happen_or_broke_two_things(tmp_path: Path) -> None:
    left(
        tmp_path,
        "explored.json",
        explored(CELL, {**CELL, "mark": "not exercised"}, {**CELL, "with": ["hang at db: BEGIN"]}),
    )

    (one,) = kept.read(tmp_path).judged

    assert (one.mark, one.status, one.fired.operation) == ("torn", 500, "POST /v1/charges")


NOTHING = {
    "empty": "",
    "cut": "{",
    "a list": "[]",
    "null": "null",
    "another schema": '{"schema": "other/1", "tests": {"a": {}}, "workflows": {"a": {}}}',
    "nothing but a schema": '{"schema": "ripstop-suite/1"}',
    "a list of tests": '{"schema": "ripstop-suite/1", "tests": []}',
    "a number for a test": '{"schema": "ripstop-suite/1", "tests": {"a": 3}}',
    "very deep": "[" * 100_000,
}


@pytest.mark.parametrize("content", NOTHING.values(), ids=NOTHING)
def test_what_does_not_fit_counts_as_nothing(tmp_path: Path, content: str) -> None:
    left(tmp_path, "suite.json", content)
    left(tmp_path, "explored.json", content)

    assert kept.read(tmp_path) == kept.Kept()


def test_damaged_entries_do_no_harm(tmp_path: Path) -> None:
    entry = {"outcome": 3, "steps": [{"step": None, "status": "x"}, 4], "fired": "no"}
    left(tmp_path, "suite.json", json.dumps({"schema": "ripstop-suite/1", "tests": {"t.py::test_a": entry}}))
    left(tmp_path, "explored.json", explored(3, {"mark": "held"}, {"mark": "held", "outcome": {"answer": 3}}))

    found = kept.read(tmp_path)

    assert found.passes("t.py::test_a") is False
    assert [one.mark for one in found.judged] == ["held", "held"]


def test_of_several_marks_the_worst_counts() -> None:
    assert kept.worst(frozenset({"held", "torn", "unknown"})) == "torn"
    assert kept.worst(frozenset({"held", "unknown"})) == "unknown"
    assert kept.worst(frozenset()) == ""
