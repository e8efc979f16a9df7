"""A workflow's page, and the index of all: Markdown, the same for the same record, without times or ids."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ripstop.model.survey import Stake
from ripstop.records import cost, failures, mermaid, regions
from ripstop.records.cost import Assumed
from ripstop.records.failures import Glossary
from ripstop.records.markdown import code, count, listed, table, text
from ripstop.records.record import HELD, NOT_EXERCISED, TORN, UNKNOWN, Record, Usual

INDEX = "README.md"
_OURS = "Between the markers `ripstop docs` writes; the rest is yours."
_SAID = "not said"


def file_names(records: Iterable[Record]) -> dict[str, Record]:
    """A file a workflow, named after it; two of one name get a digest of their node ids."""
    records = list(records)
    slugs = [_slug(record.name) for record in records]
    named = {}
    for slug, record in zip(slugs, records, strict=True):
        alone = slug and slugs.count(slug) == 1
        tail = "" if alone else f"-{hashlib.sha256(record.nodeid.encode()).hexdigest()[:6]}"
        named[f"{slug or 'workflow'}{tail}.md"] = record
    return named


def _slug(name: str) -> str:
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")[:60].strip("-")
    return f"{slug}-workflow" if slug == "readme" else slug


def workflow(record: Record, glossary: Glossary, assumed: Assumed) -> tuple[str, dict[str, str]]:
    """A new page of a workflow, and its regions by name."""
    drawn = mermaid.diagram(record)
    parts = {
        "record": _text(_summary(record)),
        "steps": _text(_steps(record, drawn.lines)),
        "failures": _text(failures.told(record, drawn.numbers, glossary)),
        "cost": _text(_cost(record, assumed)),
    }
    title = text(record.name[:1].upper() + record.name[1:], 120)
    return _page(title, parts), parts


def index(named: Mapping[str, Record]) -> tuple[str, dict[str, str]]:
    """A new index page, and its only region."""
    heads = ["workflow", "impact", "runs a month", "owner", "depends on", "torn", "held", "untested"]
    rows = [_entry(name, record) for name, record in named.items()]
    parts = {"workflows": _text(["", *table(heads, rows), ""])}
    return _page("Workflows", parts), parts


def _page(title: str, parts: Mapping[str, str]) -> str:
    fenced = "\n".join(regions.fenced(name, part) for name, part in parts.items())
    return f"# {title}\n\n{_OURS}\n\n{fenced}"


def _text(lines: Iterable[str]) -> str:
    return "\n".join(lines) + "\n"


def _entry(name: str, record: Record) -> list[str]:
    stake = record.stake
    seams = [text(seam, 40) for seam, _, _ in record.dependencies]
    return [
        f"[{text(record.name, 80)}]({name})",
        text(stake.risk) or _SAID,
        _SAID if stake.frequency is None else f"{stake.frequency:,.10g}",
        text(stake.owner, 80) or _SAID,
        listed(seams) or "nothing",
        str(len(record.happened(TORN))),
        str(len(record.happened(HELD))),
        f"{len(record.untested)} of {len(record.modes)}",
    ]


def _summary(record: Record) -> Iterator[str]:
    yield ""
    tested = len(record.modes) - len(record.untested)
    marks = (HELD, TORN, UNKNOWN, NOT_EXERCISED)
    counted = [f"{len(found)} {mark}" for mark in marks if (found := record.happened(mark))]
    modes = f"{len(record.modes)}: {', '.join(counted)}; {tested or 'none'} of them in a test"
    rows = [
        *_said(record.stake),
        ["steps", listed([code(step) for step in record.steps])],
        ["depends on", "; ".join(_dependencies(record)) or "nothing"],
        ["failure modes", modes if record.modes else "none were let happen"],
        ["idempotency key", code(record.idempotency_key) or "none"],
        ["test", code(record.nodeid)],
    ]
    yield from table(["", ""], rows)
    yield ""


def _said(stake: Stake) -> Iterator[list[str]]:
    unit = f" {text(stake.currency, 20)}" if stake.currency else ""
    yield ["impact", text(stake.risk, 40) or _SAID]
    if stake.revenue is not None:
        yield ["revenue", f"{stake.revenue:,.10g}{unit} a month"]
    lost = stake.cost_of_failure
    yield ["cost of one failure", _SAID if lost is None else f"{lost:,.10g}{unit}"]
    yield ["frequency", _SAID if stake.frequency is None else f"{stake.frequency:,.10g} runs a month"]
    yield ["owner", text(stake.owner, 80) or _SAID]


def _dependencies(record: Record) -> Iterator[str]:
    for seam, protocol, tables in record.dependencies:
        names = f", {listed([code(name, 60) for name in tables])}" if tables else ""
        yield f"{text(seam, 40)} ({text(protocol, 40)}{names})"


def _steps(record: Record, diagram: Sequence[str]) -> Iterator[str]:
    yield from ("", "## How it goes", "", "When nothing is broken:", "")
    for usual in record.usual:
        yield f"- {_usual(usual)}"
    if not record.usual:
        yield from (f"- {code(step)}" for step in record.steps)
    yield from ("", "```mermaid", *diagram, "```", "")


def _usual(usual: Usual) -> str:
    left = [f"{code(kind)} ({number})" for kind, number in sorted(usual.rows.items())]
    left += [f"{code(kind)} ({number})" for kind, number in sorted(usual.effects.items())]
    answer = f"is answered {usual.status}" if usual.status else "is sent"
    return f"{code(usual.step)} {answer}; it leaves {listed(left) or 'nothing behind'}."


def _cost(record: Record, assumed: Assumed) -> Iterator[str]:
    yield from ("", "## What leaving it untested costs", "")
    found = cost.left(record, assumed)
    if not found:
        yield from ("Nothing known is untested.", "")
        return
    lacking = cost.missing(record.stake)
    if lacking:
        names = listed([code(name) for name in lacking])
        verb = "is" if len(lacking) == 1 else "are"
        yield f"No amount: {names} {verb} not said for this workflow, and nothing is made up for it."
    else:
        yield from _amounts(record, found, assumed)
    yield ""
    write = sum(one.write_minutes for one in found)
    run = sum(one.run_minutes for one in found)
    told = (
        f"{count(len(found), 'failure mode')} untested. Assumed: {cost.WRITE_MINUTES} minutes to write a test"
    )
    yield f"{told} by hand, {write:,.0f} for all; {run:.1f} minutes to run them all."
    yield "`ripstop backfill` writes them for what was let happen."
    yield ""


def _amounts(record: Record, found: Sequence[cost.Left], assumed: Assumed) -> Iterator[str]:
    unit = f" {text(record.stake.currency, 20)}" if record.stake.currency else ""
    heads = ["untested", "when let happen", "each, a month", "all, a month", "minutes to write", "to run"]
    yield from table(heads, [_cost_row(several, unit) for several in _alike(found)])
    yield ""
    torn = sum(one.a_month or 0.0 for one in found if one.mode.mark == TORN)
    total = sum(one.a_month or 0.0 for one in found)
    yield f"In all {total:,.2f}{unit} a month if none were handled; {torn:,.2f}{unit} of it tears today."
    yield ""
    stake = record.stake
    numbers = f"{stake.frequency:,.10g} runs x {stake.cost_of_failure:,.10g}{unit}"
    yield f"Expected cost a month = {numbers} x rate / failure modes of that kind at the crossing."
    yield "Assumed rates:"
    yield ""
    for kind in dict.fromkeys(one.kind for one in found):
        yield f"- {cost.KINDS[kind]}: {assumed.per_million.get(kind, 0.0):,.10g} in a million"


def _alike(found: Sequence[cost.Left]) -> Iterator[list[cost.Left]]:
    """Those at one crossing with one verdict and one price."""
    groups: dict[tuple[object, ...], list[cost.Left]] = {}
    for one in found:
        key = (one.mode.place[:3], one.mode.mark, one.kind, one.a_month)
        groups.setdefault(key, []).append(one)
    yield from groups.values()


def _cost_row(several: Sequence[cost.Left], unit: str) -> list[str]:
    first = several[0]
    each = first.a_month or 0.0
    names = list(dict.fromkeys(one.mode.fault for one in several))
    return [
        f"{code(first.mode.operation)}: {', '.join(code(name) for name in names)}",
        text(first.mode.mark, 20),
        f"{each:,.2f}{unit}",
        f"{each * len(several):,.2f}{unit}",
        f"{sum(one.write_minutes for one in several):,.0f}",
        f"{sum(one.run_minutes for one in several):.1f}",
    ]
