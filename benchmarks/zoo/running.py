"""Exploring one laid-out project in a process of its own, and reading what it left: report, notes, log.

What that means for a pair is judged elsewhere. Whatever is stopped early is asked to stop first, so that
it takes its servers with it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_OPTIONS = ("--budget", "1", "-p", "no:cacheprovider")
_LIMIT_S = 300.0
_STOPPING_S = 20.0
_LAST_LINES = 12
_EXPLORED = (0, 1)
_SCRIPT = Path(__file__).with_name("exploring.py")


@dataclass(frozen=True, slots=True)
class Told:
    """One finding, advice included, as the report tells it; ``faults`` by name, without their parameters."""

    code: str
    step: str
    seam: str
    operation: str
    faults: tuple[str, ...] = ()
    advice: bool = False


@dataclass(frozen=True, slots=True)
class First:
    """When a finding was confirmed first: after so many experiments, and seconds since the start."""

    told: Told
    experiments: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Run:
    """One exploration. ``problem`` says why there was none, with the last lines of its log in ``log``."""

    findings: tuple[Told, ...] = ()
    firsts: tuple[First, ...] = ()
    experiments: int = 0
    seconds: float = 0.0
    ready_s: float = 0.0
    problem: str = ""
    log: tuple[str, ...] = ()


@dataclass(slots=True)
class Children:
    """The processes that run now, each the leader of a group of its own. Safe to use from many threads."""

    running: set[subprocess.Popen[bytes]] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)
    stopped: bool = False

    def run(
        self, command: Sequence[str], *, cwd: Path, env: Mapping[str, str], log: Path, limit_s: float
    ) -> int | None:
        """Its exit code; None where it did not end in time and was stopped. Its words go to ``log``."""
        with self.lock:
            if self.stopped:
                return None
            with log.open("wb") as out:
                child = subprocess.Popen(
                    command,
                    cwd=cwd,
                    env=env,
                    stdout=out,
                    stderr=out,
                    stdin=subprocess.DEVNULL,
                    start_new_session=True,
                )
            self.running.add(child)
        try:
            return child.wait(limit_s)
        except subprocess.TimeoutExpired:
            return None
        finally:
            stop(child)
            with self.lock:
                self.running.discard(child)

    def stop(self) -> None:
        """Stop all that run, and start no more."""
        with self.lock:
            self.stopped = True
            children = list(self.running)
        for child in children:
            stop(child)


def stop(child: subprocess.Popen[bytes]) -> None:
    """Ask a process to end what it started and itself; after a while, end its whole group."""
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(_STOPPING_S)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def environment() -> dict[str, str]:
    """This process's, with the tools beside its interpreter (uvicorn, node) before all others."""
    tools = str(Path(sys.executable).parent)
    return {
        **os.environ,
        "PATH": f"{tools}{os.pathsep}{os.environ.get('PATH', '')}",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def explore(
    folder: Path, children: Children, *, narrowed: Sequence[str] = (), limit_s: float = _LIMIT_S
) -> Run:
    """Explore the project in ``folder``; its report, notes and log are left beside it.

    ``narrowed`` are further options of the command.
    """
    report, notes, log = (folder.with_name(f"{folder.name}.{kind}") for kind in ("json", "notes", "log"))
    command = [sys.executable, "-P", str(_SCRIPT), str(report), str(notes), *_OPTIONS, *narrowed]
    began = time.monotonic()
    code = children.run(command, cwd=folder, env=environment(), log=log, limit_s=limit_s)
    return read(report, notes, log, code, seconds=time.monotonic() - began)


def read(report: Path, notes: Path, log: Path, code: int | None, *, seconds: float = 0.0) -> Run:
    """What an exploration left, whether it came to its end or not."""
    told = json.loads(report.read_text()) if report.exists() else {"workflows": [], "refused": []}
    noted = [json.loads(line) for line in notes.read_text().splitlines()] if notes.exists() else []
    problem = _problem(told, code)
    return Run(
        findings=tuple(_told(told)),
        firsts=tuple(_first(note) for note in noted if note["event"] == "finding"),
        experiments=sum(workflow["experiments"] for workflow in told["workflows"]),
        seconds=seconds,
        ready_s=next((n["seconds"] for n in noted if n["event"] == "ready"), 0.0),
        problem=problem,
        log=_last_lines(log) if problem else (),
    )


def _first(note: Mapping[str, Any]) -> First:
    values = {key: note[key] for key in ("code", "step", "seam", "operation", "advice")}
    return First(Told(**values, faults=tuple(note["faults"])), note["experiments"], note["seconds"])


def _told(report: Mapping[str, Any]) -> list[Told]:
    return [
        Told(
            code=one["code"],
            step=one["step"],
            seam=one["seam"],
            operation=one["operation"],
            faults=tuple(fault.partition("(")[0] for fault in one["faults"]),
            advice=kind == "advice",
        )
        for workflow in report["workflows"]
        for kind in ("findings", "advice")
        for one in workflow[kind]
    ]


def _problem(report: Mapping[str, Any], code: int | None) -> str:
    if code is None:
        return "stopped: it did not end in time"
    if refused := report["refused"]:
        return f"not explored: {'; '.join(one['reason'] for one in refused)}"
    if code not in _EXPLORED:
        return f"not explored: exit code {code}"
    if not report["complete"]:
        return "not explored to its end"
    return "" if report["workflows"] else "not explored: no workflow in the report"


def _last_lines(log: Path) -> tuple[str, ...]:
    text = log.read_text(errors="replace") if log.exists() else ""
    return tuple([line for line in text.splitlines() if line.strip()][-_LAST_LINES:])
