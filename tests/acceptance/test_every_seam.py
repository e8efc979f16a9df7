"""A service as it stands in production, every seam of it broken: what fired, what was found, nothing unknown.

Its provider is Stripe by its own package, at the address the package knows; mail, Redis and PostgreSQL are
named in its environment. Four faults of its own are told in `every_seam/shop/app.py`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ..fired import pairs
from .exploring import QUICK, copy, explore, places

EVERY_SEAM = Path(__file__).with_name("every_seam")
TESTS = Path(__file__).parents[1]
BUDGET_S = "3"
"""Above what its own time-outs sum up to; the longest is nine tenths of a second."""

ROWS = ("http", "redis", "smtp", "client")
NEVER_OFFERED = {
    ("stale_connection", "smtp"),  # the service opens a connection for each mail
    ("paused", "http"),  # a pause is offered at a COMMIT, where leases and locks are
    ("paused", "redis"),
    ("paused", "smtp"),
}
PLANTED = [
    ("RS101", "POST /orders", "cache", "SET customer:ann"),
    ("RS202", "POST /orders", "mail", "CONNECT"),
    ("RS202", "POST /orders", "mail", "DATA"),
    ("RS202", "POST /orders", "mail", "MAIL"),
    ("RS202", "POST /orders", "mail", "RCPT"),
    ("RS401", "POST /orders", "db", "INSERT orders"),
    ("RS502", "GET /orders/{id}", "client", "GET /orders/{id}"),
]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The report, and under ``fired`` every (fault, protocol) that really happened."""
    folder = copy(EVERY_SEAM, tmp_path_factory.mktemp("explored"))
    record = folder / "fired.jsonl"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(TESTS))
        watched = ("-p", "fired", f"--faults-fired={record}")
        report = explore(folder, "--workers", "2", "--budget", BUDGET_S, *QUICK, *watched)
    lines = [json.loads(line) for line in record.read_text().splitlines()]
    return {**report, "fired": {(line["fault"], line["protocol"]) for line in lines}}


@pytest.fixture
def workflow(told: dict[str, Any]) -> dict[str, Any]:
    (one,) = told["workflows"]
    return dict(one)


def test_no_seam_is_without_crossings_and_none_of_its_code_was_touched(workflow: dict[str, Any]) -> None:
    crossed = {crossing["seam"] for crossing in workflow["baseline"]["crossings"]}

    assert crossed == {"cache", "db", "mail", "stripe"}
    assert "api_base" not in "".join(path.read_text() for path in EVERY_SEAM.rglob("*.py"))


def test_what_is_planted_is_found_and_nothing_else(told: dict[str, Any], workflow: dict[str, Any]) -> None:
    assert places(told) == PLANTED
    assert workflow["verdicts"]["unknown"] == 0


def test_every_fault_of_its_rows_happened_or_says_why_not(
    told: dict[str, Any], workflow: dict[str, Any]
) -> None:
    protocols = {"stripe": "http", "cache": "redis", "mail": "smtp", "client": "client", "db": "postgres"}
    reasons = {
        (missing["fault"].partition("(")[0], protocols[missing["seam"]]): missing["reason"]
        for missing in workflow["not_exercised"]
    }
    silent = {pair for pair in pairs() if pair[1] in ROWS} - told["fired"] - set(reasons)

    assert silent == NEVER_OFFERED
    assert all(reasons.values())


def test_what_did_not_happen_at_these_seams_was_judged_elsewhere_or_had_nothing_to_break(
    workflow: dict[str, Any],
) -> None:
    left = [one for one in workflow["not_exercised"] if one["seam"] != "db"]

    assert {one["reason"] for one in left} <= {"reduced-same-state", "reduced-same-wait", "not-fired"}
    assert [(one["fault"], one["operation"]) for one in left if one["reason"] == "not-fired"] == [
        ("evicted", "GET customer:ann")
    ]
