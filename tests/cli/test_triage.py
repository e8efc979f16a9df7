"""``ripstop triage``, as a person and a machine run it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ripstop.cli.main import main

REPORTS = Path(__file__).parents[1] / "triage" / "reports"


def test_a_report_is_told_by_cause(capfd):
    assert main(["triage", str(REPORTS / "vitest.xml")]) == 1

    told = capfd.readouterr().out
    assert "the product's fault (2)" in told
    assert "  tests/prices.test.js::prices > adds items  wrong-result" in told
    assert "    → install stripe where the tests run" in told
    assert told.endswith("6 failures, 0 passed, 0 skipped\n")


def test_a_machine_is_told_in_the_documented_keys(capfd):
    main(["triage", "--json", "-", str(REPORTS / "jest.xml")])
    told = json.loads(capfd.readouterr().out)
    page = (Path(__file__).parents[2] / "docs" / "guides" / "triage.md").read_text()

    assert told["schema"] == "ripstop-triage/1"
    assert {key for key in (*told, *told["failures"][0]) if f"`{key}`" not in page} == set()


@pytest.mark.parametrize(
    "text", ["", "<testsuite", "<html></html>", '<!DOCTYPE x [<!ENTITY a "b">]><testsuite/>', "\x00"]
)
def test_what_is_no_report_is_told(tmp_path, capfd, text):
    (tmp_path / "report.xml").write_text(text)

    assert main(["triage", str(tmp_path / "report.xml")]) == 2
    assert "bad-report" in capfd.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["--run", "x.xml"], ["nowhere.xml"]])
def test_with_nothing_to_read_the_way_out_is_told(arguments, capfd):
    assert main(["triage", *arguments]) == 2
    assert "no-report" in capfd.readouterr().err


def test_a_run_of_nothing_but_green_tests_is_clean(tmp_path, monkeypatch, capfd):
    (tmp_path / "test_it.py").write_text("def test(): assert 1\n")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = -p no:ripstop\n")
    monkeypatch.chdir(tmp_path)

    assert main(["triage", "--run"]) == 0
    assert capfd.readouterr().out == "0 failures, 1 passed, 0 skipped\n"
