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
SIDE_BY_SIDE = 2
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
    """Run until the moment, end it, and look for what is left two seconds after it ended."""
    process = project.start(*ARGUMENTS, "--workers", str(workers))
    project.until(lambda: moment(project))
    project.note_ports()
    end(process.pid)
    process.wait(30)
    left = project.nothing_left()
    _, said = process.communicate(timeout=30)
    report = project.folder / "report.json"
    whole = not report.exists() or bool(json.loads(report.read_text())["schema"])
    return End(process.returncode, said, left, whole)


def by_kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def by_terminal(pid: int) -> None:
    os.killpg(pid, signal.SIGINT)


def by_program(pid: int) -> None:
    os.kill(pid, signal.SIGINT)


INTERRUPTS = [
    ("the server's start", by_terminal),
    ("the service's start", by_program),
    ("the baseline's undo", by_terminal),
    ("a hang", by_terminal),
    ("a hang", by_program),
    ("the undo after a hang", by_program),
    ("the worker's set-up", by_terminal),
    ("two hangs", by_terminal),
    ("two hangs", by_program),
]


def run(moment: str, end: Callable[[int], None]) -> End:
    project = made(database=True, linger_s=0.3)
    try:
        return ended(project, *MOMENTS[moment], end)
    finally:
        project.end()


@pytest.fixture(scope="module")
def ends() -> Iterator[dict[tuple[str, str], Future[End]]]:
    """Every run of this file, a few at a time."""
    wanted = [*((moment, by_kill) for moment in MOMENTS), *INTERRUPTS]
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        yield {(moment, end.__name__): pool.submit(run, moment, end) for moment, end in wanted}


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_run_killed_at_any_moment_leaves_nothing_behind(
    ends: dict[tuple[str, str], Future[End]], moment: str
) -> None:
    end = ends[moment, "by_kill"].result(120)

    assert end == End(-signal.SIGKILL, "", [], report_whole=True)


@pytest.mark.parametrize(("moment", "how"), [(moment, end.__name__) for moment, end in INTERRUPTS])
def test_an_interrupted_run_says_so_in_one_line_and_leaves_nothing(
    ends: dict[tuple[str, str], Future[End]], moment: str, how: str
) -> None:
    end = ends[moment, how].result(120)

    assert end == End(130, INTERRUPTED, [], report_whole=True)


FAILING = """

@pytest.fixture(autouse=True)
def failing():
    yield
    assert open("notes").read().count("call") < 4, "the fixture's own complaint"
"""


def test_an_interrupt_is_told_as_one_although_the_tear_down_it_causes_fails(project: Make) -> None:
    one = project(database=True)
    one.write("conftest.py", (one.folder / "conftest.py").read_text() + FAILING)

    end = ended(one, *MOMENTS["a hang"], by_terminal)

    assert end == End(130, INTERRUPTED, [], report_whole=True)
