"""Run as a script in a project's folder: ``ripstop explore`` with one more reader, for what came when.

The report for machines is written at the end of a workflow and cannot say after how many experiments a
finding was there. The session, its configuration and its other readers are the command's own.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import TextIO

from ripstop.cli import options
from ripstop.cli.explore import INTERRUPTED, Reader, configured, own_stdout, session
from ripstop.errors import RipstopError
from ripstop.model.events import Event, FindingConfirmed, Judged, ServiceReady, WorkflowDone
from ripstop.model.verdict import Severity
from ripstop.report.json_report import JsonReport
from ripstop.report.terminal import TerminalReport


@dataclass(slots=True)
class Notes:
    """A line of JSON for readiness and for each finding when it is confirmed first.

    ``experiments`` counts all that came before, of earlier workflows too; ``seconds`` from the start of
    the command.
    """

    stream: TextIO
    began: float
    before: int = 0
    experiments: int = 0
    seen: set[tuple[str, str, bool]] = field(default_factory=set)

    def handle(self, event: Event) -> None:
        match event:
            case ServiceReady():
                self._note(event="ready")
            case Judged():
                self.experiments = self.before + event.done
            case FindingConfirmed(finding=finding):
                advice = finding.severity is Severity.ADVICE
                key = (finding.rule.code, str(finding.crossing), advice)
                if key not in self.seen:
                    self.seen.add(key)
                    crossing = finding.crossing
                    self._note(
                        event="finding",
                        code=finding.rule.code,
                        step=crossing.step,
                        seam=crossing.seam,
                        operation=crossing.operation,
                        faults=[fault.name for fault in finding.faults],
                        advice=advice,
                        experiments=self.experiments,
                    )
            case WorkflowDone():
                self.before += event.experiments
            case _:
                pass

    def _note(self, **values: object) -> None:
        line = {**values, "seconds": round(time.monotonic() - self.began, 3)}
        self.stream.write(json.dumps(line) + "\n")
        self.stream.flush()


def main(report: str, notes: str, *arguments: str) -> int:
    """Explore as the command does with its own arguments; its exit code."""
    began = time.monotonic()
    signal.signal(signal.SIGTERM, _as_interrupt)
    try:
        parser = argparse.ArgumentParser()
        options.add_exploring(parser)
        given, pytest_arguments = parser.parse_known_args(arguments)
        config = configured(given)
        asked = options.exploring(given, config)
        with own_stdout() as stream, Path(notes).open("w") as noted:
            readers: list[Reader] = [TerminalReport(stream), JsonReport(Path(report)), Notes(noted, began)]
            return session(config, asked, pytest_arguments, readers).exit_code
    except RipstopError as error:
        sys.stderr.write(f"ripstop: {error}\n")
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED


def _as_interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
