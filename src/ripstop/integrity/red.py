"""Why a test is red, by a rule that leaves no room for opinion.

Right: an assertion about the service in the test's call, or 404 or 405 from a route not built yet.
Everything else a test may fail with is the wrong red: it would be as red with any service behind it.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ripstop.integrity.witnessed import Frame, Phase, Raised, Uncollected, Witnessed
from ripstop.suite.touching import is_about_tests

ASSERTION, NO_ROUTE = "assertion", "no-route"
RIGHT = (ASSERTION, NO_ROUTE)
ALREADY_GREEN = "already-green"
WAYS_OUT = {
    ALREADY_GREEN: "it passes as things are: assert what does not hold yet, or leave it out",
    "syntax-error": "mend the file until Python reads it",
    "import-error": "import only what is there; reach what is not built yet through the service",
    "not-collected": "name a test that pytest collects",
    "fixture-error": "mend what is done before the test; the service must start as it stands",
    "teardown-error": "mend what is done after the test",
    "harness-timeout": "let the service's own time-outs end the wait, and assert on its answer",
    "fault-not-fired": "inject a fault at a crossing that the request makes",
    "explicit-fail": "assert on what the service answered, stored or sent, instead of failing outright",
    "constant-assertion": "assert on what the service answered, stored or sent",
    "service-untouched": "call the service, or the code under test, before asserting",
    "test-error": "mend the test's own code: its error says nothing of the service",
    "raised-elsewhere": "assert on it: catch it with pytest.raises, or ask for the answer it should become",
    "skipped": "run it: a skipped test is not red",
    "expected-failure": "take the xfail away: `ripstop backfill --red` writes findings without it",
    "edited-while-running": "leave the project's own files alone: write to tmp_path",
    "died": "the process ended in it: mend that first",
}
_FAIL = ("builtins.Failed",)
"""pytest's own exception of this name says that it is a builtin."""
_TIMEOUTS = (
    "builtins.TimeoutError",
    "httpx.TimeoutException",
    "requests.exceptions.Timeout",
    "subprocess.TimeoutExpired",
)
_IMPORTS = ("ImportError", "ModuleNotFoundError")
_SYNTAX = ("SyntaxError", "IndentationError", "TabError")
_NO_ROUTE = (404, 405)

Source = Callable[[str], str]
"""A file's text by its path in the project; empty where it cannot be read."""


@dataclass(frozen=True, slots=True)
class Colour:
    """What one test came to: a ``reason`` of RIGHT, ALREADY_GREEN or one of the wrong reds, and why."""

    nodeid: str
    reason: str
    said: str = ""
    place: str = ""

    @property
    def is_right(self) -> bool:
        return self.reason in RIGHT

    @property
    def way_out(self) -> str:
        return WAYS_OUT.get(self.reason, "")


def colours(found: Witnessed, source: Source) -> list[Colour]:
    """Every collected test of a session, and every file that was not collected, in their order."""
    lost = [_uncollected(one) for one in found.uncollected]
    return [*lost, *(_colour(nodeid, found.phases.get(nodeid, ()), source) for nodeid in found.collected)]


def _uncollected(one: Uncollected) -> Colour:
    reason = (
        "syntax-error"
        if one.error in _SYNTAX
        else "import-error"
        if one.error in _IMPORTS
        else "not-collected"
    )
    lines = [line.removeprefix("E").strip() for line in one.said.splitlines() if line.startswith("E ")]
    return Colour(one.nodeid, reason, lines[-1] if lines else one.error)


def _colour(nodeid: str, phases: Sequence[Phase], source: Source) -> Colour:
    if not phases or (len(phases) < 3 and all(one.outcome == "passed" for one in phases)):
        return Colour(nodeid, "died")
    for phase in phases:
        if phase.xfail:
            return Colour(nodeid, "expected-failure", phase.raised.said if phase.raised else "")
        if phase.outcome == "skipped":
            return Colour(nodeid, "skipped", phase.raised.said if phase.raised else "")
        if phase.outcome == "failed":
            return _failed(nodeid, phase, source)
    return Colour(nodeid, ALREADY_GREEN)


def _failed(nodeid: str, phase: Phase, source: Source) -> Colour:
    raised = phase.raised
    if raised is None:
        return Colour(nodeid, "died")
    frame = _own(raised.frames)
    place = f"{frame.file}:{frame.line}" if frame else ""
    return Colour(nodeid, _reason(phase, raised, frame, source), raised.said.partition("\n")[0], place)


def _reason(phase: Phase, raised: Raised, frame: Frame | None, source: Source) -> str:
    if _is_timeout(raised):
        return "harness-timeout"
    if phase.when != "call":
        return "fixture-error" if phase.when == "setup" else "teardown-error"
    if raised.is_a("ripstop.suite.inject.NotFired"):
        return "fault-not-fired"
    if raised.is_a(*_FAIL) and not raised.said.startswith("Failed: DID NOT RAISE"):
        return "explicit-fail"
    if not raised.is_a(*_FAIL, "builtins.AssertionError"):
        return _error(phase, raised, frame)
    if frame is None or not is_about_tests(frame.file):
        return "raised-elsewhere"
    if _is_constant(source(frame.file), frame.line):
        return "constant-assertion"
    return ASSERTION if phase.touched else "service-untouched"


def _is_timeout(raised: Raised) -> bool:
    by_plugin = raised.is_a(*_FAIL) and raised.said.startswith(("Failed: Timeout", "Timeout"))
    return by_plugin or raised.is_a(*_TIMEOUTS)


def _error(phase: Phase, raised: Raised, frame: Frame | None) -> str:
    """An error that is no assertion: right only where what went before it is an answer that no route gave."""
    status = raised.status if raised.status is not None else phase.status
    if status in _NO_ROUTE:
        return NO_ROUTE
    return "test-error" if frame is None or is_about_tests(frame.file) else "raised-elsewhere"


def _own(frames: Sequence[Frame]) -> Frame | None:
    """The innermost frame in the project's folder: where it went wrong, seen from its owner."""
    return next((one for one in reversed(frames) if not one.file.startswith("/")), None)


def _is_constant(text: str, line: int) -> bool:
    """Whether the assert statement at a line looks at nothing at all: no name, no call."""
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return False
    asserts = [one for one in ast.walk(tree) if isinstance(one, ast.Assert)]
    here = [one for one in asserts if one.lineno <= line <= (one.end_lineno or one.lineno)]
    return bool(here) and not any(isinstance(part, ast.Name | ast.Call) for part in ast.walk(here[-1].test))
