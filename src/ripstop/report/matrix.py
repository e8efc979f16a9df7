"""The matrix of one workflow: crossings down, faults across, a block for each seam.

Lines of text for a terminal; a block too wide for it is told in several.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ripstop.model.events import Cell
from ripstop.model.fault import FaultSpec
from ripstop.model.trace import CrossingId
from ripstop.report.paint import Paint, Symbols
from ripstop.report.text import clean, fit, width, wrapped

_SHORT = {
    "connection_refused": "refus",
    "unresolved": "unres",
    "unreachable": "unrch",
    "stale_connection": "stale",
    "pool_exhausted": "pool",
    "connection_reset": "reset",
    "connection_lost": "lost",
    "reply_lost": "reply",
    "hang": "hang",
    "stall": "stall",
    "late_reply": "late",
    "slow": "slow",
    "declined": "decl",
    "malformed": "malf",
    "truncated": "trunc",
    "empty": "empty",
    "wrong_type": "type",
    "missing_field": "field",
    "readonly": "rdonl",
    "out_of_memory": "oom",
    "loading": "load",
    "evicted": "evict",
    "wrong_key_type": "ktype",
    "repeated_request": "again",
    "duplicate_delivery": "twice",
    "client_gone": "gone",
    "field_missing": "-fld",
    "field_null": "null",
    "field_empty": "empt",
    "field_mistyped": "mtype",
    "field_too_long": "long",
    "field_out_of_range": "range",
    "field_duplicate": "dupl",
    "unknown_id": "id?",
    "no_credentials": "anon",
    "other_credentials": "other",
    "race": "race",
    "killed": "kill",
    "terminated": "term",
    "paused": "pause",
    "before_expiry": "-exp",
    "after_expiry": "+exp",
    "next_day": "day",
    "month_end": "31st",
    "leap_day": "leap",
    "dst": "dst",
}
_ORDER = [*_SHORT, "status", "sqlstate"]
_BY_CODE = frozenset({"status", "sqlstate"})
_RANK = ("held", "not exercised", "unknown", "advice", "torn")
_LABEL_MAX = 34
_COLUMN_MIN = 6


@dataclass(frozen=True, slots=True)
class Layout:
    """How to draw: the columns of the terminal, its colours and its symbols."""

    columns: int
    paint: Paint
    symbols: Symbols


@dataclass(frozen=True, slots=True)
class _Column:
    label: str
    name: str
    faults: frozenset[FaultSpec]


Marks = dict[tuple[CrossingId, FaultSpec], str]


def lines(cells: Sequence[Cell], layout: Layout) -> Iterator[str]:
    """All blocks, a blank line between them, then the legend."""
    if not cells:
        return
    for seam in dict.fromkeys(cell.crossing.seam for cell in cells):
        yield from _block(seam, [cell for cell in cells if cell.crossing.seam == seam], layout)
        yield ""
    yield _legend(layout)
    for line in wrapped(_names(cells), layout.columns - 2, ""):
        yield f"  {layout.paint(line, 'dim')}".rstrip()


def _block(seam: str, cells: Sequence[Cell], layout: Layout) -> Iterator[str]:
    marks: Marks = {}
    for cell in cells:
        place = (cell.crossing, cell.fault)
        marks[place] = max(marks.get(place, "held"), _mark(cell), key=_RANK.index)
    crossings = list(dict.fromkeys(cell.crossing for cell in cells))
    several = len({crossing.step for crossing in crossings}) > 1
    label = min(_LABEL_MAX, max(width(_label(c)) for c in crossings) + (2 if several else 0))
    label = max(label, width(clean(seam, 20)))
    for number, chunk in enumerate(_chunks(_columns(cells), layout.columns - label - 4)):
        if number:
            yield ""
        head = layout.paint(fit(clean(seam, 20), label), "bold")
        yield f"  {head}  {layout.paint(''.join(fit(c.label, _wide(c)) for c in chunk), 'dim')}".rstrip()
        yield from _rows(crossings, chunk, marks, label, layout, several=several)


def _rows(
    crossings: Sequence[CrossingId],
    chunk: Sequence[_Column],
    marks: Marks,
    label: int,
    layout: Layout,
    *,
    several: bool,
) -> Iterator[str]:
    step = ""
    for crossing in crossings:
        shown = [_of(column, crossing, marks) for column in chunk]
        if not any(shown):
            continue
        if several and crossing.step != step:
            step = crossing.step
            yield layout.paint(f"  {clean(step, label)}", "dim")
        name = fit(("  " if several else "") + _label(crossing), label)
        drawn = "".join(_drawn(mark, _wide(c), layout) for mark, c in zip(shown, chunk, strict=True))
        yield f"  {name}  {drawn}".rstrip()


def _label(crossing: CrossingId) -> str:
    times = f" #{crossing.nth}" if crossing.nth > 1 else ""
    return clean(crossing.operation, _LABEL_MAX - 2 - len(times)) + times


def _of(column: _Column, crossing: CrossingId, marks: Marks) -> str:
    found = [marks[crossing, fault] for fault in column.faults if (crossing, fault) in marks]
    return max(found, key=_RANK.index) if found else ""


def _mark(cell: Cell) -> str:
    if cell.mark == "held" and "advice" in cell.note:
        return "advice"
    return cell.mark if cell.mark in _RANK else "unknown"


def _drawn(mark: str, wide: int, layout: Layout) -> str:
    symbols = layout.symbols
    symbol, styles = {
        "held": (symbols.held, "green"),
        "torn": (symbols.torn, "bold red"),
        "advice": (symbols.advice, "blue"),
        "unknown": (symbols.unknown, "yellow"),
        "not exercised": (symbols.left_out, "dim"),
    }.get(mark, ("", ""))
    lead = " " * ((wide - 1) // 2 - 1)
    return lead + layout.paint(symbol, styles) + " " * (wide - len(lead) - len(symbol))


def _columns(cells: Sequence[Cell]) -> list[_Column]:
    """A column for each fault; a fault whose parameters differ by place has one column all the same."""
    by_label: dict[tuple[str, str], set[FaultSpec]] = {}
    for fault in sorted({cell.fault for cell in cells}, key=_place):
        by_label.setdefault((_fault_label(fault), fault.name), set()).add(fault)
    return [_Column(label, name, frozenset(faults)) for (label, name), faults in by_label.items()]


def _place(fault: FaultSpec) -> tuple[int, FaultSpec]:
    return (_ORDER.index(fault.name) if fault.name in _ORDER else len(_ORDER), fault)


def _fault_label(fault: FaultSpec) -> str:
    code = dict(fault.params).get("code")
    if fault.name in _BY_CODE and code is not None:
        return clean(code, 5)
    return _SHORT.get(fault.name) or clean(fault.name, 5)


def _wide(column: _Column) -> int:
    return max(_COLUMN_MIN, width(column.label) + 1)


def _chunks(columns: Sequence[_Column], room: int) -> Iterator[list[_Column]]:
    chunk: list[_Column] = []
    for column in columns:
        if chunk and sum(map(_wide, chunk)) + _wide(column) > max(room, _COLUMN_MIN):
            yield chunk
            chunk = []
        chunk.append(column)
    if chunk:
        yield chunk


def _legend(layout: Layout) -> str:
    s, paint = layout.symbols, layout.paint
    parts = (
        f"{paint(s.held, 'green')} held",
        f"{paint(s.torn, 'bold red')} torn",
        f"{paint(s.advice, 'blue')} advised",
        f"{paint(s.unknown, 'yellow')} unknown",
        f"{paint(s.left_out, 'dim')} not exercised",
    )
    return "  " + "  ".join(parts)


def _names(cells: Sequence[Cell]) -> str:
    """What the shortened names stand for, where that is not plain."""
    used = dict.fromkeys(cell.fault.name for cell in cells)
    odd = [f"{_SHORT[n]}: {n}" for n in _ORDER if n in used and n in _SHORT and not n.startswith(_SHORT[n])]
    return "  ".join(odd)
