"""What tests under plain pytest leave in ``.ripstop/suite.json``: which fault fired in which test.

    {"schema": "ripstop-suite/1",
     "tests": {NODE ID: {
        "outcome": "passed" | "failed" | "error" | "xfailed" | "skipped",
        "workflow": name of the marker or "",
        "steps": [{"step": "POST /orders", "status": 503 | null, "failure": null | "timeout" | ...}],
        "fired": [{"step": "POST /orders", "seam": "db", "protocol": "postgres",
                   "operation": "INSERT orders", "fault": "connection_lost", "params": {}}]}}}

Only tests that use the service are in it; node ids as pytest prints them. The last run of a test counts;
tests that are gone from their files are dropped. Nothing of requests or answers but the status is kept.
It is a convenience for `ripstop scan` and `ripstop docs`: whatever fails here, the run goes on.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ripstop.model.plan import Injection
from ripstop.model.trace import Crossing, Phase
from ripstop.suite.workflows import workflow_of

if TYPE_CHECKING:
    from ripstop.rig.rig import Rig

SCHEMA = "ripstop-suite/1"
FILE = "suite.json"
_FOLDER = ".ripstop"
_LOCK_WAIT_S = 2.0
_POLL_S = 0.01


def note(notes: dict[str, Any], rig: Rig, item: pytest.Item, report: pytest.TestReport) -> None:
    """Take down how a phase of a test ended, and after its call what the rig holds of it."""
    if report.when == "call":
        workflow = workflow_of(item)
        outcome = "xfailed" if hasattr(report, "wasxfail") and report.skipped else report.outcome
        notes[item.nodeid] = noted(rig, outcome, workflow.name if workflow else "")
    elif report.failed:
        entry = notes.setdefault(item.nodeid, {"workflow": "", "steps": [], "fired": []})
        entry["outcome"] = "error"


def noted(rig: Rig, outcome: str, workflow: str = "") -> dict[str, Any]:
    """One test's entry, from what the rig holds when its call is over."""
    trace = rig.trace()
    steps = [
        {"step": e.step, "status": e.answer.status, "failure": e.answer.failure}
        for e in rig.caller.exchanges
        if e.phase == Phase.CALL.value
    ]
    fired = [_firing(rig, injection, trace) for injection in rig.board.fired]
    return {"outcome": outcome, "workflow": workflow, "steps": steps, "fired": fired}


def keep(root: Path, tests: Mapping[str, Mapping[str, Any]]) -> None:
    """Lay these entries over what earlier runs left, one process at a time. Raises OSError."""
    folder = root / _FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    with _alone(folder):
        write_whole(folder / ".gitignore", "*\n")
        known = {**_known(folder / FILE), **tests}
        texts: dict[str, str] = {}
        kept = {nodeid: entry for nodeid, entry in known.items() if _stands(root, nodeid, texts)}
        document = {"schema": SCHEMA, "tests": kept}
        write_whole(folder / FILE, json.dumps(document, indent=1, sort_keys=True))


def write_whole(path: Path, text: str | bytes) -> None:
    """Write a file so that a reader, or a crash, sees the old one or the new one, nothing between."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _firing(rig: Rig, injection: Injection, trace: tuple[Crossing, ...]) -> dict[str, Any]:
    where, fault = injection.crossing, injection.fault
    here = [c for c in trace if (c.id.seam, c.id.operation) == (where.seam, where.operation)]
    struck = [c.id.step for c in here if c.fault] or [c.id.step for c in here if c.phase is Phase.CALL]
    sent = [e.step for e in rig.caller.exchanges]
    return {
        "step": (struck or sent or [""])[-1 if not struck else 0],
        "seam": where.seam,
        "protocol": rig.protocol(where.seam),
        "operation": where.operation,
        "fault": fault.name,
        "params": dict(fault.params),
    }


def _known(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text())
    except (OSError, ValueError, RecursionError):
        return {}
    fits = isinstance(document, dict) and document.get("schema") == SCHEMA
    tests = document.get("tests") if fits else None
    return tests if isinstance(tests, dict) else {}


def _stands(root: Path, nodeid: str, texts: dict[str, str]) -> bool:
    """Whether a test is still in its file, as far as its name tells."""
    path, _, rest = nodeid.partition("[")[0].partition("::")
    if path not in texts:
        try:
            texts[path] = (root / path).read_text(errors="ignore")
        except OSError:
            texts[path] = ""
    name = rest.rpartition("::")[2]
    return f"def {name}(" in texts[path]


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the file against other workers of the same run; after two seconds go on without."""
    with (folder / f".{FILE}.lock").open("w") as lock:
        until = time.monotonic() + _LOCK_WAIT_S
        while time.monotonic() < until:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                time.sleep(_POLL_S)
        yield
