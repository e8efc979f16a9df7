"""The two fixtures in an ordinary pytest run, as a person uses them: by hand, on fresh state each time."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = Path(__file__).with_name("project.py")
EXPECTED = 12


def run(folder: Path, *options: str) -> str:
    """pytest's own words about the hand-written tests."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-v",
        "-p",
        "no:cacheprovider",
        "tests/test_by_hand.py",
        *options,
    ]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("suite") / "orders"
    shutil.copytree(
        ROOT / "examples" / "orders", copy, ignore=shutil.ignore_patterns("__pycache__", ".ripstop")
    )
    shutil.copy(PROJECT, copy / "tests" / "test_by_hand.py")
    return copy


def test_hand_written_tests_pass_in_order_and_find_the_state_they_were_promised(folder: Path) -> None:
    said = run(folder)

    assert f"{EXPECTED} passed" in said, said[-4000:]


def test_they_pass_in_reverse_order_too_for_none_depends_on_another(folder: Path) -> None:
    (folder / "conftest.py").write_text("def pytest_collection_modifyitems(items): items.reverse()\n")

    said = run(folder)

    (folder / "conftest.py").unlink()
    assert f"{EXPECTED} passed" in said, said[-4000:]


def test_with_every_fault_disarmed_what_relies_on_one_fails(folder: Path) -> None:
    noted = (folder / ".ripstop" / "suite.json").read_text()

    said = run(folder, "--ripstop-disarm")

    failed = set(re.findall(r"FAILED tests/test_by_hand\.py::test_(\w)_", said))
    assert failed == {"d", "e", "f", "g"}, said[-4000:]
    assert (folder / ".ripstop" / "suite.json").read_text() == noted


def test_a_set_up_that_fails_is_told_without_frames_that_are_not_the_person_s(tmp_path: Path) -> None:
    setup = f"{sys.executable} -c 'raise SystemExit(\"no such table\")'"
    (tmp_path / "ripstop.toml").write_text(f"[service]\ncommand = 'true'\nsetup = {json.dumps(setup)}\n")
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_by_hand.py").write_text("def test_it(service): pass\n")

    said = run(tmp_path)

    assert "the setup command ended with status 1 [setup-failed]" in said
    assert "no such table" in said
    assert "ripstop/suite" not in said
