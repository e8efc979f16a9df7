"""Run as a script in a project's folder: ``ripstop explore`` with one more reader, for what came when.

The report for machines is written at the end of a workflow and cannot say after how many experiments a
finding was there. The session, its configuration and its other readers are the command's own.
"""

from __future__ import annotations

import json
import signal
import sys
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import FrameType
from typing import TextIO

from ripstop import config as configuration
from ripstop.cli import options
from ripstop.cli.explore import INTERRUPTED, Reader, own_stdout, session
from ripstop.errors import RipstopError
from ripstop.model.events import Event, FindingConfirmed, Judged, ServiceReady, WorkflowDone
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
    seen: set[tuple[str, str]] = field(default_factory=set)

    def handle(self, event: Event) -> None:
        match event:
            case ServiceReady():
                self._note(event="ready")
            case Judged():
                self.experiments = self.before + event.done
            case FindingConfirmed(finding=finding):
                key = (finding.rule.code, str(finding.crossing))
                if key not in self.seen:
                    self.seen.add(key)
                    crossing = finding.crossing
                    self._note(
                        event="finding",
                        code=finding.rule.code,
                        step=crossing.step,
                        seam=crossing.seam,
                        operation=crossing.operation,
                        experiments=self.experiments,
                    )
            case WorkflowDone():
                self.before += event.experiments
            case _:
                pass

    def _note(self, **values: str | int) -> None:
        line = {**values, "seconds": round(time.monotonic() - self.began, 3)}
        self.stream.write(json.dumps(line) + "\n")
        self.stream.flush()


def main(report: str, notes: str, budget_s: str, *pytest_arguments: str) -> int:
    """Explore as the command does; its exit code."""
    began = time.monotonic()
    signal.signal(signal.SIGTERM, _as_interrupt)
    try:
        config = replace(configuration.load(Path.cwd()), budget_s=float(budget_s))
        with own_stdout() as stream, Path(notes).open("w") as noted:
            readers: list[Reader] = [TerminalReport(stream), JsonReport(Path(report)), Notes(noted, began)]
            return session(config, options.defaults(config), pytest_arguments, readers).exit_code
    except RipstopError as error:
        sys.stderr.write(f"ripstop: {error}\n")
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED


def _as_interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
