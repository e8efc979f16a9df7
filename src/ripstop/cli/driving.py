"""What ``ripstop tdd`` tells while an agent is driven, and the transcripts it keeps."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from ripstop.agents import loop, transcript
from ripstop.agents.gate import JAILED, RULES
from ripstop.agents.loop import Attempted, Began, Ended, Event
from ripstop.cli import handing
from ripstop.report.text import clean

PATCH = "tdd.patch"
_WHY: Mapping[str, str] = {
    loop.REFUSED: "refused",
    loop.FAILED: "the agent's own tool gave up",
    loop.SPENT: "the budget is spent",
}


@dataclass(slots=True)
class Reader:
    """Tells what happens, and keeps each attempt's transcript."""

    root: Path
    stream: TextIO
    secrets: Sequence[str]
    quiet: bool = False
    ended: Ended | None = None
    kept: list[Mapping[str, object]] = field(default_factory=list)

    def say(self, text: str) -> None:
        if not self.quiet:
            self.stream.write(f"{text}\n")
            self.stream.flush()

    def handle(self, event: Event) -> None:
        match event:
            case Began(phase, number):
                self.say(f"{phase}, attempt {number}")
            case Attempted():
                self._attempted(event)
            case Ended():
                self.ended = event

    def _attempted(self, one: Attempted) -> None:
        name = f"{one.phase}-{one.attempt}"
        path = transcript.keep(self.root, name, transcript.lines(one.prompt, one.told, self.secrets))
        place = path.relative_to(self.root).as_posix()
        self.kept.append(_entry(one, place, self.secrets))
        self.say(f"  {', '.join(_used(one))}: {place}")
        if one.told.problem:
            self.say(f"  ! {clean(transcript.masked(one.told.problem, self.secrets))}")
        if one.handed.stopped:
            self.say(f"  ! ended after {one.handed.stopped}")
        if not self.quiet:
            handing.tell(one.handed.refusals, RULES, self.stream, "  ")
        if one.handed.accepted:
            self.say(f"  ✓ accepted{_label(one.handed.label)}: {len(one.handed.changed)} files")
        if one.handed.red:
            self.say(f"  frozen: {one.handed.red.digest}")

    def sum_up(self, *, applied: bool) -> None:
        assert self.ended is not None
        if self.quiet:
            self.stream.write(json.dumps(self._document(self.ended), indent=2) + "\n")
        elif self.ended.accepted:
            where = "applied to the work tree" if applied else f"git apply .ripstop/{PATCH}"
            self.say(f"accepted: {len(self.ended.changed)} files, {where}")
        else:
            self.say(f"{_WHY[self.ended.why]}: nothing is handed back")

    def _document(self, ended: Ended) -> dict[str, object]:
        return {
            "schema": "ripstop-tdd-report/1",
            "accepted": ended.accepted,
            "why": ended.why,
            "attempts": self.kept,
            "changed": list(ended.changed),
            "cost_usd": ended.cost_usd,
            "tokens": ended.tokens,
            "red": ended.red.digest if ended.red else None,
            "patch": f".ripstop/{PATCH}" if ended.accepted else None,
        }


def _used(one: Attempted) -> Iterator[str]:
    if one.told.turns:
        yield f"{one.told.turns} turns"
    if one.told.tokens:
        yield f"{one.told.tokens} tokens"
    if one.told.cost_usd is not None:
        yield f"{one.told.cost_usd:.2f} USD"
    yield f"{one.seconds:.0f} s"


def _label(label: str) -> str:
    return "" if label == JAILED else f" ({label})"


def _entry(one: Attempted, place: str, secrets: Sequence[str]) -> Mapping[str, object]:
    return {
        "phase": one.phase,
        "attempt": one.attempt,
        "accepted": one.handed.accepted,
        "label": one.handed.label,
        "refusals": [{"rule": r.rule, "place": r.place, "said": r.said} for r in one.handed.refusals],
        "changed": list(one.handed.changed),
        "turns": one.told.turns,
        "tokens": one.told.tokens,
        "cost_usd": one.told.cost_usd,
        "problem": clean(transcript.masked(one.told.problem, secrets)),
        "seconds": round(one.seconds, 1),
        "transcript": place,
    }
