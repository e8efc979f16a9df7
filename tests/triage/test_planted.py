"""Every planted failure is put down to its cause, and none to the wrong side."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ripstop.cli.triage import _runs
from ripstop.model.triage import Diagnosis
from ripstop.triage.diagnosing import triage
from ripstop.triage.junit import read

from .planted import CASES, FLAKES, PRODUCT

QUIET = "[pytest]\naddopts = -p no:ripstop -p no:faker -p no:xdist -p no:hypothesispytest -p no:randomly\n"
SIDES = {"product-bug": {"test-bug"}, "test-bug": {"product-bug"}}


def laid_out(root: Path, tests: dict[str, str]) -> Path:
    for name, text in {**PRODUCT, "pytest.ini": QUIET, **tests}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Diagnosis]:
    root = laid_out(
        tmp_path_factory.mktemp("planted"),
        {f"tests/test_{name}.py": text for name, (text, _, _) in CASES.items()},
    )
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "--continue-on-collection-errors",
        "--junit-xml=report.xml",
    ]
    subprocess.run(command, cwd=root, capture_output=True, timeout=60, check=False)
    return {_named(one): one for one in triage(root, [read(root / "report.xml")]).diagnoses}


def _named(one: Diagnosis) -> str:
    words = one.failure.test.partition("::")[0].split(".")
    return next(word for word in words if word.startswith("test_")).removeprefix("test_")


@pytest.mark.parametrize("case", CASES)
def test_a_planted_failure_is_put_down_to_its_cause(found, case):
    _, cause, rule = CASES[case]

    assert (found[case].cause, found[case].name) == (cause, rule), found[case]
    assert found[case].evidence
    assert found[case].fix


def test_none_is_blamed_on_the_wrong_side(found):
    wrong = {case for case, (_, cause, _) in CASES.items() if found[case].cause in SIDES.get(cause, set())}

    assert len(found) == len(CASES) >= 20
    assert wrong == set()


def test_what_fails_now_and_then_is_told_by_other_runs(tmp_path, monkeypatch):
    laid_out(tmp_path, {f"tests/test_{name}.py": text for name, (text, _) in FLAKES.items()})
    monkeypatch.chdir(tmp_path)
    found = triage(tmp_path, list(_runs([], 60.0))).diagnoses

    assert {_named(one): (one.cause, one.name) for one in found} == {
        name: ("flake", rule) for name, (_, rule) in FLAKES.items()
    }


@pytest.mark.parametrize(
    ("report", "wanted"),
    [
        (
            "vitest.xml",
            ["not-installed", "wrong-result", "raised", "undefined-name", "not-reachable", "timing"],
        ),
        ("jest.xml", ["wrong-result", "raised", "undefined-name", "not-reachable", "timing"]),
    ],
)
def test_reports_of_vitest_and_jest_are_read(report, wanted):
    found = triage(Path("/home/dev/shop"), [read(Path(__file__).parent / "reports" / report)])

    assert [one.name for one in found.diagnoses][: len(wanted) - 1] == wanted[:-1]
