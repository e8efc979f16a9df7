"""A peer's two visits side by side, and what a visit leaves, read."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from benchmarks.zoo.peers import chaos, portman, schemathesis
from benchmarks.zoo.peers.comparing import Compared, Visit, read

TOLD = {
    "schema": "framework",
    "exit_code": 1,
    "seconds": 2.0,
    "effects": {"mail": 3},
    "repeated": {},
    "rows": 4,
}
REPORT = {
    "failures": [{"title": "Server error", "count": 2, "operations": ["POST /orders"]}],
    "errors": [{"title": "Network Error", "operations": ["GET /orders"]}],
}
SETTINGS = """
[tool.ripstop.service.env]
PAYMENTS_URL = "{seams.payments.url}/v1"
[tool.ripstop.seams.db]
protocol = "postgres"
[tool.ripstop.seams.payments]
protocol = "http"
"""


@pytest.mark.parametrize(
    ("bug", "twin", "found"),
    [
        ({"Server error": 1}, {}, True),
        ({"Server error": 2}, {"Server error": 1}, True),
        ({"Server error": 1}, {"Server error": 1, "Rejected": 1}, False),
        ({}, {}, False),
    ],
)
def test_a_bug_is_found_by_what_the_twin_does_not_have(
    bug: dict[str, int], twin: dict[str, int], found: bool
) -> None:
    one = Compared("fuzzer", Visit(bug), Visit(twin))

    assert one.found is found
    assert one.false_alarms == len(twin)


def test_nothing_is_found_where_the_twin_has_no_report_to_compare_with() -> None:
    assert not Compared("fuzzer", Visit({"Server error": 1}), Visit(problem="no report")).found


def test_a_visit_is_read_with_its_failures_and_what_it_caused(tmp_path: Path) -> None:
    (tmp_path / "told.json").write_text(json.dumps(TOLD))
    (tmp_path / "report.json").write_text(json.dumps(REPORT))

    one = read(tmp_path, schemathesis, 0)

    assert one.problem == ""
    assert one.failures == {"Server error (POST /orders)": 2, "Network Error (GET /orders)": 1}
    assert (one.effects, one.rows) == ({"mail": 3}, 4)


def test_a_visit_without_a_report_or_a_service_says_so(tmp_path: Path) -> None:
    assert "could not be hosted" in read(tmp_path, schemathesis, 1).problem

    (tmp_path / "told.json").write_text(json.dumps({**TOLD, "exit_code": None}))

    assert "no report" in read(tmp_path, schemathesis, 0).problem


def test_portmans_failed_assertions_are_counted_by_name_and_request(tmp_path: Path) -> None:
    failed = {"error": {"name": "AssertionError", "test": "status is 2xx"}, "source": {"name": "Place order"}}
    (tmp_path / "report.json").write_text(json.dumps({"run": {"failures": [failed, failed]}}))

    assert portman.failures(tmp_path) == {"status is 2xx (Place order)": 2}


def test_toxy_stands_before_every_provider_that_is_found_by_a_url(tmp_path: Path) -> None:
    settings = tmp_path / "pyproject.toml"
    settings.write_text(SETTINGS)

    command = chaos.beside(tmp_path, {"node": "node", "node_modules": "packages"})

    written = tomllib.loads(settings.read_text())["tool"]["ripstop"]
    listen, target = command[-1].split(":")
    assert written["service"]["env"]["PAYMENTS_URL"] == f"http://127.0.0.1:{listen}/v1"
    assert written["seams"]["payments"]["port"] == int(target)
    assert "port" not in written["seams"]["db"]


def test_toxy_has_no_place_where_no_provider_is_found_by_a_url(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(SETTINGS.replace("{seams.payments.url}", "elsewhere"))

    assert chaos.beside(tmp_path, {"node": "node", "node_modules": "packages"}) == []
