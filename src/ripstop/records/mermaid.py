"""The crossings of a workflow as a Mermaid sequence diagram: client, service, and each seam.

What Mermaid gives a meaning (``;`` ends a statement, ``#`` begins an entity, ``%%`` a directive, ``$$`` a
formula) is written as a decimal entity, ``#59;``, as its documentation of sequence diagrams has it; so is
whatever else is neither a letter nor known to be harmless.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from ripstop.model.trace import CLIENT
from ripstop.records.markdown import plain
from ripstop.records.record import Crossed, Place, Record

MOST = 80
"""Arrows of one diagram; more are counted in a note."""
_KEPT = frozenset(" ./_()=',?!{}[]-*+")
_LABEL = 90


@dataclass(slots=True)
class Drawn:
    """The diagram's lines, and the number of each crossing's arrow."""

    lines: list[str] = field(default_factory=list)
    numbers: dict[Place, int] = field(default_factory=dict)
    arrows: int = 0

    def arrow(self, start: str, end: str, label: str, *, back: bool = False) -> int:
        self.arrows += 1
        self.lines.append(f"    {start}{'-->>' if back else '->>'}{end}: {escaped(label)}")
        return self.arrows


def diagram(record: Record) -> Drawn:
    """The run without faults, from the first request to the last answer."""
    drawn = Drawn(["sequenceDiagram", "    autonumber"])
    names = _participants(record)
    drawn.lines += [f"    participant {name} as {escaped(label)}" for label, name in names.values()]
    status = {usual.step: usual.status for usual in record.usual}
    for step in dict.fromkeys(record.steps):
        mine = [one for one in record.crossings if one.step == step]
        drawn.numbers[step, CLIENT, step, 1] = drawn.arrow("client", "service", step)
        _cross(drawn, [one for one in mine if not one.after_answer], names)
        drawn.arrow("service", "client", str(status.get(step) or "answer"), back=True)
        late = [one for one in mine if one.after_answer]
        if late:
            drawn.lines.append("    Note over service: after the answer")
            _cross(drawn, late, names)
    _cross(drawn, [one for one in record.crossings if one.step not in record.steps], names)
    return drawn


def _participants(record: Record) -> dict[str, tuple[str, str]]:
    """Label and name of each, by what it stands for: names are ours, so that no text can end one."""
    found = {"client": ("client", "client"), "": ("service", "service")}
    for one in record.crossings:
        if one.process and f"process {one.process}" not in found:
            found[f"process {one.process}"] = (f"{one.process} (process)", f"p{len(found)}")
    for one in record.crossings:
        if one.seam not in found:
            found[one.seam] = (f"{one.seam} ({one.protocol})", f"s{len(found)}")
    return found


def _cross(drawn: Drawn, crossings: Sequence[Crossed], names: dict[str, tuple[str, str]]) -> None:
    """An arrow a crossing; the same one several times in a row is one arrow."""
    for number, run in enumerate(_runs(crossings)):
        if number >= MOST:
            drawn.lines.append(f"    Note over service: {len(crossings) - number} crossings more")
            return
        first = run[0]
        start = names[f"process {first.process}"][1] if first.process else "service"
        label = f"{first.operation} ({len(run)} times)" if len(run) > 1 else first.operation
        at = drawn.arrow(start, names[first.seam][1], label)
        drawn.numbers |= {one.place: at for one in run}


def _runs(crossings: Sequence[Crossed]) -> Iterator[list[Crossed]]:
    for _, several in groupby(crossings, key=lambda one: (one.step, one.seam, one.operation, one.process)):
        yield list(several)


def escaped(label: str) -> str:
    """Text for a message or a participant, on one line; never empty.

    >>> escaped("GET /a;b#c/{id}")
    'GET /a#59;b#35;c/{id}'
    """
    shown = plain(label, _LABEL).strip() or "?"
    return "".join(one if one.isalnum() or one in _KEPT else f"#{ord(one)};" for one in shown)
