"""What runs left in ``.ripstop``: which faults fired in which test, and what explorations judged.

The formats are `ripstop.suite.noting`'s and `ripstop.cli.keeping`'s; what does not fit counts as nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ripstop.scan.testing.nouns import HOLE, Asked

FOLDER = ".ripstop"
_SUITE, _EXPLORED = ("suite.json", "ripstop-suite/1"), ("explored.json", "ripstop-explored/1")
_AGAIN = re.compile(r" \(\d+\)$")
_MARKS = ("torn", "unknown", "held")
"""Worst first: what several experiments at one place come to."""


@dataclass(frozen=True, slots=True)
class Fired:
    """One fault that happened: in which step's request, at which crossing."""

    asked: Asked
    protocol: str
    operation: str
    fault: str


@dataclass(frozen=True, slots=True)
class Ran:
    """One test's last run. ``steps`` are its requests with the status each was answered."""

    nodeid: str
    passed: bool
    steps: tuple[tuple[Asked, int | None], ...] = ()
    fired: tuple[Fired, ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """What an exploration of a workflow said of one fault: ``held``, ``torn`` or ``unknown``."""

    nodeid: str
    fired: Fired
    mark: str
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """All that is known of runs. Tests by node id without parameters; several runs of one are several."""

    tests: Mapping[str, tuple[Ran, ...]] = field(default_factory=dict)
    judged: tuple[Judged, ...] = ()

    def passes(self, nodeid: str) -> bool | None:
        """Whether all that ran of a test passed; None where it did not run."""
        ran = self.tests.get(nodeid)
        return None if ran is None else all(one.passed for one in ran)


def crossing(operation: str) -> str:
    """A word for a crossing, the same in the code and in a trace: tables that are read are in any order."""
    verb, _, tables = operation.partition(" ")
    if verb != "SELECT" or ", " not in tables:
        return operation
    read, lock, _ = tables.partition(" FOR ")
    return f"{verb} {', '.join(sorted(read.split(', ')))}{tables[len(read) :] if lock else ''}"


def worst(marks: frozenset[str]) -> str:
    """What several marks come to, empty for none."""
    return next((mark for mark in _MARKS if mark in marks), "")


def read(root: Path) -> Kept:
    """What lies in a project's ``.ripstop``. Raises nothing."""
    tests: dict[str, tuple[Ran, ...]] = {}
    for nodeid, entry in _entries(root, *_SUITE, "tests").items():
        ran = _ran(nodeid, entry)
        plain = nodeid.partition("[")[0]
        tests[plain] = (*tests.get(plain, ()), ran)
    judged = [
        one
        for nodeid, entry in _entries(root, *_EXPLORED, "workflows").items()
        for cell in _dicts(entry.get("cells"))
        if (one := _judged(nodeid, cell)) is not None
    ]
    return Kept(tests, tuple(judged))


def asked_of(step: str) -> Asked:
    """``POST /orders/{id} (2)`` as a request."""
    method, _, path = _AGAIN.sub("", step).partition(" ")
    return Asked(method, path.replace("{id}", HOLE), 0)


def _ran(nodeid: str, entry: Mapping[str, Any]) -> Ran:
    steps = tuple((asked_of(str(s.get("step", ""))), _status(s)) for s in _dicts(entry.get("steps")))
    fired = tuple(_fired(one) for one in _dicts(entry.get("fired")))
    return Ran(nodeid, entry.get("outcome") == "passed", steps, fired)


def _judged(nodeid: str, cell: Mapping[str, Any]) -> Judged | None:
    if cell.get("mark") not in _MARKS or cell.get("with"):
        return None
    outcome = cell.get("outcome")
    answer = outcome.get("answer") if isinstance(outcome, dict) else None
    status = _status(answer) if isinstance(answer, dict) else None
    return Judged(nodeid, _fired(cell), str(cell["mark"]), status)


def _fired(entry: Mapping[str, Any]) -> Fired:
    named = (str(entry.get(name, "")) for name in ("protocol", "operation", "fault"))
    return Fired(asked_of(str(entry.get("step", ""))), *named)


def _status(entry: Mapping[str, Any]) -> int | None:
    status = entry.get("status")
    return status if isinstance(status, int) else None


def _entries(root: Path, name: str, schema: str, key: str) -> dict[str, dict[str, Any]]:
    try:
        document = json.loads((root / FOLDER / name).read_text())
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(document, dict) or document.get("schema") != schema:
        return {}
    found = document.get(key)
    return {str(k): v for k, v in found.items() if isinstance(v, dict)} if isinstance(found, dict) else {}


def _dicts(value: object) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
