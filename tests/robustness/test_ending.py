"""However ripstop ends, two seconds later nothing of what it started is left."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable
from typing import Any

import pytest

Make = Callable[..., Any]
REPORT = ("--report", "json:report.json")
MOMENTS_S = [0.2, 0.5, 0.8, 1.1, 1.4, 1.8, 2.3, 2.9, 3.5, 4.2]


def nothing_is_left(made: Any, *, within_s: float = 2.0) -> list[str]:
    """What is still there once the time is over; empty as soon as nothing is."""
    until = time.monotonic() + within_s
    while (left := made.left()) and time.monotonic() < until:
        time.sleep(0.02)
    return list(left)


def report_is_whole_or_absent(made: Any) -> bool:
    path = made.folder / "report.json"
    return not path.exists() or bool(json.loads(path.read_text())["schema"])


@pytest.mark.parametrize("after_s", MOMENTS_S)
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_killed_run_leaves_nothing_behind(project: Make, after_s: float, workers: str) -> None:
    made = project()
    process = made.start("explore", "--workers", workers, *REPORT)
    time.sleep(after_s)

    process.kill()
    process.wait(5)

    assert nothing_is_left(made) == []
    assert report_is_whole_or_absent(made)


def test_an_interrupted_run_says_so_in_one_line_and_leaves_nothing(project: Make) -> None:
    made = project()
    process = made.start("explore", *REPORT)
    assert "service ready" in process.stdout.readline()

    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)

    assert (process.returncode, err.strip().count("\n")) == (130, 0), err
    assert "interrupted" in err
    assert nothing_is_left(made) == []
    assert report_is_whole_or_absent(made)
