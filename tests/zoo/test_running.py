"""What an exploration leaves is read whole, half or not at all; and what runs can be stopped."""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from benchmarks.zoo.running import Children, First, Told, read

FINDING = {
    "code": "RS102",
    "step": "POST /orders",
    "seam": "payments",
    "operation": "POST /v1/charges",
    "faults": ["hang", "late_reply(delay_ms=2000)"],
}
NOTES = [
    {"event": "ready", "seconds": 1.25},
    {
        "event": "finding",
        **FINDING,
        "faults": ["hang", "late_reply"],
        "advice": False,
        "experiments": 7,
        "seconds": 3.5,
    },
]
HUNG = Told("RS102", "POST /orders", "payments", "POST /v1/charges", ("hang", "late_reply"))


def left(
    folder: Path, report: dict[str, Any] | None, notes: list[dict[str, Any]] = NOTES
) -> tuple[Path, ...]:
    paths = tuple(folder / name for name in ("report.json", "notes", "log"))
    if report is not None:
        paths[0].write_text(json.dumps(report))
    paths[1].write_text("".join(json.dumps(note) + "\n" for note in notes))
    paths[2].write_text("first\n\nsecond\nlast\n")
    return paths


def report(**values: Any) -> dict[str, Any]:
    workflow = {"experiments": 30, "findings": [FINDING], "advice": [{**FINDING, "code": "RS304"}]}
    return {"workflows": [workflow], "refused": [], "complete": True, **values}


def test_a_run_that_ended_too_early_is_no_run(tmp_path: Path) -> None:
    assert read(*left(tmp_path, report(complete=False)), 1, seconds=9.0).problem == "not explored to its end"


def test_a_whole_run_is_read_with_its_findings_and_when_they_came(tmp_path: Path) -> None:
    one = read(*left(tmp_path, report()), 1, seconds=9.0)

    assert one.problem == ""
    assert one.log == ()
    assert (one.experiments, one.seconds, one.ready_s) == (30, 9.0, 1.25)
    assert one.firsts == (First(HUNG, 7, 3.5),)
    assert one.findings[0] == HUNG
    assert [(two.code, two.advice) for two in one.findings] == [("RS102", False), ("RS304", True)]


@pytest.mark.parametrize(
    ("told", "code", "words"),
    [
        (None, 3, "exit code 3"),
        (None, None, "did not end in time"),
        (report(refused=[{"reason": "the test is not green"}]), 4, "the test is not green"),
        (report(), 5, "exit code 5"),
        (report(workflows=[]), 0, "no workflow"),
    ],
)
def test_what_was_not_explored_is_told_with_the_last_lines(
    tmp_path: Path, told: dict[str, Any] | None, code: int | None, words: str
) -> None:
    one = read(*left(tmp_path, told, []), code)

    assert words in one.problem
    assert one.log == ("first", "second", "last")


def test_what_takes_too_long_is_asked_to_stop(tmp_path: Path) -> None:
    program = "import signal, sys; signal.signal(15, lambda *_: sys.exit(print('stopped'))); signal.pause()"

    ended = Children().run(
        [sys.executable, "-c", program], cwd=tmp_path, env=os.environ, log=tmp_path / "log", limit_s=1.0
    )

    assert ended is None
    assert (tmp_path / "log").read_text() == "stopped\n"


def test_after_a_stop_nothing_runs_and_nothing_starts(tmp_path: Path) -> None:
    children = Children()
    ended: list[int | None] = []
    said = tmp_path / "log"
    program = "import signal; print('up', flush=True); signal.pause()"

    def work() -> None:
        command = [sys.executable, "-c", program]
        ended.append(children.run(command, cwd=tmp_path, env=os.environ, log=said, limit_s=30.0))

    thread = threading.Thread(target=work)
    thread.start()
    while not (said.exists() and said.read_text()):
        thread.join(0.01)
    children.stop()
    thread.join(10)

    assert ended == [-15]
    assert children.run(["true"], cwd=tmp_path, env={}, log=tmp_path / "other", limit_s=1.0) is None
