"""The report for machines, key by key."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ripstop.model.events import ExploreDone
from ripstop.model.trace import Kind, Phase
from ripstop.report.json_report import JsonReport, as_json, write

from .made_up import (
    ADVICE,
    END,
    EVIDENCE,
    NODEID,
    UNHANDLED,
    crossing,
    done,
    finding,
    place,
    run,
)


def test_the_report_has_the_keys_of_its_schema_and_no_others() -> None:
    report = as_json(run())
    workflow = report["workflows"][0]

    assert list(report) == ["schema", "exit_code", "complete", "stop_reason", "workflows", "refused"]
    assert set(workflow) == {
        *("name", "nodeid", "baseline", "experiments", "restarts", "rate_per_s", "verdicts"),
        *("findings", "advice", "not_exercised"),
    }
    assert set(workflow["findings"][0]) == {
        *("code", "slug", "severity", "step", "seam", "operation", "faults", "title", "evidence", "replay")
    }
    assert set(workflow["not_exercised"][0]) == {"step", "seam", "operation", "fault", "reason", "detail"}
    assert set(workflow["baseline"]) == {"duration_ms", "crossings"}
    assert set(workflow["baseline"]["crossings"][0]) == {"step", "seam", "operation", "nth", "process"}


def test_the_values_are_those_of_the_run() -> None:
    report = as_json(run())
    workflow = report["workflows"][0]

    assert (report["schema"], report["exit_code"], report["complete"]) == ("ripstop-report/1", 1, False)
    assert (workflow["name"], workflow["nodeid"], workflow["experiments"]) == ("place an order", NODEID, 46)
    assert workflow["rate_per_s"] == pytest.approx(13.53)
    assert workflow["verdicts"] == {"held": 38, "torn": 5, "unknown": 1}
    assert len(workflow["baseline"]["crossings"]) == 4
    assert workflow["findings"][0]["faults"] == ["connection_lost", "reply_lost"]


def test_advice_is_never_among_the_findings() -> None:
    workflow = as_json(run())["workflows"][0]

    assert [f["code"] for f in workflow["findings"]] == ["RS204", "RS101"]
    assert [f["code"] for f in workflow["advice"]] == ["RS102"]


def test_a_refused_workflow_is_told_apart() -> None:
    (refused,) = as_json(run())["refused"]

    assert refused["name"] == "ship an order"
    assert len(refused["details"]) == 2


def test_the_report_is_json_and_holds_no_secret() -> None:
    leaky = replace(finding(evidence={**EVIDENCE, "password": "hunter2"}), title="token=hunter2")
    text = json.dumps(as_json([done(leaky)]))

    assert "hunter2" not in text


def test_an_interrupted_run_reports_what_it_knew() -> None:
    report = as_json(run()[:-3])
    workflow = report["workflows"][0]

    assert (report["exit_code"], report["complete"], report["stop_reason"]) == (5, False, "interrupted")
    assert [f["code"] for f in workflow["findings"]] == ["RS204", "RS101"]
    assert workflow["findings"][0]["faults"] == ["connection_lost", "reply_lost"]
    assert (workflow["experiments"], workflow["verdicts"]["torn"]) == (46, 1)


def test_a_written_report_reads_back_as_it_was(tmp_path: Path) -> None:
    write(run(), tmp_path / "deep" / "report.json")

    assert json.loads((tmp_path / "deep" / "report.json").read_text()) == as_json(run())


def test_writing_leaves_no_other_file_behind(tmp_path: Path) -> None:
    write(run(), tmp_path / "report.json")

    assert [found.name for found in tmp_path.iterdir()] == ["report.json"]


def test_a_place_that_cannot_be_renamed_over_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "report.json").mkdir()

    with pytest.raises(IsADirectoryError):
        write(run(), tmp_path / "report.json")

    assert [found.name for found in tmp_path.iterdir()] == ["report.json"]


def test_a_report_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    write([END], path)
    before = path.read_text()

    with pytest.raises(TypeError):
        write([done(finding(evidence={"answer": object()}))], path)

    assert path.read_text() == before


def test_the_reader_writes_after_each_workflow_and_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    reader = JsonReport(path)
    reader.handle(done(UNHANDLED, ADVICE))
    early = json.loads(path.read_text())
    reader.handle(ExploreDone(1, complete=True, stop_reason="all done", seconds=2.0))

    assert (early["complete"], json.loads(path.read_text())["complete"]) == (False, True)


def test_the_services_source_line_is_part_of_the_evidence() -> None:
    shown = as_json([done(finding())])["workflows"][0]["findings"][0]["evidence"]

    assert shown["source"] == {"path": "shop/orders.py", "line": 42}
    assert (
        "source"
        not in as_json([done(replace(finding(), source=None))])["workflows"][0]["findings"][0]["evidence"]
    )


def test_connecting_and_set_up_are_not_among_the_baselines_crossings() -> None:
    event = done()
    connect = crossing(place(operation="CONNECT"))
    trace = (replace(connect, kind=Kind.CONNECT), replace(connect, phase=Phase.SETUP), *event.baseline.trace)
    report = as_json([replace(event, baseline=replace(event.baseline, trace=trace))])

    assert len(report["workflows"][0]["baseline"]["crossings"]) == 4


def test_the_reason_for_stopping_is_reported() -> None:
    assert as_json([END])["stop_reason"] == "out of time"
