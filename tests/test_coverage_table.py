"""The table of faults in the docs names every fault at every seam, and tests that there are."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from .coverage_table import DOCUMENT, ITSELF, Row, parse, render, rows, what_happens
from .fired import pairs

ROOT = Path(__file__).parent.parent


@cache
def written_in(path: str) -> frozenset[str]:
    file = ROOT / path
    tree = ast.parse(file.read_text()) if file.is_file() else ast.Module([], [])
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def missing(table: list[Row]) -> list[str]:
    """Every test a table names and nobody wrote."""
    named = {test for row in table for test in (*row.shown, *row.genuine)}
    return sorted(
        test for test in named if test.partition("::")[2] not in written_in(test.partition("::")[0])
    )


def unshown(table: list[Row]) -> list[tuple[str, str]]:
    """The pairs of the catalogue that a table does not show to happen, or not to be what a failure is."""
    shown = {(row.fault, row.seam) for row in table if row.shown or row.genuine}
    real = {(row.fault, row.seam) for row in table if row.genuine} | set(ITSELF)
    return [pair for pair in pairs() if pair not in shown or pair not in real]


def test_the_table_shows_every_fault_at_every_seam_to_happen_and_to_be_real() -> None:
    assert unshown(list(parse(DOCUMENT.read_text()))) == []


def test_the_table_names_no_test_that_does_not_exist() -> None:
    assert missing(list(parse(DOCUMENT.read_text()))) == []


def test_the_table_is_as_the_command_writes_it() -> None:
    document = DOCUMENT.read_text()
    table = list(parse(document))

    assert render(table) == document
    assert [(row.fault, row.seam) for row in table] == list(pairs())


def test_a_missing_pair_and_a_made_up_test_are_caught() -> None:
    kept = list(parse(DOCUMENT.read_text()))[1:]
    made_up = Row("hang", "http", ("tests/seams/test_http_faults.py::test_nobody_wrote",), ())

    assert unshown(kept) == [next(pairs())]
    assert missing([made_up]) == ["tests/seams/test_http_faults.py::test_nobody_wrote"]


def test_a_record_becomes_a_row_with_the_genuine_apart_and_no_parameters() -> None:
    lines = [
        '{"fault": "hang", "protocol": "smtp", "test": "tests/seams/test_smtp_genuine.py::test_a[x]"}',
        '{"fault": "hang", "protocol": "smtp", "test": "tests/seams/test_smtp_faults.py::test_b"}',
    ]
    (row,) = (row for row in rows(lines) if row.shown)

    assert row.shown == ("tests/seams/test_smtp_faults.py::test_b",)
    assert row.genuine == ("tests/seams/test_smtp_genuine.py::test_a",)


def test_only_what_happened_is_recorded(tmp_path: Path) -> None:
    record = tmp_path / "fired.jsonl"
    watched = ["-p", "tests.fired", f"--faults-fired={record}", "-p", "no:cacheprovider"]
    chosen = ["-k", "left_alone or without_credentials or stale_connection_is_told"]
    files = ["tests/rig/test_inbound.py", "tests/seams/test_smtp_faults.py"]
    command = [sys.executable, "-m", "pytest", *watched, *chosen, *files]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)

    told = [json.loads(line) for line in record.read_text().splitlines()]
    assert "3 passed" in done.stdout
    assert [(one["fault"], one["protocol"]) for one in told] == [
        ("no_credentials", "client"),
        ("stale_connection", "smtp"),
    ]
    assert told[0]["test"].startswith("tests/rig/test_inbound.py::test_without_credentials")


@pytest.mark.parametrize(("fault", "seam"), list(pairs()))
def test_a_page_tells_in_a_sentence_or_two_what_happens_at_a_seam(fault: str, seam: str) -> None:
    assert 40 < len(what_happens(fault, seam)) < 500
