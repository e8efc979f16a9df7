"""A project with three databases on two servers, fixed ports, settings and set-up commands in pieces."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ripstop.service.ports import free_port

PROJECT = Path(__file__).with_name("branches")
EXPECTED = 9


def run(folder: Path, *words: str) -> str:
    """What a command of this environment says in the project's folder."""
    command = [sys.executable, "-m", *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    return done.stdout + done.stderr


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the project, its fixed ports made ones that are free here."""
    copy = tmp_path / "branches"
    shutil.copytree(PROJECT, copy, ignore=shutil.ignore_patterns("__pycache__", ".ripstop"))
    (copy / "tests").mkdir()
    (copy / "project.py").rename(copy / "tests" / "test_branches.py")
    settings = copy / "ripstop.toml"
    settings.write_text(re.sub(r"\b800\d\b", lambda _: str(free_port()), settings.read_text()))
    return copy


def test_each_database_is_observed_broken_and_reset(folder: Path) -> None:
    said = run(folder, "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(folder))

    assert f"{EXPECTED} passed" in said, said[-4000:]


def test_an_exploration_tells_one_database_from_another(folder: Path) -> None:
    words = ["explore", "--budget", "3", "--fault", "connection_lost", "--report", "json:report.json"]
    said = run(folder, "ripstop.cli.main", *words)

    (workflow,) = json.loads((folder / "report.json").read_text())["workflows"]
    found: list[dict[str, Any]] = workflow["findings"]
    torn = {(f["code"], f["seam"], f["operation"]): f for f in found}
    assert torn.keys() == {
        ("RS201", seam, operation)
        for seam, table in (("sales", "sales"), ("branch", "orders"))
        for operation in ("BEGIN", f"INSERT {table}", "COMMIT")
    }, said[-4000:]
    assert "2 row changes stayed in head.orders, sales.sales" in json.dumps(torn["RS201", "branch", "COMMIT"])
    assert workflow["verdicts"]["unknown"] == 0


def test_a_set_up_command_that_fails_is_named_alone(folder: Path) -> None:
    settings = folder / "ripstop.toml"
    settings.write_text(settings.read_text().replace("SALES sales", "SALES sales more"))

    said = run(folder, "ripstop.cli.main", "explore")

    assert "the setup command ended with status 1" in said
    assert "command: python table.py SALES sales more" in said
    assert "HEAD orders" not in said
