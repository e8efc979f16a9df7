"""What is known without starting anything, as the tools answer it: workflows, risks, findings, the gate."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ripstop.config import Config
from ripstop.errors import UsageError
from ripstop.integrity import frozen
from ripstop.integrity.paths import digest
from ripstop.mcp.answers import (
    FindingOf,
    Findings,
    GateStatus,
    RiskOf,
    Risks,
    WorkflowOf,
    Workflows,
)
from ripstop.model.survey import Ranked, Survey
from ripstop.records.reading import records

PATCH = ".ripstop/gate.patch"
_MOST = 100
_PATCH_BYTES = 5_000_000


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Where knowledge comes from that other rooms have: each is asked anew, so that an answer is never old.

    ``survey`` reads the code, ``kept`` gives a JSON document that a run left, ``page`` explains a name.
    ``ripstop`` is how the command itself is run.
    """

    root: Path
    config: Callable[[], Config]
    survey: Callable[[], Survey]
    kept: Callable[[str], Mapping[str, Any]]
    page: Callable[[str], str]
    ripstop: Sequence[str] = ()


def workflows(known: Knowledge, most: int) -> Workflows:
    """The riskiest workflows. Raises UsageError, as reading does."""
    found = known.survey()
    return Workflows(
        workflows=[_workflow(one) for one in found.workflows[: max(1, min(most, _MOST))]],
        left_out=[f"{one.route.operation}: {one.reason}" for one in found.left_out[:_MOST]],
        notes=list(found.notes[:_MOST]),
    )


def _workflow(one: Ranked) -> WorkflowOf:
    return WorkflowOf(
        operation=one.route.operation,
        handler=one.route.handler,
        place=str(one.route.place),
        framework=one.route.framework,
        risk=one.score,
        said=one.stake.risk,
        crosses=[f"{reach.protocol}: {reach.operation} ({reach.place})" for reach in one.reaches],
        tests=list(one.tests[:_MOST]),
        untested=sum(not mode.tested_by for mode in one.failure_modes),
        failure_modes=len(one.failure_modes),
    )


def risks(known: Knowledge, operation: str, most: int) -> Risks:
    """Why workflows are risky. Raises UsageError ``no-such-route``."""
    found = known.survey().workflows
    mine = [one for one in found if operation in ("", one.route.operation)]
    if operation and not mine:
        names = [one.route.operation for one in found[:_MOST]]
        raise UsageError(
            "no-such-route", f"no workflow {operation!r}", details=names, way_out="name one of these"
        )
    told = [
        RiskOf(
            operation=one.route.operation,
            slug=hazard.slug,
            reason=hazard.reason,
            weight=hazard.weight,
            place=str(hazard.place),
            sureness=str(hazard.sureness),
        )
        for one in mine
        for hazard in sorted(one.hazards, key=lambda each: -each.weight)
    ]
    kept = max(1, min(most, _MOST))
    return Risks(risks=told[:kept], more=max(0, len(told) - kept))


def findings(known: Knowledge, workflow: str) -> Findings:
    """What tore in the last exploration, of all workflows or of one by its name, step or node id."""
    found = records(known.kept("explored.json"), known.kept("suite.json"), {})
    mine = [one for one in found if workflow in ("", one.name, one.nodeid, *one.steps)]
    told = [
        FindingOf(
            workflow=one.name,
            nodeid=one.nodeid,
            rules=mode.note,
            fault=mode.fault,
            at=f"{mode.step} > {mode.seam}: {mode.operation}",
            reason=mode.reason,
            replay=mode.replay,
            tested_by=list(mode.tested_by),
        )
        for one in mine
        for mode in one.happened("torn")
    ]
    return Findings(findings=told, explored=[one.name for one in found])


def gate_status(root: Path) -> GateStatus:
    """What is frozen, whether it is as it was, and the patch that was accepted last. Raises UsageError."""
    patch = root / PATCH
    touches = _touched(patch)
    try:
        red = frozen.load(root / frozen.FILE)
    except UsageError as error:
        if error.slug != "no-red-set":
            raise
        return GateStatus(
            red="",
            red_tests={},
            frozen_but_changed=[],
            patch=PATCH if touches else "",
            patch_touches=touches,
            next="write a test that is red for the right reason: ripstop red FILE",
        )
    changed = [name for name, was in red.files.items() if not _is(root / name, was)]
    way = "put the frozen files back as they were" if changed else "make them pass: ripstop green"
    return GateStatus(
        red=red.digest,
        red_tests=dict(red.tests),
        frozen_but_changed=changed,
        patch=PATCH if touches else "",
        patch_touches=touches,
        next=way,
    )


def _is(path: Path, was: str) -> bool:
    try:
        return digest(path) == was
    except OSError:
        return False


def _touched(patch: Path) -> list[str]:
    """The files a patch changes, by its own headers."""
    try:
        with patch.open("rb") as file:
            text = file.read(_PATCH_BYTES).decode(errors="replace")
    except OSError:
        return []
    heads = (line for line in text.splitlines() if line.startswith("diff --git "))
    return [line.rpartition(" b/")[2] for line in heads]
