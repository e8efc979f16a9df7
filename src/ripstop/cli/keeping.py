"""What an exploration leaves in ``.ripstop/explored.json``: crossings, and what came of faults.

    {"schema": "ripstop-explored/1",
     "workflows": {NODE ID: {
        "workflow": "place an order",
        "steps": ["POST /orders"],
        "usual": [{"step", "status", "rows": {"insert orders": 1}, "effects": {"payments charge": 1}}],
        "idempotency_key": "body:idempotencyKey" or null, "budget_ms": 5000,
        "crossings": [{"step", "seam", "protocol", "operation", "nth", "kind", "tables": [...],
                       "in_transaction", "after_answer", "process", "outcome"}],  # the baseline, in order
        "cells": [{"step", "seam", "protocol", "operation", "nth", "fault", "params",
                   "tries": 1,                                              # of matches; 0 for all of them
                   "with": ["connection_lost at db: COMMIT"],              # faults before it, most often none
                   "mark": "held" | "torn" | "unknown" | "not exercised",
                   "note": "RS204" or why it was not exercised,
                   "reason": the first torn verdict's sentence, "",
                   "replay": the id of its finding, "",
                   "outcome": {"answer", "rows", "effects", "retry", ...}}]}}}  # {} where it did not happen

``outcome`` is the evidence of verdicts (``ripstop.oracles.evidence``): values masked, bodies shortened, no
log. A fault that this exploration was told to leave out, or had no time for, keeps what an earlier one saw.
Workflows whose file is gone are dropped.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ripstop.cli import store
from ripstop.errors import UsageError
from ripstop.model.events import BaselineTaken, Event, Judged, WorkflowDone
from ripstop.model.experiment import Baseline, StepBaseline
from ripstop.model.plan import Injection
from ripstop.model.secrets import mask_json, mask_text
from ripstop.model.trace import CLIENT, Crossing, CrossingId, Kind, Phase
from ripstop.model.verdict import Finding, NotExercised, Severity, Status
from ripstop.oracles import evidence

SCHEMA = "ripstop-explored/1"
FILE = "explored.json"
_NOT_ASKED = ("filtered", "out-of-time")
_NOT_EXERCISED = "not exercised"


@dataclass(slots=True)
class Keeper:
    """A reader of the engine's events; ``save`` writes what it heard."""

    root: Path
    workflows: dict[str, dict[str, Any]] = field(default_factory=dict)
    _baseline: Baseline | None = None
    _cells: list[dict[str, Any]] = field(default_factory=list)

    def handle(self, event: Event) -> None:
        if isinstance(event, BaselineTaken):
            self._baseline, self._cells = event.baseline, []
        elif isinstance(event, Judged) and self._baseline and event.experiment.fired:
            self._cells.append(_ran(event, self._baseline))
        elif isinstance(event, WorkflowDone):
            _name_replays(self._cells, event.findings)
            missing = [_missed(one, event.baseline) for one in event.not_exercised]
            self.workflows[event.baseline.nodeid] = _workflow(event.baseline, [*self._cells, *missing])

    def save(self) -> None:
        """Lay it over what earlier explorations left. Raises UsageError (``not-kept``)."""
        if not self.workflows:
            return
        earlier = _known(self.root)
        for nodeid, now in self.workflows.items():
            now["cells"] = _joined(_cells(earlier.get(nodeid)), now["cells"])
        known = {**earlier, **self.workflows}
        kept = {n: one for n, one in known.items() if (self.root / n.partition("::")[0]).exists()}
        text = json.dumps({"schema": SCHEMA, "workflows": kept}, indent=1, sort_keys=True)
        try:
            store.write_private(self.root, FILE, text)
        except OSError as error:
            raise UsageError(
                "not-kept",
                f"what was judged cannot be kept in {self.root}: {error.strerror}",
                way_out="make room there and explore again; the findings themselves are as told",
            ) from error


def _workflow(baseline: Baseline, cells: list[dict[str, Any]]) -> dict[str, Any]:
    crossings = [c for c in baseline.trace if c.phase is Phase.CALL and c.kind is not Kind.CONNECT]
    return {
        "workflow": mask_text(baseline.workflow),
        "steps": [step.name for step in baseline.steps],
        "usual": [_usual(step) for step in baseline.steps],
        "idempotency_key": baseline.idempotency_key,
        "budget_ms": baseline.budget_ms,
        "crossings": [_crossing(crossing) for crossing in crossings],
        "cells": cells,
    }


def _crossing(crossing: Crossing) -> dict[str, Any]:
    return {
        **_place(crossing.id, crossing.protocol),
        "kind": str(crossing.kind),
        "tables": list(crossing.tables),
        "in_transaction": crossing.in_transaction,
        "after_answer": crossing.after_answer,
        "process": crossing.process,
        "outcome": crossing.outcome,
    }


def _usual(step: StepBaseline) -> dict[str, Any]:
    """What a step does when nothing is broken: its answer, and how many rows and effects of each kind."""
    seen = step.observed
    return {
        "step": step.name,
        "status": step.exchange.answer.status,
        "rows": dict(Counter(f"{change.kind} {change.table}" for change in seen.changes)),
        "effects": dict(Counter(f"{effect.seam} {effect.kind}" for effect in seen.effects)),
    }


def _ran(event: Judged, baseline: Baseline) -> dict[str, Any]:
    run = event.experiment
    *before, last = run.plan.injections
    torn = [v for v in event.verdicts if v.status is Status.TORN]
    codes = sorted({f"{v.rule.code}{' (advice)' * (v.weight is Severity.ADVICE)}" for v in torn})
    outcome = {key: value for key, value in evidence.common(run, baseline).items() if key != "log"}
    protocols = {c.id.seam: c.protocol for c in (*baseline.trace, *run.trace)}
    return {
        **_cell(last, protocols.get(last.crossing.seam, CLIENT)),
        "with": [mask_text(str(one)) for one in before],
        "mark": str(event.status),
        "note": " ".join(codes),
        "reason": mask_text(torn[0].summary) if torn else "",
        "replay": "",
        "outcome": outcome,
    }


def _name_replays(cells: Iterable[dict[str, Any]], findings: Iterable[Finding]) -> None:
    """Only a finding's own plan can be replayed; what tears the same way at the same step shares it."""
    known = list(findings)
    for cell in cells:
        mine = [f for f in known if f.rule.code in cell["note"] and f.crossing.step == cell["step"]]
        here = [
            f for f in mine if (f.crossing.seam, f.crossing.operation) == (cell["seam"], cell["operation"])
        ]
        cell["replay"] = next((f.replay for f in (*here, *mine)), "")


def _missed(left_out: NotExercised, baseline: Baseline) -> dict[str, Any]:
    protocols = {c.id.seam: c.protocol for c in baseline.trace}
    injection = Injection(left_out.crossing, left_out.fault)
    return {
        **_cell(injection, protocols.get(left_out.crossing.seam, CLIENT)),
        "with": [],
        "mark": _NOT_EXERCISED,
        "note": left_out.reason,
        "reason": mask_text(left_out.detail),
        "replay": "",
        "outcome": {},
    }


def _cell(injection: Injection, protocol: str) -> dict[str, Any]:
    return {
        **_place(injection.crossing, protocol),
        "fault": injection.fault.name,
        "params": mask_json(dict(injection.fault.params)),
        "tries": injection.tries,
    }


def _place(crossing: CrossingId, protocol: str) -> dict[str, Any]:
    return {
        "step": crossing.step,
        "seam": crossing.seam,
        "protocol": protocol,
        "operation": crossing.operation,
        "nth": crossing.nth,
    }


def _joined(earlier: Iterable[dict[str, Any]], now: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """This exploration's cells; where it was not asked for one, the earlier ones, whatever their tries.

    A pair was not asked for where its second fault was not.
    """
    known: dict[str, list[dict[str, Any]]] = {}
    for cell in earlier:
        known.setdefault(_identity(cell), []).append(cell)
    found = {_identity(cell): [cell] for cell in now if not _asked(cell)}
    pairs = {
        key: cells
        for key, cells in known.items()
        if cells[0]["with"] and _identity({**cells[0], "with": []}) in found
    }
    asked = [cell for cell in now if _asked(cell)]
    kept = {key: known.get(key, cells) for key, cells in found.items()}
    return [*asked, *(cell for cells in {**pairs, **kept}.values() for cell in cells)]


def _asked(cell: dict[str, Any]) -> bool:
    return cell["mark"] != _NOT_EXERCISED or cell["note"] not in _NOT_ASKED


def _cells(entry: object) -> list[dict[str, Any]]:
    """An earlier entry's cells, those that are damaged left out."""
    cells = entry.get("cells") if isinstance(entry, dict) else None
    named = ("mark", "step", "seam", "operation", "nth", "fault", "params", "with")
    known = cells if isinstance(cells, list) else []
    return [cell for cell in known if isinstance(cell, dict) and all(name in cell for name in named)]


def _identity(cell: dict[str, Any]) -> str:
    named = ("step", "seam", "operation", "nth", "fault", "params", "with")
    return json.dumps([cell[name] for name in named], sort_keys=True)


def _known(root: Path) -> dict[str, Any]:
    document = store.read_private(root, FILE)
    workflows = document.get("workflows") if document.get("schema") == SCHEMA else None
    return workflows if isinstance(workflows, dict) else {}
