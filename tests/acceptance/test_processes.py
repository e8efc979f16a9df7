"""A service of two processes, a web server and a worker that polls for jobs, explored by the real command."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .exploring import QUICK, copy, explore, places

OUTBOX = Path(__file__).with_name("outbox")
DESK = Path(__file__).with_name("remembering")
FAULTS = ("killed", "connection_lost", "reply_lost")
ASKED = [word for fault in FAULTS for word in ("--fault", fault)]


def depot(tmp_path: Path, temper: str) -> Path:
    """The depot, its worker of this temper (see `outbox/depot/worker.py`)."""
    folder = copy(OUTBOX, tmp_path)
    settings = folder / "pyproject.toml"
    settings.write_text(settings.read_text().replace("depot.worker sound", f"depot.worker {temper}"))
    return folder


def test_a_worker_that_holds_its_job_until_it_is_done_loses_nothing_whoever_is_killed(tmp_path: Path) -> None:
    report = explore(depot(tmp_path, "sound"), *QUICK, *ASKED, expected=0)

    (workflow,) = report["workflows"]
    assert workflow["findings"] == []
    assert workflow["verdicts"]["unknown"] == 0
    assert workflow["restarts"] >= 5
    crossed = {f"{c['operation']} by {c['process'] or 'service'}" for c in workflow["baseline"]["crossings"]}
    assert {"INSERT orders by service", "POST /parcels by worker", "DELETE jobs by worker"} <= crossed
    assert not any("SELECT jobs" in crossing for crossing in crossed)


def test_a_worker_that_strikes_its_job_off_first_loses_the_parcel(tmp_path: Path) -> None:
    report = explore(depot(tmp_path, "hasty"), *QUICK, "--fault", "killed", "--fault", "terminated")

    assert {place[0] for place in places(report)} == {"RS601"}
    assert ("RS601", "killed(when=after)") in told(report)
    assert ("RS601", "killed(when=before)") in told(report)


def test_a_worker_that_ends_where_its_connection_is_lost_is_named(tmp_path: Path) -> None:
    report = explore(depot(tmp_path, "brittle"), *QUICK, "--fault", "connection_lost")

    (finding, *others) = report["workflows"][0]["findings"]
    assert (finding["code"], finding["severity"]) == ("RS101", "high")
    assert finding["evidence"]["died"] == "the worker ended by itself with status 3"
    assert {one["code"] for one in others} <= {"RS101"}


def told(report: dict[str, Any]) -> set[tuple[str, str]]:
    return {(f["code"], fault) for f in report["workflows"][0]["findings"] for fault in f["faults"]}


def desk(tmp_path: Path, manner: str) -> Path:
    """The desk that remembers in this manner (see `remembering/desk/app.py`)."""
    folder = copy(DESK, tmp_path)
    settings = folder / "pyproject.toml"
    settings.write_text(settings.read_text().replace('"plain"', f'"{manner}"'))
    return folder


def test_a_rate_limit_in_memory_is_not_blamed_on_faults_and_the_restart_is_told(tmp_path: Path) -> None:
    report = explore(desk(tmp_path, "limit"), *QUICK, "--fault", "status", "--fault", "killed", expected=0)

    (workflow,) = report["workflows"]
    assert (workflow["verdicts"]["unknown"], workflow["restarts"] > 0) == (0, True)
    assert "not-reached" not in {one["reason"] for one in workflow["not_exercised"]}
    said = " ".join(report["said"].split())
    assert "pay: the service remembers earlier runs" in said
    assert "was started anew" in said


def test_a_circuit_breaker_that_opened_rightly_is_no_finding(tmp_path: Path) -> None:
    report = explore(desk(tmp_path, "breaker"), *QUICK, "--fault", "status", expected=0)

    (workflow,) = report["workflows"]
    assert workflow["verdicts"]["held"] >= 5
    assert (workflow["findings"], workflow["verdicts"]["unknown"]) == ([], 0)


@pytest.mark.parametrize("manner", ["plain", "drop"])
def test_a_keyed_service_that_is_told_to_end_never_tears_whether_it_drains_or_drops(
    tmp_path: Path, manner: str
) -> None:
    report = explore(desk(tmp_path, manner), *QUICK, "--fault", "terminated", "--no-reduce", expected=0)

    (workflow,) = report["workflows"]
    assert workflow["verdicts"] == {"held": 3, "torn": 0, "unknown": 0}
    assert workflow["restarts"] == 3
    assert ("no answer" in report["said"]) == (manner == "drop")
