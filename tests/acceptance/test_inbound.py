"""Broken requests against a real service: what is planted is found, its sound twin has nothing to tell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .exploring import QUICK, copy, explore

KIOSK = Path(__file__).with_name("kiosk")
REPEATS = {"RS204", "RS205", "RS206"}
"""What hanging up and coming again brings out at a kiosk that takes no key; not this file's matter."""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return explore(copy(KIOSK, tmp_path_factory.mktemp("kiosk")), "--seam", "client", *QUICK)


def workflow(report: dict[str, Any], name: str) -> dict[str, Any]:
    return next(one for one in report["workflows"] if one["name"] == name)


def found(report: dict[str, Any], name: str) -> list[tuple[str, str, str]]:
    """(code, step, severity) of what a workflow's findings tell, but for repetitions."""
    listed = workflow(report, name)["findings"]
    return sorted((f["code"], f["step"], f["severity"]) for f in listed if f["code"] not in REPEATS)


def faults(report: dict[str, Any], name: str, code: str) -> set[str]:
    listed = workflow(report, name)["findings"]
    return {fault for f in listed if f["code"] == code for fault in f["faults"]}


def test_a_service_that_looks_before_it_acts_has_no_finding(report: dict[str, Any]) -> None:
    sound = workflow(report, "order at the sound kiosk")

    assert sound["findings"] == []
    assert sound["verdicts"]["unknown"] == sound["verdicts"]["torn"] == 0
    assert sound["verdicts"]["held"] > 25


def test_every_fault_that_was_armed_at_the_callers_side_happened(report: dict[str, Any]) -> None:
    missed = [m for one in report["workflows"] for m in one["not_exercised"] if m["reason"] != "filtered"]

    assert missed == []


def test_what_the_database_refused_and_the_service_called_done_is_one_finding_a_field(
    report: dict[str, Any],
) -> None:
    assert found(report, "quiet") == [("RS501", "POST /slack/quiet", "high")] * 2
    assert "field_out_of_range(breaks=orders.quantity > 0, field=/quantity, value=-1)" in faults(
        report, "quiet", "RS501"
    )


def test_a_charge_made_before_the_refusal_is_one_finding_whichever_field_was_wrong(
    report: dict[str, Any],
) -> None:
    assert found(report, "late") == [("RS501", "POST /slack/late", "high")]
    told = {fault.partition("(")[0] for fault in faults(report, "late", "RS501")}
    assert told >= {"field_missing", "field_null", "field_mistyped", "field_too_long", "unknown_id"}
    assert "field_duplicate" in told


def test_a_number_that_was_none_and_became_zero_is_found(report: dict[str, Any]) -> None:
    assert found(report, "bent") == [("RS501", "POST /slack/bent", "medium")]
    assert faults(report, "bent", "RS501") == {"field_mistyped(breaks=orders.tip integer, field=/tip)"}


def test_a_bare_500_to_bad_input_is_an_unhandled_error_and_nothing_else(report: dict[str, Any]) -> None:
    assert found(report, "raw") == [("RS101", "POST /slack/raw", "medium")]


def test_open_doors_are_found_at_each_step_that_has_one(report: dict[str, Any]) -> None:
    doors = [f for f in found(report, "open") if f[0] == "RS502"]

    assert doors == [
        ("RS502", "GET /slack/orders/{id}", "critical"),
        ("RS502", "POST /slack/orders", "critical"),
        ("RS502", "POST /slack/orders/{id}/cancel", "critical"),
    ]


def test_a_success_for_an_id_that_belongs_to_nothing_is_found(report: dict[str, Any]) -> None:
    assert ("RS501", "POST /slack/orders/{id}/cancel", "high") in found(report, "open")
    assert "unknown_id(field=path:3, value=2147483646)" in faults(report, "open", "RS501")
