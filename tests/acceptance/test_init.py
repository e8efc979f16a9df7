"""`ripstop init` on examples without tests and configuration: a green workflow, and the same two findings.

What is explored is narrowed to the two faults that show them.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ..packages import node_modules
from .exploring import EXAMPLES, QUICK, copy, explore, places

NARROWED = ("--fault", "late_reply", "--fault", "reply_lost")
THE_TWO = [
    ("RS102", "POST /orders", "payments", "POST /v1/charges"),
    ("RS205", "POST /orders", "db", "COMMIT"),
]


def stripped(example: str, to: Path) -> Path:
    """A copy as its owner has it who never heard of Ripstop."""
    folder = copy(example, to)
    shutil.rmtree(folder / "tests")
    (folder / "README.md").unlink()
    settings = folder / "pyproject.toml"
    if (folder / "package.json").exists():
        settings.unlink()
        (folder / "node_modules").symlink_to(node_modules(EXAMPLES / example / "package.json"))
    else:
        settings.write_text(settings.read_text().partition("[tool.pytest")[0])
    return folder


def init(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ripstop.cli.main", "init", *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=240, check=False)


@pytest.mark.parametrize("example", ["orders", "orders_django"])
def test_init_ends_with_a_green_workflow_and_explore_finds_what_the_main_job_finds(
    example: str, tmp_path: Path
) -> None:
    folder = stripped(example, tmp_path)

    done = init(folder, "--yes")

    assert_green(done)
    report = explore(folder, *NARROWED, *QUICK)
    assert places(report) == THE_TWO
    assert report["workflows"][0]["verdicts"]["unknown"] == 0


def test_a_service_in_typescript_becomes_green_and_a_second_run_changes_nothing(tmp_path: Path) -> None:
    folder = stripped("orders_express", tmp_path)
    assert_green(init(folder, "--yes"))
    before = written(folder)

    done = init(folder, "--yes")

    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "next: ripstop explore")
    assert written(folder) == before


def assert_green(done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    assert re.search(r"✓ POST /orders: tests/test_\w+\.py, green", done.stdout)
    assert "next: ripstop explore" in done.stdout


def written(folder: Path) -> dict[Path, bytes]:
    """All files but what Python, pytest and packages keep for themselves."""
    own = (path for path in folder.rglob("*.*") if "node_modules" not in path.parts)
    return {path: path.read_bytes() for path in own if path.suffix in (".py", ".toml", ".ts", ".json")}


def test_without_agreement_the_difference_is_shown_and_nothing_is_written(tmp_path: Path) -> None:
    folder = stripped("orders", tmp_path)
    before = sorted(folder.rglob("*"))

    done = init(folder)

    assert (done.returncode, "[not-agreed]" in done.stderr) == (2, True)
    assert '+command = "uvicorn orders.app:app --port {port}"' in done.stdout
    assert "a first test of POST /orders (orders/app.py:" in done.stdout
    assert sorted(path for path in folder.rglob("*") if "__pycache__" not in str(path)) == before


def test_what_is_configured_stays_as_it_is_and_gets_only_the_tables_it_lacks(tmp_path: Path) -> None:
    folder = stripped("orders", tmp_path)
    settings = folder / "pyproject.toml"
    own = 'command = "uvicorn orders.app:app --port {port}"  # ours\nready = "/health"\n'
    settings.write_text(f"{settings.read_text()}\n[tool.ripstop.service]\n{own}")

    done = init(folder, "--dry-run")

    assert "# ours" in done.stdout
    added = [line for line in done.stdout.splitlines() if line.startswith("+")]
    assert "+[tool.ripstop.service]" not in added
    assert {"+[tool.ripstop.service.env]", "+[tool.ripstop.seams.db]"} <= set(added)
    assert [line for line in done.stdout.splitlines() if line.startswith("-") and "---" not in line] == []


def test_a_service_that_will_not_start_is_told_with_what_to_do(tmp_path: Path) -> None:
    folder = stripped("orders", tmp_path)
    app = folder / "orders" / "app.py"
    app.write_text(app.read_text().replace("import requests", "import a_library_nobody_has as requests"))

    done = init(folder, "--yes")

    assert done.returncode == 3, done.stdout
    assert "a_library_nobody_has is missing" in " ".join(done.stdout.split())
