"""``ripstop backfill`` on the plain example: what it writes is true, and stays true to a person's edits."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FAULTS = ("connection_lost", "reply_lost", "status", "repeated_request")
ASKED = [part for name in FAULTS for part in ("--fault", name)]


@dataclass(frozen=True)
class Project:
    """A copy of an example."""

    folder: Path

    @property
    def file(self) -> Path:
        return self.folder / "tests" / "seams" / "test_place_order.py"

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", *arguments]
        return subprocess.run(
            command, cwd=self.folder, capture_output=True, text=True, check=False, timeout=300
        )

    def backfill(self, asked: Sequence[str] = ASKED) -> str:
        done = self.run("ripstop.cli.main", "backfill", *asked)
        assert done.returncode in (0, 1), done.stdout + done.stderr
        return done.stdout

    def pytest(self, *arguments: str) -> str:
        return self.run("pytest", "-q", "-rA", "-p", "no:cacheprovider", str(self.file), *arguments).stdout


def project(folder: Path, example: str) -> Project:
    shutil.copytree(ROOT / "examples" / example, folder, ignore=shutil.ignore_patterns(".*", "__pycache__"))
    return Project(folder)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, str]:
    """The plain example after one backfill, and what was printed."""
    plain = project(tmp_path_factory.mktemp("backfill") / "orders", "orders")
    return plain, plain.backfill()


def test_pins_are_green_and_findings_fail_as_expected(told: tuple[Project, str]) -> None:
    said = told[0].pytest()

    assert re.search(r"^\d+ passed, 1 xfailed", said.splitlines()[-1]), said


def test_with_every_fault_disarmed_every_pin_fails_by_an_assertion(
    told: tuple[Project, str], tmp_path: Path
) -> None:
    plain = told[0]
    path = tmp_path / "outcomes"
    plain.pytest("--ripstop-disarm", "-p", "ripstop.suite.outcomes", f"--ripstop-outcomes={path}")
    outcomes = [json.loads(line) for line in path.read_text().splitlines()]
    pins = [one for one in outcomes if "writes_one_order" not in one["test"]]

    assert len(pins) > 4
    assert {one["verdict"] for one in pins} == {"assertion"}, pins


def test_the_checklist_says_what_is_pinned_torn_and_absent(told: tuple[Project, str]) -> None:
    _, said = told

    assert re.search(r"happy path +pinned +tests/test_orders.py::test_place_order", said)
    assert re.search(r"dependency refuses +pinned +test_place_order_answers_402_payment_failed", said)
    assert re.search(r"dependency times out +absent +left out by --seam or --fault", said)
    assert re.search(r"repeated request +torn +RS205 test_place_order_writes_one_order", said)


def test_nothing_but_the_tests_is_left_behind(told: tuple[Project, str]) -> None:
    names = {path.name for path in told[0].file.parent.iterdir()}

    assert names - {"__pycache__"} == {"__init__.py", "test_place_order.py"}


def test_once_the_service_is_hardened_strict_findings_turn_red_until_the_next_backfill(
    told: tuple[Project, str], tmp_path: Path
) -> None:
    hardened = project(tmp_path / "orders", "orders_hardened")
    shutil.copytree(told[0].file.parent, hardened.file.parent)
    edited = hardened.file.read_text().replace("status_code == 402", "status_code == 402  # mine")
    hardened.file.write_text(edited)

    assert "XPASS(strict)" in hardened.pytest()
    said = hardened.backfill(["--fault", "reply_lost"])

    assert "removed, no longer true: test_place_order_writes_one_order_when_the_commit" in said
    assert "left alone, edited by you: test_place_order_answers_402_payment_failed" in said
    assert "# mine" in hardened.file.read_text()
    assert "xfail" not in hardened.file.read_text()
