"""A program of the project's run to its end, its lines told while they come; and pytest under a witness."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import anyio
import anyio.abc

from ripstop.errors import ExperimentError, UsageError
from ripstop.integrity.session import environment
from ripstop.integrity.witnessed import Phase, Witnessed, read
from ripstop.mcp.answers import OutcomeOf, RunOf
from ripstop.suite import calm, witness

Tell = Callable[[float, float | None, str], Awaitable[None]]
"""Told how much is done, of how much where that is known, and what it is."""

_MOST_CHARS = 60_000
_SAID_CHARS = 6_000
_LOOK_S = 0.1
_END_S = 15.0


@dataclass(frozen=True, slots=True)
class Done:
    """How a program ended, and the end of what it printed on both outputs."""

    status: int
    said: str


async def run(
    command: Sequence[str],
    root: Path,
    env: Mapping[str, str],
    timeout_s: float,
    heard: Callable[[], Awaitable[None]],
) -> Done:
    """Run a command in a process group that ends with the call, whatever ends it. Raises ExperimentError."""
    said = bytearray()
    process = await anyio.open_process(
        command, cwd=root, env=env, stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT, start_new_session=True
    )
    try:
        with anyio.fail_after(timeout_s):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(_listen, process, said)
                tasks.start_soon(_watch, process, heard)
    except TimeoutError:
        raise ExperimentError(
            "out-of-time", f"it was not done after {timeout_s:g} s", way_out="ask for less, or give timeout_s"
        ) from None
    finally:
        await _end(process)
    return Done(process.returncode or 0, bytes(said).decode(errors="replace"))


async def _listen(process: anyio.abc.Process, said: bytearray) -> None:
    assert process.stdout is not None
    async for chunk in process.stdout:
        said += chunk
        del said[:-_MOST_CHARS]


async def _watch(process: anyio.abc.Process, heard: Callable[[], Awaitable[None]]) -> None:
    """Tell what there is to tell until the process is over, and once more then."""
    ended = anyio.Event()

    async def wait() -> None:
        await process.wait()
        ended.set()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(wait)
        while not ended.is_set():
            await heard()
            with anyio.move_on_after(_LOOK_S):
                await ended.wait()
    await heard()


async def _end(process: anyio.abc.Process) -> None:
    """End the group, so that what it started is taken down with it; then insist."""
    with anyio.CancelScope(shield=True):
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, number)
            with anyio.move_on_after(_END_S):
                await process.wait()
                break
        await process.aclose()


async def tests(root: Path, nodeid: str, timeout_s: float, tell: Tell) -> RunOf:
    """Run what a node id names and tell of each test as it is over. Raises UsageError, ExperimentError."""
    path = wanted(root, nodeid)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="ripstop-mcp-") as kept:
        lines = Path(kept) / "witness.jsonl"
        lines.touch()
        told = _Teller(lines, tell)
        await tell(0, None, f"running {path}")
        done = await run(_pytest(nodeid, lines, root), root, environment(root), timeout_s, told.look)
        found = read(lines.read_text(encoding="utf-8", errors="replace"))
    outcomes = [_outcome(one, found) for one in found.collected]
    passed = bool(outcomes) and found.ended and done.status == 0
    return RunOf(
        passed=passed
        and all(one.outcome in ("passed", "xfailed", "skipped") for one in outcomes)
        and any(one.outcome == "passed" for one in outcomes),
        tests=outcomes,
        not_collected=[f"{one.nodeid}: {one.error}: {one.said}" for one in found.uncollected],
        seconds=round(time.monotonic() - began, 2),
        said=done.said[-_SAID_CHARS:],
    )


def wanted(root: Path, nodeid: str) -> str:
    """The file of a node id, which must be in the project. Raises UsageError ``no-such-test``."""
    name = nodeid.partition("::")[0]
    path = (root / name).resolve()
    inside = path.is_relative_to(root.resolve()) and path.is_file() and path.suffix == ".py"
    if not name or nodeid.startswith("-") or "\0" in nodeid or not inside:
        raise UsageError(
            "no-such-test",
            f"{nodeid!r} names no test file of this project",
            way_out="as pytest prints it: tests/test_orders.py::test_place_order",
        )
    return name


def _pytest(nodeid: str, lines: Path, root: Path) -> list[str]:
    command = [sys.executable, "-m", "pytest", nodeid, "-q", "--no-header", "--maxfail=0"]
    command += ["-p", calm.NAME, "-p", witness.NAME, "-p", "no:cacheprovider"]
    return [*command, f"--ripstop-witness={lines}", f"--ripstop-home={root}"]


@dataclass(slots=True)
class _Teller:
    """Reads what the witness writes, as far as it has come, and tells of tests that are over."""

    lines: Path
    tell: Tell
    _over: int = -1

    async def look(self) -> None:
        found = read(self.lines.read_text(encoding="utf-8", errors="replace"))
        over = [one for one, phases in found.phases.items() if phases[-1].when == "teardown"]
        if found.collected and len(over) > self._over:
            self._over = len(over)
            last = f"{over[-1]}: {_outcome(over[-1], found).outcome}" if over else "collected"
            await self.tell(len(over), len(found.collected), last)


def _outcome(nodeid: str, found: Witnessed) -> OutcomeOf:
    phases = found.phases.get(nodeid, ())
    one = next((p for p in phases if p.outcome != "passed" or p.xfail), phases[-1] if phases else None)
    if one is None:
        return OutcomeOf(nodeid=nodeid, outcome="error", phase="", error="it did not run")
    if one.outcome == "passed" and not one.xfail:
        return OutcomeOf(nodeid=nodeid, outcome="passed", phase="call")
    error = f"{one.raised.types[0]}: {one.raised.said}" if one.raised else ""
    return OutcomeOf(nodeid=nodeid, outcome=_word(one), phase=one.when, error=error, place=_place(one))


def _word(one: Phase) -> str:
    if one.xfail:
        return "xfailed" if one.outcome == "skipped" else "failed"
    return "error" if one.outcome == "failed" and one.when != "call" else one.outcome


def _place(one: Phase) -> str:
    frames = one.raised.frames if one.raised else ()
    own = [frame for frame in frames if not Path(frame.file).is_absolute()]
    return f"{own[-1].file}:{own[-1].line}" if own else ""
