"""The time of a whole service moved: by hand in Python and Node, by each fault, and by the real command."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ripstop import config, faults
from ripstop.errors import StartError
from ripstop.model.experiment import CallOutcome, Experiment
from ripstop.model.fault import FaultSpec
from ripstop.model.plan import Injection, Plan
from ripstop.model.trace import CrossingId
from ripstop.rig.rig import Rig
from ripstop.rig.run import Run
from ripstop.service.clock import Clock
from ripstop.suite.arming import armed

from ..packages import node_modules
from .exploring import EXAMPLES, QUICK, copy, explore, places

TIMED = Path(__file__).with_name("timed")
WORKER = (
    '\n[tool.ripstop.processes.worker]\ncommand = "python service.py worker"\nready   = "worker: ready"\n'
)
PLACE = "POST /tokens /expires_at"
BERLIN = ZoneInfo("Europe/Berlin")
ISSUED, ASKED = "POST /tokens", "GET /me"


def project(tmp_path: Path, manner: str = "sound", *, worker: bool = False) -> Path:
    folder = copy(TIMED, tmp_path)
    settings = folder / "pyproject.toml"
    text = settings.read_text().replace('"sound"', f'"{manner}"')
    settings.write_text(text if worker else text.replace(WORKER, ""))
    return folder


@pytest.mark.parametrize("language", ["python", "node"])
def test_a_token_of_a_day_is_honoured_to_its_last_second_by_service_worker_and_sql(
    tmp_path: Path, language: str
) -> None:
    folder = project(tmp_path, worker=True)
    if language == "node":
        settings = folder / "pyproject.toml"
        settings.write_text(settings.read_text().replace("python service.py", "node service.mjs"))
        (folder / "node_modules").symlink_to(node_modules(EXAMPLES / "orders_express" / "package.json"))

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert "6 passed" in done.stdout


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    one = Rig.start(config.load(project(tmp_path_factory.mktemp("timed"))))
    one.mark()
    yield one
    one.close()


def run(rig: Rig, spec: FaultSpec, step: str) -> tuple[Experiment, dict[str, Any]]:
    """The workflow with the clock moved; its record, and the time that was shown at the end."""
    rig.reset()
    plan = Plan((Injection(CrossingId(step, "clock", step), spec),))
    one = Run(rig, plan, [armed(rig, injection) for injection in plan.injections])
    one.begin()
    rig.begin()
    one.enter_call()
    with rig.client() as client:
        token = client.post("/tokens").json()
        client.get("/me", headers={"Authorization": f"Bearer {token['token']}"})
        told = client.get("/now").json()
    return one.finish(CallOutcome(True)), {"token": token, **told}


@pytest.mark.parametrize(
    ("spec", "late_s", "status"),
    [
        (faults.before_expiry(PLACE), -1, 200),
        (faults.before_expiry("tokens.expires_at"), -1, 200),
        (faults.after_expiry(PLACE), 1, 401),
        (faults.after_expiry("tokens.expires_at", late_s=600), 600, 401),
    ],
    ids=str,
)
def test_the_clock_is_moved_to_what_this_run_gave_out(
    rig: Rig, spec: FaultSpec, late_s: int, status: int
) -> None:
    record, told = run(rig, spec, ASKED)

    expires = datetime.fromisoformat(told["token"]["expires_at"]).timestamp()
    assert [one.fault for one in record.fired] == [spec]
    assert [one.answer.status for one in record.exchanges] == [201, status, 200]
    assert late_s <= told["here"] - expires < late_s + 5
    assert abs(told["here"] - told["there"]) < 5


@pytest.mark.parametrize(
    ("spec", "shown"),
    [
        (faults.month_end(), lambda at: at.day == 31 and (at + timedelta(days=1)).day == 1),
        (faults.leap_day(), lambda at: (at.month, at.day) == (2, 29)),
        (faults.dst("forward"), lambda at: (at.month, at.hour, at.minute) == (3, 1, 30)),
        (faults.dst("back"), lambda at: (at.month, at.hour, at.minute, at.fold) == (10, 2, 30, 1)),
    ],
    ids=["month_end", "leap_day", "forward", "back"],
)
def test_a_whole_run_takes_place_on_a_day_to_come(rig: Rig, spec: FaultSpec, shown: Any) -> None:
    record, told = run(rig, spec, ISSUED)

    assert [one.fault for one in record.fired] == [spec]
    assert told["there"] > datetime.now(UTC).timestamp() + 3600
    assert all(shown(datetime.fromtimestamp(told[place], BERLIN)) for place in ("here", "there"))


def test_a_day_goes_by_between_two_steps(rig: Rig) -> None:
    record, told = run(rig, faults.next_day(), ASKED)

    assert [one.fault for one in record.fired] == [faults.next_day()]
    assert abs(told["here"] - datetime.now(UTC).timestamp() - 86_400) < 30
    rig.reset()
    assert rig.clock is not None
    assert not rig.clock.moved
    with rig.client() as client:
        assert client.get("/now").json()["found"] == 0, "it was started before its rows were undone"


def test_what_was_never_given_out_cannot_expire(rig: Rig) -> None:
    record, _ = run(rig, faults.after_expiry("POST /tokens /nothing"), ASKED)

    assert record.fired == ()


def test_a_service_that_keeps_real_time_is_refused_before_anything_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = project(tmp_path)
    settings = folder / "pyproject.toml"
    settings.write_text(settings.read_text().replace('"python service', '"env -u LD_PRELOAD python service'))

    with pytest.raises(StartError, match=r"the service \(python.*\) does not see the moved clock") as caught:
        Rig.start(config.load(folder))
    assert caught.value.slug == "clock-unseen"
    assert "everything else works" in caught.value.way_out

    monkeypatch.setattr(Clock, "environment", lambda *_: {})
    with pytest.raises(StartError, match="the PostgreSQL server of db does not see the moved clock"):
        Rig.start(config.load(folder))


@pytest.mark.parametrize(
    ("manner", "asked", "expected"),
    [
        ("proud", ("after_expiry",), [("RS503", ASKED, "clock", ASKED)]),
        ("monthly", ("month_end",), [("RS101", ISSUED, "clock", ISSUED)]),
        ("sound", (), []),
    ],
)
def test_a_service_is_explored_in_times_to_come(
    tmp_path: Path, manner: str, asked: tuple[str, ...], expected: list[tuple[str, ...]]
) -> None:
    narrowed = [word for fault in asked for word in ("--fault", fault)]
    report = explore(
        project(tmp_path, manner), "--seam", "clock", *narrowed, *QUICK, expected=1 if expected else 0
    )

    assert places(report) == expected
    (workflow,) = report["workflows"]
    assert workflow["verdicts"]["unknown"] == 0
    assert sum(workflow["verdicts"].values()) >= (7 if manner == "sound" else 1)
