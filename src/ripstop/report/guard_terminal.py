"""What the guard says on a terminal: each weakening, before and after, then what was allowed."""

from __future__ import annotations

from collections.abc import Iterator

from ripstop.model.weakening import Allowed, Guarded, Spot, Sure, Weakening
from ripstop.report.matrix import Layout
from ripstop.report.text import clean, count, wrapped

_STYLES = {Sure.SURE: "bold red", Sure.LIKELY: "red", Sure.LOOK: "yellow"}
_SHOWN = 200
_LISTED = 200


def lines(told: Guarded, layout: Layout) -> Iterator[str]:
    """The whole report, ending with one line that sums it up."""
    for one in told.failing[:_LISTED]:
        yield from _weakening(one, layout)
    if len(told.failing) > _LISTED:
        yield f"and {len(told.failing) - _LISTED} more: --json FILE has them all"
    for one in told.looks[:_LISTED]:
        yield from _weakening(one, layout)
    for allowed in told.allowed:
        yield from _allowed(allowed, layout)
    for note in told.notes:
        yield from _note(note, layout)
    yield layout.paint(_sum(told), "bold red" if told.failing else "bold")


def _weakening(one: Weakening, layout: Layout) -> Iterator[str]:
    mark = layout.symbols.advice if one.sure is Sure.LOOK else layout.symbols.torn
    head = f"{mark} {one.rule}"
    many = f" (and {count(one.tests - 1, 'other test')})" if one.tests > 1 else ""
    yield f"{layout.paint(head, _STYLES[one.sure])}  {one.sure}  {clean(one.test)}{many}"
    yield from _spot("before", one.before, layout)
    yield from _spot("after", one.after, layout)
    yield from _wrapped(f"    why     {clean(one.why)}", layout)
    yield ""


def _spot(label: str, spot: Spot, layout: Layout) -> Iterator[str]:
    place = f"{spot.path}:{spot.line}" if spot.line else spot.path
    text = clean(spot.text, _SHOWN) if spot.text else layout.paint("(nothing in its place)", "dim")
    yield f"    {layout.paint(label.ljust(7), 'dim')} {clean(place)}"
    yield from _wrapped(f"            {text}", layout)


def _wrapped(line: str, layout: Layout) -> list[str]:
    blank = line[: len(line) - len(line.lstrip())]
    first, *rest = wrapped(line.lstrip(), layout.columns - 12, "")
    return [f"{blank}{first}", *(f"            {one}" for one in rest)]


def _allowed(one: Allowed, layout: Layout) -> Iterator[str]:
    head = f"{layout.symbols.held} allowed {one.weakening.rule}"
    yield f"{layout.paint(head, 'dim')}  {clean(one.weakening.test)}"
    yield from _wrapped(f"    why     {clean(one.by.reason)} ({clean(one.by.commit[:12])})", layout)


def _note(note: str, layout: Layout) -> Iterator[str]:
    first, *rest = wrapped(clean(note), layout.columns - 6, "")
    yield f"{layout.paint('note', 'dim')}  {first}"
    yield from (f"      {line}" for line in rest)


def _sum(told: Guarded) -> str:
    span = f"{told.base[:12]}..{told.head[:12] or 'working tree'}"
    looks = f", {len(told.looks)} to look at" if told.looks else ""
    allowed = f", {len(told.allowed)} allowed" if told.allowed else ""
    found = count(len(told.failing), "weakening") if told.failing else "no weakening"
    held = f"{count(told.tests, 'test')} in {count(told.files, 'changed file')} held side by side"
    return f"{found}{looks}{allowed} in {span}: {held}"
