"""The report for machines: schema ``ripstop-report/1``, secrets masked, written whole or not at all."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ripstop.errors import UsageError
from ripstop.model.events import Event, ExploreDone, WorkflowDone, WorkflowRefused
from ripstop.model.experiment import Baseline
from ripstop.model.secrets import mask_json, mask_text
from ripstop.model.trace import Kind, Phase
from ripstop.model.verdict import Finding, NotExercised, Status
from ripstop.report.collector import Collector, Gathered

SCHEMA = "ripstop-report/1"
_INTERRUPTED = 5


@dataclass(slots=True)
class JsonReport:
    """A reader that keeps ``path`` true: written after each workflow and at the end."""

    path: Path
    told: Collector = field(default_factory=Collector)

    def handle(self, event: Event) -> None:
        self.told.handle(event)
        if isinstance(event, WorkflowDone | WorkflowRefused | ExploreDone):
            try:
                write(self.told, self.path)
            except OSError as error:
                raise UsageError(
                    "report-not-written",
                    f"the report cannot be written to {self.path}: {error.strerror}",
                    way_out="make room there, or name another place: --report json:PATH",
                ) from error


def as_json(told: Collector | Iterable[Event]) -> dict[str, Any]:
    """The whole report as JSON values.

    A run that never came to its end is not complete and has exit code 5.
    """
    collector = told if isinstance(told, Collector) else Collector.of(told)
    end = collector.end
    return {
        "schema": SCHEMA,
        "exit_code": end.exit_code if end else _INTERRUPTED,
        "complete": end.complete if end else False,
        "stop_reason": mask_text(end.stop_reason) if end else "interrupted",
        "workflows": [_workflow(gathered) for gathered in collector.workflows.values()],
        "refused": [_refused(event) for event in collector.refused],
    }


def write(told: Collector | Iterable[Event], path: Path) -> None:
    """Write the report to ``path``: into a neighbouring file first, then renamed over it.

    Raises OSError where the folder cannot be written; the old file then stays as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(as_json(told), indent=2, ensure_ascii=True) + "\n"
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)  # noqa: PTH101
        os.replace(name, path)  # noqa: PTH105
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)  # noqa: PTH108
        raise


def _workflow(gathered: Gathered) -> dict[str, Any]:
    baseline = gathered.baseline
    seconds = gathered.seconds
    return {
        "name": baseline.workflow,
        "nodeid": baseline.nodeid,
        "baseline": _baseline(baseline),
        "experiments": gathered.experiments,
        "restarts": gathered.restarts,
        "rate_per_s": round(gathered.experiments / seconds, 2) if seconds > 0 else 0.0,
        "verdicts": {str(status): gathered.verdicts.get(str(status), 0) for status in Status},
        "findings": [_finding(finding) for finding in gathered.findings],
        "advice": [_finding(finding) for finding in gathered.advice],
        "not_exercised": [_not_exercised(one) for one in gathered.not_exercised],
    }


def _baseline(baseline: Baseline) -> dict[str, Any]:
    crossings = [c for c in baseline.trace if c.phase is Phase.CALL and c.kind is not Kind.CONNECT]
    return {
        "duration_ms": round(baseline.duration_ms, 1),
        "crossings": [
            {
                "step": one.id.step,
                "seam": one.id.seam,
                "operation": mask_text(one.id.operation),
                "nth": one.id.nth,
                "process": one.process,
            }
            for one in crossings
        ],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.rule.code,
        "slug": finding.rule.slug,
        "severity": str(finding.severity),
        "step": finding.crossing.step,
        "seam": finding.crossing.seam,
        "operation": mask_text(finding.crossing.operation),
        "faults": [str(fault) for fault in finding.faults],
        "title": mask_text(finding.title),
        "evidence": _evidence(finding),
        "replay": finding.replay,
    }


def _evidence(finding: Finding) -> dict[str, Any]:
    shown = dict(mask_json(dict(finding.evidence)))
    if finding.source is not None:
        shown.setdefault("source", {"path": finding.source.path, "line": finding.source.line})
    return shown


def _not_exercised(one: NotExercised) -> dict[str, Any]:
    return {
        "step": one.crossing.step,
        "seam": one.crossing.seam,
        "operation": mask_text(one.crossing.operation),
        "fault": str(one.fault),
        "reason": one.reason,
        "detail": mask_text(one.detail),
    }


def _refused(event: WorkflowRefused) -> dict[str, Any]:
    return {
        "name": event.workflow,
        "nodeid": event.nodeid,
        "reason": mask_text(event.reason),
        "details": [mask_text(line) for line in event.details],
    }
