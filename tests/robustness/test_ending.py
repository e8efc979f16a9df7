"""However ripstop ends, two seconds later nothing of what it started is left.

The moments are watched for, not waited for: the server's folder, notes that the service and the test
take. A trigger makes every undo linger, so that some ends fall into the middle of one. The budget is
short, and only hangs are tried: most of a run is spent in one.
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from .projects import Make, Project, made

Moment = Callable[[Project], object]
ARGUMENTS = ("explore", "--fault", "hang", "--budget", "2", "--report", "json:report.json")
SIDE_BY_SIDE = 3
INTERRUPTED = "ripstop: interrupted; everything it started was stopped\n"


def noted(what: str, times: int) -> Moment:
    return lambda project: project.notes(what) >= times


def found(pattern: str, times: int = 1) -> Moment:
    return lambda project: len(list((project.folder / "data").glob(pattern))) >= times


MOMENTS: dict[str, tuple[int, Moment]] = {
    "the first warden": (1, lambda project: len(project.processes()) > 1),
    "the server's folder": (1, found("*")),
    "the server's first file": (1, found("*/data/*")),
    "the server's start": (1, found("*/data/postmaster.pid")),
    "the set-up": (1, noted("set-up", 1)),
    "the service's start": (1, noted("begin", 1)),
    "the warm-up's fixtures": (1, noted("fixture", 1)),
    "the warm-up's undo": (1, noted("undo", 1)),
    "the baseline's call": (1, noted("call", 2)),
    "the baseline's undo": (1, noted("undo", 2)),
    "a hang": (1, noted("call", 4)),
    "the retry after a hang": (1, noted("call", 5)),
    "the undo after a hang": (1, noted("undo", 4)),
    "the fixtures after a hang": (1, noted("fixture", 5)),
    "the worker's server": (2, found("*/data/postmaster.pid", 2)),
    "the worker's set-up": (2, noted("set-up", 2)),
    "the worker's service": (2, noted("begin", 2)),
    "a hang beside the worker's warm-up": (2, noted("call", 4)),
    "the worker's undo": (2, noted("undo", 4)),
    "two hangs": (2, noted("call", 7)),
}


@dataclass(frozen=True, slots=True)
class End:
    """How a run that was ended from outside came out."""

    code: int
    said: str
    left: list[str]
    report_whole: bool


def ended(project: Project, workers: int, moment: Moment, end: Callable[[int], None]) -> End:
    """Run until the moment, end it, and look for what is left two seconds later."""
    process = project.start(*ARGUMENTS, "--workers", str(workers))
    project.until(lambda: moment(project))
    project.note_ports()
    end(process.pid)
    left = project.nothing_left(within_s=2.0, besides=process.pid)
    _, said = process.communicate(timeout=30)
    report = project.folder / "report.json"
    whole = not report.exists() or bool(json.loads(report.read_text())["schema"])
    return End(process.returncode, said, left, whole)


def killed(workers: int, moment: Moment) -> End:
    project = made(database=True, linger_s=0.3)
    try:
        return ended(project, workers, moment, lambda pid: os.kill(pid, signal.SIGKILL))
    finally:
        project.end()


@pytest.fixture(scope="module")
def all_killed() -> Iterator[dict[str, Future[End]]]:
    """Twenty runs, a few at a time, each killed at a moment of its own."""
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        yield {name: pool.submit(killed, *how) for name, how in MOMENTS.items()}


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_run_killed_at_any_moment_leaves_nothing_behind(
    all_killed: dict[str, Future[End]], moment: str
) -> None:
    end = all_killed[moment].result(60)

    assert end == End(-signal.SIGKILL, "", [], report_whole=True)


INTERRUPTS = [
    "the server's start",
    "the service's start",
    "the baseline's undo",
    "a hang",
    "the undo after a hang",
    "the worker's set-up",
    "two hangs",
]


def by_terminal(pid: int) -> None:
    os.killpg(pid, signal.SIGINT)


def by_program(pid: int) -> None:
    os.kill(pid, signal.SIGINT)


@pytest.mark.parametrize("end", [by_terminal, by_program])
@pytest.mark.parametrize("moment", INTERRUPTS)
def test_an_interrupted_run_says_so_in_one_line_and_leaves_nothing(
    project: Make, moment: str, end: Callable[[int], None]
) -> None:
    assert ended(project(database=True, linger_s=0.3), *MOMENTS[moment], end) == End(
        130, INTERRUPTED, [], report_whole=True
    )
