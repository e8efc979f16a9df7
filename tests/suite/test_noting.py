"""What an ordinary pytest run leaves: which fault fired in which test, and never a failure of its own."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from ripstop.suite import noting

ROOT = Path(__file__).parents[2]
TESTS = '''
"""Tests of each kind of outcome."""

import pytest

from ripstop import faults

ORDER = {"userId": "u-1", "amountCents": 4200}


@pytest.mark.workflow("place an order twice")
def test_fault(service, seams):
    service.post("/orders", json=ORDER)
    with seams.db.inject(faults.connection_lost(), at="INSERT orders"):
        service.post("/orders", json=ORDER)


@pytest.mark.parametrize("code", [503])
def test_parameter(service, seams, code):
    with seams.payments.inject(faults.status(code), at="POST /v1/charges"):
        assert service.post("/orders", json=ORDER).status_code == 402


def test_fails(service):
    assert service.get("/nowhere").status_code == 200


@pytest.mark.xfail(strict=True)
def test_expected(service):
    assert service.get("/nowhere").status_code == 200


@pytest.fixture
def broken(service):
    service.post("/orders", json=ORDER)
    raise RuntimeError("no")


def test_error(service, broken): ...


def test_without_service(): ...
'''


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("noting") / "orders"
    ignored = shutil.ignore_patterns("__pycache__", ".ripstop")
    shutil.copytree(ROOT / "examples" / "orders", copy, ignore=ignored)
    (copy / "tests" / "test_kinds.py").write_text(TESTS)
    return copy


def run(folder: Path, *options: str) -> str:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "tests/test_kinds.py",
        *options,
    ]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    return done.stdout + done.stderr


def left(folder: Path) -> dict[str, Any]:
    document = json.loads((folder / ".ripstop" / noting.FILE).read_text())
    assert document["schema"] == noting.SCHEMA
    tests: dict[str, Any] = document["tests"]
    return {nodeid.rpartition("::")[2]: entry for nodeid, entry in tests.items()}


@pytest.fixture(scope="module")
def noted(folder: Path) -> dict[str, Any]:
    said = run(folder)
    assert "1 failed, 3 passed, 1 xfailed, 1 error" in said, said[-3000:]
    return left(folder)


def test_each_test_that_uses_the_service_is_told_with_its_outcome(noted: dict[str, Any]) -> None:
    assert {name: entry["outcome"] for name, entry in noted.items()} == {
        "test_fault": "passed",
        "test_parameter[503]": "passed",
        "test_fails": "failed",
        "test_expected": "xfailed",
        "test_error": "error",
    }


def test_a_fault_is_told_with_the_step_in_whose_request_it_fired(noted: dict[str, Any]) -> None:
    assert noted["test_fault"]["fired"] == [
        {
            "step": "POST /orders (2)",
            "seam": "db",
            "protocol": "postgres",
            "operation": "INSERT orders",
            "fault": "connection_lost",
            "params": {},
        }
    ]
    (status,) = noted["test_parameter[503]"]["fired"]
    assert (status["fault"], status["params"], status["protocol"]) == ("status", {"code": 503}, "http")


def test_steps_are_told_with_the_status_they_were_answered(noted: dict[str, Any]) -> None:
    assert [(one["step"], one["status"]) for one in noted["test_fault"]["steps"]] == [
        ("POST /orders", 201),
        ("POST /orders (2)", 503),
    ]
    assert noted["test_fault"]["workflow"] == "place an order twice"
    assert noted["test_fails"]["steps"] == [{"step": "GET /nowhere", "status": 404, "failure": None}]


def test_where_it_cannot_be_written_the_run_goes_on(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "orders"
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns(".ripstop"))
    (copy / ".ripstop").write_text("in the way")

    assert "1 passed" in run(copy, "-k", "test_fault")


def entry(outcome: str = "passed") -> dict[str, Any]:
    return {"outcome": outcome, "workflow": "", "steps": [], "fired": []}


def test_a_later_run_of_some_tests_keeps_the_others_and_drops_those_that_are_gone(tmp_path: Path) -> None:
    (tmp_path / "test_a.py").write_text(
        "def test_one(): ...\nclass TestX:\n    async def test_two(self): ...\n"
    )
    kept = ["test_a.py::test_one", "test_a.py::TestX::test_two[1-x::y]"]
    noting.keep(tmp_path, dict.fromkeys([*kept, "test_a.py::test_gone", "gone.py::test_one"], entry()))

    noting.keep(tmp_path, {"test_a.py::test_one": entry("failed")})

    document = json.loads((tmp_path / ".ripstop" / noting.FILE).read_text())
    assert {nodeid: one["outcome"] for nodeid, one in document["tests"].items()} == {
        "test_a.py::test_one": "failed",
        "test_a.py::TestX::test_two[1-x::y]": "passed",
    }


def test_several_processes_of_one_run_lose_nothing_of_each_other(tmp_path: Path) -> None:
    names = [f"test_{n}" for n in range(24)]
    (tmp_path / "test_a.py").write_text("".join(f"def {name}(): ...\n" for name in names))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: noting.keep(tmp_path, {f"test_a.py::{name}": entry()}), names))

    document = json.loads((tmp_path / ".ripstop" / noting.FILE).read_text())
    assert len(document["tests"]) == len(names)


@pytest.mark.parametrize(
    "content", ["{", "[]", '{"schema": "x"}', '{"schema": "ripstop-suite/1", "tests": 3}']
)
def test_a_damaged_file_is_replaced(tmp_path: Path, content: str) -> None:
    (tmp_path / "test_a.py").write_text("def test_one(): ...\n")
    (tmp_path / ".ripstop").mkdir()
    (tmp_path / ".ripstop" / noting.FILE).write_text(content)

    noting.keep(tmp_path, {"test_a.py::test_one": entry()})

    assert "test_one" in (tmp_path / ".ripstop" / noting.FILE).read_text()
