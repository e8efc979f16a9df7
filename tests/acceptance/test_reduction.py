"""Reduction loses nothing: exploring finds the same with ``--reduce`` and with ``--no-reduce``.

What is run, once for all tests here: the four examples with every fault at every seam, their
time-outs and the budget brought down together so that a wait costs a second and not four; and a
service of sixty crossings (sixty/), wrong at four of them in the middle of its loops, with every
error code of the database and every status of the provider. Faults that wait are left out there:
unreduced they are 130 waits of a whole budget.
"""

from __future__ import annotations

import re
import shutil
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from .exploring import copy, explore

SIXTY = Path(__file__).with_name("sixty")
SHORTER = {
    "statement_timeout=2000": "statement_timeout=400",
    "transaction_timeout=3000": "transaction_timeout=600",
}
HARDENED = {"TIMEOUT_S: float | None = 1.5": "TIMEOUT_S: float | None = 0.4"}
PLANTED = {
    ("RS202", "POST /v1/notices", "status"),
    ("RS202", "INSERT deliveries", "sqlstate"),
    ("RS103", "INSERT deliveries", "sqlstate"),
    ("RS103", "INSERT lines", "sqlstate"),
}


EXAMPLES = ["orders", "orders_flask", "orders_django", "orders_hardened"]
FAULTS = ("--fault", "sqlstate", "--fault", "status")
STRIKES = ("killed", "terminated")
AT_ONCE = 2
"""Explorations side by side: those of the examples mostly wait, the long one mostly works."""

Reports = tuple[dict[str, Any], dict[str, Any]]


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Reports]:
    """For each project its two reports, reduced and whole."""
    folder = tmp_path_factory.mktemp("reduction")
    with ThreadPoolExecutor(AT_ONCE) as pool:
        running = {
            project: [
                pool.submit(explore_one, project, folder / name, option)
                for name, option in (("whole", "--no-reduce"), ("reduced", "--reduce"))
            ]
            for project in ("sixty", *EXAMPLES)
        }
        return {project: (two[1].result(), two[0].result()) for project, two in running.items()}


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_shows_the_same_reduced_or_not(example: str, reports: dict[str, Reports]) -> None:
    reduced, whole = reports[example]

    assert told(reduced) == told(whole)
    assert bool(told(whole)) is (example != "orders_hardened")
    assert counted(reduced)["skipped"] > counted(whole)["skipped"] == 0


def test_sixty_crossings_show_the_same_with_three_plans_of_five_left_out(reports: dict[str, Reports]) -> None:
    reduced, whole = reports["sixty"]

    assert len(reduced["workflows"][0]["baseline"]["crossings"]) == 60
    assert told(reduced) == told(whole)
    assert counted(whole) == {"planned": counted(reduced)["planned"], "skipped": 0}
    assert counted(reduced)["skipped"] >= 0.6 * counted(reduced)["planned"]


def test_what_is_wrong_in_the_middle_of_a_loop_is_found_reduced_or_not(reports: dict[str, Reports]) -> None:
    for report in reports["sixty"]:
        found = {(code, operation, fault.partition("(")[0]) for code, _, operation, fault in told(report)}
        assert found == PLANTED


def test_every_plan_left_out_is_listed_with_its_reason(reports: dict[str, Reports]) -> None:
    (reduced,), (whole,) = (report["workflows"] for report in reports["sixty"])
    left_out = [n for n in reduced["not_exercised"] if n["reason"] != "filtered"]

    assert {n["reason"] for n in left_out} == {"reduced-loop", "reduced-same-outcome"}
    assert all(n["operation"] and n["fault"] for n in left_out)
    assert sum(reduced["verdicts"].values()) + len(left_out) == sum(whole["verdicts"].values())


def explore_one(project: str, to: Path, reducing: str) -> dict[str, Any]:
    """The report on a checkout of one project."""
    if project == "sixty":
        ignored = shutil.ignore_patterns("__pycache__", ".ripstop", ".pytest_cache")
        folder = Path(shutil.copytree(SIXTY, to / project, ignore=ignored))
        return explore(folder, reducing, *FAULTS, "workflow.py", timeout_s=900)
    hardened = project == "orders_hardened"
    folder = impatient(copy(project, to), hardened=hardened)
    return explore(folder, reducing, "--budget", "1", expected=(0, 1) if hardened else 1)


def impatient(folder: Path, *, hardened: bool) -> Path:
    """The checkout with time-outs that fit a budget of one second."""
    changed = 0
    for file in sorted((folder / "orders").glob("*.py")):
        text = file.read_text()
        for old, new in (HARDENED if hardened else SHORTER).items():
            text, times = re.subn(re.escape(old), new, text)
            changed += times
        file.write_text(text)
    assert changed == 2
    return folder


def told(report: dict[str, Any]) -> set[tuple[str, str, str, str]]:
    """(code, step, operation, fault) of every finding and every advice, faults with their parameters.

    What did not repeat, and what a paused process leaves, depends on the machine's pace and is left
    out. What one that was killed leaves is told without its code: which rule sees the damage first
    depends on how far the retry of so short a time-out gets.
    """
    return {
        ("" if fault.startswith(STRIKES) else one["code"], one["step"], one["operation"], fault)
        for workflow in report["workflows"]
        for one in (*workflow["findings"], *workflow["advice"])
        for fault in one["faults"]
        if one["code"] != "RS902" and not fault.startswith("paused")
    }


def counted(report: dict[str, Any]) -> dict[str, int]:
    """How many plans there were, and how many of them reduction left out."""
    (workflow,) = report["workflows"]
    reasons = Counter(n["reason"] for n in workflow["not_exercised"] if n["reason"] != "filtered")
    skipped = sum(times for reason, times in reasons.items() if reason.startswith("reduced"))
    return {"planned": sum(workflow["verdicts"].values()) + reasons.total(), "skipped": skipped}
