"""A service of two processes, a web server and a worker that polls for jobs, explored by the real command."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .exploring import QUICK, copy, explore, places

OUTBOX = Path(__file__).with_name("outbox")
FAULTS = ("killed", "terminated", "connection_lost", "reply_lost")
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
