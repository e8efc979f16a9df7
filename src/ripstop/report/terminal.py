"""The report a person watches: progress, findings as they come, then one calm page a workflow.

A reader of events and nothing else. Pages are drawn in ``pages``, the matrix in ``matrix``.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable
from typing import TextIO

from ripstop.model.events import (
    BaselineTaken,
    Event,
    ExploreDone,
    FindingConfirmed,
    Judged,
    ServiceReady,
    WorkflowDone,
    WorkflowRefused,
)
from ripstop.model.verdict import Finding, Severity, Status
from ripstop.report import pages
from ripstop.report.collector import Collector
from ripstop.report.matrix import Layout
from ripstop.report.paint import Paint, symbols_for, wants_color
from ripstop.report.text import clean

_WIDEST = 120
_NARROWEST = 60
_BAR = 20
_SPARSE_S = 10.0
_REDRAW_S = 0.1


class TerminalReport:
    """Tells a run to a stream. ``color`` None colours a terminal; ``width`` None asks it for its columns."""

    def __init__(
        self,
        stream: TextIO,
        *,
        color: bool | None = None,
        width: int | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stream = stream
        self._live = stream.isatty()
        columns = width or shutil.get_terminal_size().columns
        columns = max(_NARROWEST, min(_WIDEST, columns))
        self._layout = Layout(columns, Paint(wants_color(stream, color)), symbols_for(stream))
        self._clock = clock
        self._told = Collector()
        self._seen: set[tuple[str, str, str]] = set()
        self._began = self._drawn = clock()
        self._torn = 0
        self._progress = False

    def handle(self, event: Event) -> None:
        """Take in one event and say what there is to say about it."""
        self._told.handle(event)
        match event:
            case ServiceReady():
                self._say(pages.ready(event, self._layout))
            case BaselineTaken():
                self._began, self._torn = self._clock(), 0
                self._drawn = self._began
                self._say(pages.baseline(event, self._layout))
            case Judged():
                self._judged(event)
            case FindingConfirmed(workflow=workflow, finding=finding):
                self._confirmed(workflow, finding)
            case WorkflowDone():
                self._say(pages.workflow(event, self._layout))
            case WorkflowRefused():
                self._say(pages.refused(event, self._layout))
            case ExploreDone():
                self._say(pages.totals(self._told, event, self._layout))

    def _say(self, lines: Iterable[str]) -> None:
        self._wipe()
        for line in lines:
            self._stream.write(f"{line}\n")
        self._stream.flush()

    def _wipe(self) -> None:
        if self._progress:
            self._stream.write("\r\x1b[2K")
            self._progress = False

    def _judged(self, event: Judged) -> None:
        self._torn += event.status is Status.TORN
        now = self._clock()
        last = event.done >= event.planned
        if now - self._drawn < (_REDRAW_S if self._live else _SPARSE_S) and not (self._live and last):
            return
        self._drawn = now
        line = self._line(event, now - self._began)
        if self._live:
            self._stream.write(f"\r\x1b[2K{line}")
            self._progress = True
        else:
            self._stream.write(f"{line}\n")
        self._stream.flush()

    def _line(self, event: Judged, seconds: float) -> str:
        paint, symbols = self._layout.paint, self._layout.symbols
        rate = event.done / seconds if seconds > 0 else 0.0
        filled = min(_BAR, _BAR * event.done // max(1, event.planned))
        bar = paint(symbols.done * filled, "green") + paint(symbols.todo * (_BAR - filled), "dim")
        torn = f"  {paint(f'{self._torn} torn', 'red')}" if self._torn else ""
        name = clean(event.workflow, self._layout.columns - _BAR - 36)
        numbers = f"{event.done} of {event.planned}  {paint(f'{rate:.1f}/s', 'dim')}"
        return f"  {name}  {bar}  {numbers}{torn}"

    def _confirmed(self, workflow: str, finding: Finding) -> None:
        """Told once for each cause; faults that join it later are named on its page."""
        key = (workflow, finding.rule.code, str(finding.crossing))
        if key in self._seen or finding.severity is Severity.ADVICE:
            return
        self._seen.add(key)
        self._say(pages.confirmed(finding, self._layout))
