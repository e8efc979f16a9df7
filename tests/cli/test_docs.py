"""`ripstop docs`: pages from what was explored, kept current, and never written over what a person wrote."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ripstop.cli import main

from ..records.made_up import EXPLORED, fired, suite

ROOT = Path(__file__).parents[2]
PYPROJECT = """
[tool.ripstop.service]
command = "python app.py"
[tool.ripstop.workflows."POST /orders"]
frequency = 9000
"""
TEST = """
import pytest

@pytest.mark.workflow("place an order", cost_of_failure=80, currency="EUR")
def test_place_order(service): ...
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose workflow was explored."""
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_orders.py").write_text(TEST)
    left(tmp_path, "explored.json", {**EXPLORED})
    monkeypatch.chdir(tmp_path)
    return tmp_path


def left(root: Path, name: str, document: dict[str, object]) -> None:
    (root / ".ripstop").mkdir(exist_ok=True)
    (root / ".ripstop" / name).write_text(json.dumps(document))


def page(root: Path) -> Path:
    return root / "docs" / "workflows" / "place-an-order.md"


def test_it_writes_a_page_a_workflow_and_an_index(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main.main(["docs"]) == 0
    assert "written    docs/workflows/place-an-order.md" in capfd.readouterr().out
    assert "(place-an-order.md)" in (project / "docs" / "workflows" / "README.md").read_text()
    assert page(project).stat().st_mode & 0o777 == 0o644


def test_the_marker_and_the_configuration_together_say_what_it_is_worth(project: Path) -> None:
    main.main(["docs"])

    assert "| cost of one failure | 80 EUR |" in page(project).read_text()
    assert "| frequency | 9,000 runs a month |" in page(project).read_text()


def test_current_pages_pass_the_check_and_are_not_written_again(
    project: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    main.main(["docs"])
    before = page(project).stat().st_mtime_ns

    assert main.main(["docs", "--check"]) == 0
    assert main.main(["docs"]) == 0
    assert page(project).stat().st_mtime_ns == before
    assert "2 pages current" in capfd.readouterr().out


def test_a_stale_page_fails_the_check_with_a_difference(
    project: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    main.main(["docs"])
    left(
        project,
        "suite.json",
        {"schema": "ripstop-suite/1", **suite("passed", fired("hang", "payments", "POST /v1/charges"))},
    )

    assert main.main(["docs", "--check"]) == 1
    told = capfd.readouterr().out
    assert "--- docs/workflows/place-an-order.md" in told
    assert "+| `hang` |" in told
    assert "`test_down`" not in page(project).read_text()


def test_pages_that_are_not_there_are_stale(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main.main(["docs", "--check"]) == 1
    assert "2 of 2 pages stale" in capfd.readouterr().out
    assert not page(project).exists()


def test_what_a_person_writes_beside_the_regions_is_kept(project: Path) -> None:
    main.main(["docs"])
    page(project).write_text(f"Read this first.\n\n{page(project).read_text()}\nAsk Ada.\n")
    left(project, "explored.json", {"schema": "ripstop-explored/1", "workflows": _held_everything()})

    assert main.main(["docs"]) == 0
    now = page(project).read_text()
    assert now.startswith("Read this first.\n")
    assert now.endswith("\nAsk Ada.\n")
    assert "Whatever was let happen held." in now


def _held_everything() -> dict[str, object]:
    (nodeid, entry), *_ = EXPLORED["workflows"].items()
    return {nodeid: {**entry, "cells": [cell for cell in entry["cells"] if cell["mark"] == "held"]}}


def test_an_edit_inside_a_region_is_never_lost_silently(
    project: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    main.main(["docs"])
    edited = page(project).read_text().replace("| impact | not said |", "| impact | huge |")
    page(project).write_text(edited)

    assert main.main(["docs"]) == 2
    assert "[page-edited]" in capfd.readouterr().err
    assert page(project).read_text() == edited
    assert main.main(["docs", "--check"]) == 1
    assert main.main(["docs", "--force"]) == 0
    assert "huge" not in page(project).read_text()


def test_a_page_by_hand_under_that_name_stops_everything(
    project: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    page(project).parent.mkdir(parents=True)
    page(project).write_text("# Mine\n")

    assert main.main(["docs"]) == 2
    assert "[page-not-generated]" in capfd.readouterr().err
    assert [path.name for path in page(project).parent.iterdir()] == ["place-an-order.md"]


def test_the_page_of_a_workflow_that_is_gone_is_named_and_left(
    project: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    main.main(["docs"])
    old = page(project).rename(page(project).with_name("an-old-one.md"))

    assert main.main(["docs", "--check"]) == 1
    assert main.main(["docs"]) == 0
    assert capfd.readouterr().out.count("an-old-one.md: no workflow has this page any more") == 2
    assert old.exists()


def test_a_workflow_whose_test_is_gone_from_its_file_has_no_page(
    project: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (project / "tests" / "test_orders.py").write_text(TEST.replace("test_place_order", "test_order"))

    assert main.main(["docs"]) == 0
    assert "tests/test_orders.py::test_place_order: that test is gone" in capfd.readouterr().out
    assert not page(project).exists()


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("rate", ["provider", "provider=often", "provider=-1", "nobody=3", "provider=nan"])
def test_a_rate_that_is_none_is_refused(rate: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert main.main(["docs", "--rate", rate]) == 2
    assert "[wrong-rate]" in capfd.readouterr().err


def test_an_assumed_rate_can_be_set_and_is_printed(project: Path) -> None:
    main.main(["docs", "--rate", "provider=5"])

    assert "(http, smtp): 5 in a million" in page(project).read_text()


def orders(tmp_path: Path) -> Path:
    """A copy of the example, without what runs left in it."""
    copy = tmp_path / "orders"
    shutil.copytree(
        ROOT / "examples" / "orders", copy, ignore=shutil.ignore_patterns(".ripstop", "__pycache__")
    )
    return copy


def test_the_pages_shown_with_the_example_are_current(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    project = orders(tmp_path)
    monkeypatch.chdir(project)
    explored = json.loads((Path(__file__).parent / "orders_explored.json").read_text())
    left(project, "explored.json", explored)

    assert main.main(["docs", "--check"]) == 0, capfd.readouterr().out


def test_where_nothing_was_explored_it_explores_first(tmp_path: Path) -> None:
    project = orders(tmp_path)
    shutil.rmtree(project / "docs")
    command = [sys.executable, "-m", "ripstop.cli.main", "docs", "--fault", "reply_lost", "--seam", "db"]

    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False, timeout=120)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "written    docs/workflows/place-an-order.md" in done.stdout
    assert "| **torn**: RS205 duplicate write | none |" in page(project).read_text()
