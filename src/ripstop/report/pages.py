"""What the terminal report says at each event, as lines of text. No stream, no clock."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from ripstop.model.events import BaselineTaken, ExploreDone, ServiceReady, WorkflowDone, WorkflowRefused
from ripstop.model.secrets import mask_text
from ripstop.model.trace import comparable
from ripstop.model.verdict import Finding, NotExercised, Severity, Status
from ripstop.report import holding, matrix
from ripstop.report.collector import Collector
from ripstop.report.matrix import Layout
from ripstop.report.paint import WEIGHTS
from ripstop.report.story import Story, story
from ripstop.report.text import clean, count, width, wrapped

_HANGS = ("hang", "stall", "late_reply", "unreachable")
_PAINTED = re.compile(r"\x1b\[[0-9;]*m")
_LABEL = 8
_PLACES = 3
REASONS = {
    "not-fired": "the crossing was made, the fault did not act",
    "not-reached": "the run never came to the crossing",
    "out-of-time": "the time given ran out first",
    "filtered": "left out by the command line",
    "reduced-loop": "another turn of the loop took each kind of fault as it did",
    "reduced-same-outcome": "other faults there held with one and the same outcome",
    "reduced-same-state": "a crash that leaves the same behind was judged",
    "reduced-same-wait": "the same wait was judged at this seam",
    "not-offered": "cannot really happen there",
    "unstable-baseline": "the workflow does not repeat without faults",
}


def ready(event: ServiceReady, layout: Layout) -> Iterator[str]:
    yield layout.paint(f"service ready in {event.seconds:.1f} s", "dim")
    for note in event.notes:
        yield from _wrapped(mask_text(note), layout, "  ", "dim")


def baseline(event: BaselineTaken, layout: Layout) -> Iterator[str]:
    taken = event.baseline
    steps = count(len(taken.steps), "request")
    crossings = count(len(comparable(taken.trace)), "crossing")
    yield ""
    yield layout.paint(clean(taken.workflow), "bold")
    told = f"green twice without faults: {steps}, {crossings}, {taken.duration_ms:.0f} ms; "
    yield from _wrapped(f"{told}{count(event.planned, 'experiment')} planned", layout, "  ", "dim")


def confirmed(finding: Finding, layout: Layout) -> Iterator[str]:
    """Two lines, at once: what tore and where."""
    paint = layout.paint
    mark = paint(f"{layout.symbols.torn} {finding.rule.code}", WEIGHTS[finding.severity])
    title = clean(mask_text(finding.title), layout.columns * 2)
    first, *more = wrapped(title, layout.columns - 12, "")
    yield f"  {mark}  {first}"
    yield from (f"           {line}" for line in more)
    yield paint(f"           {clean(_where(finding), layout.columns - 12)}", "dim")


def _where(finding: Finding) -> str:
    faults = ", ".join(str(fault) for fault in finding.faults)
    return f"{faults} at {finding.crossing}" if faults else f"at {finding.crossing}"


def workflow(event: WorkflowDone, layout: Layout) -> Iterator[str]:
    """The whole page of a workflow that was explored."""
    findings = [f for f in event.findings if f.severity is not Severity.ADVICE]
    advice = [f for f in event.findings if f.severity is Severity.ADVICE]
    yield ""
    yield _rule(clean(event.baseline.workflow, layout.columns - 10), layout)
    yield ""
    yield from matrix.lines(event.cells, layout)
    yield ""
    for first, *alike in _alike(findings):
        yield from _told(story(first), first.severity, layout, [story(one) for one in alike])
        yield ""
    if advice:
        yield from _advice(advice, layout)
        yield ""
    yield from _held(event, layout)
    yield from _summary(event, findings, layout)


def _held(event: WorkflowDone, layout: Layout) -> Iterator[str]:
    told = list(holding.sentences(event.held))
    if not told:
        return
    yield "  held"
    for sentence in told:
        first, *more = wrapped(clean(sentence), layout.columns - 6, "")
        yield f"    {layout.paint(layout.symbols.held, 'green')} {first}"
        yield from (f"      {line}" for line in more)
    yield ""


def refused(event: WorkflowRefused, layout: Layout) -> Iterator[str]:
    yield ""
    yield layout.paint(f"{layout.symbols.unknown} {clean(event.workflow)}: not explored", "bold yellow")
    reason = event.reason.removeprefix(f"{event.workflow}: ")
    yield from _wrapped(mask_text(reason), layout, "  ")
    for detail in event.details:
        yield from _wrapped(mask_text(detail), layout, "    ", "dim")


def totals(told: Collector, event: ExploreDone, layout: Layout) -> Iterator[str]:
    """The last line, and before it whatever keeps it from saying all."""
    done = list(told.workflows.values())
    experiments = sum(g.experiments for g in done)
    verdicts: Counter[str] = sum((g.verdicts for g in done), Counter())
    findings = [f for g in done for f in g.findings]
    left_out = sum(len(g.not_exercised) for g in done)
    advice = sum(len(g.advice) for g in done)
    rate = experiments / event.seconds if event.seconds > 0 else 0.0
    yield ""
    yield _rule("", layout)
    if not event.complete:
        reason = clean(mask_text(event.stop_reason) or "interrupted")
        yield layout.paint(f"not complete: {reason}", "bold yellow")
    for note in event.notes:
        yield from _note(note, layout)
    parts = [
        _found(findings, layout),
        *([f"{advice} advised"] if advice else []),
        f"{left_out} not exercised",
        *([f"{count(len(told.refused), 'workflow')} not explored"] if told.refused else []),
    ]
    yield from _packed(parts, f" {layout.symbols.dot} ", layout.columns)
    judged = ", ".join(f"{verdicts.get(str(s), 0)} {s}" for s in Status)
    spent = f"{count(experiments, 'experiment')} in {event.seconds:.1f} s ({rate:.1f}/s)"
    yield from _wrapped(f"{count(len(done), 'workflow')}, {spent}: {judged}", layout, "", "dim")


def _found(findings: Sequence[Finding], layout: Layout) -> str:
    if not findings:
        return layout.paint("no findings", "green")
    weights = Counter(f.severity for f in findings)
    shown = ", ".join(f"{weights[severity]} {severity}" for severity in Severity if weights[severity])
    return layout.paint(f"{count(len(findings), 'finding')} ({shown})", "bold red")


def _alike(findings: Sequence[Finding]) -> list[list[Finding]]:
    """Findings that say the same of different crossings, together, in the order of the first of each."""
    found: dict[tuple[str, ...], list[Finding]] = {}
    for one in findings:
        said = (one.rule.code, one.severity, one.crossing.step, one.title)
        found.setdefault(said, []).append(one)
    return list(found.values())


def _told(told: Story, severity: Severity, layout: Layout, alike: Sequence[Story]) -> Iterator[str]:
    """One finding in full, and of those that say the same what broke, where, and how to replay it."""
    paint = layout.paint
    yield (
        f"  {paint(f'{layout.symbols.torn} {told.code} {told.heading}', WEIGHTS[severity])}"
        f"  {paint(told.severity, 'dim')}"
    )
    yield from _wrapped(told.title, layout, "    ", "bold")
    for label, text in told.parts:
        yield from _part(label, text, layout)
    yield from _part("replay", f"ripstop replay {told.replay}", layout)
    for other in alike:
        for label, text in other.parts:
            if label in ("broke", "source"):
                yield from _part(label, text, layout)
        yield from _part("replay", f"ripstop replay {other.replay}", layout)


def _part(label: str, text: str, layout: Layout) -> Iterator[str]:
    room = layout.columns - _LABEL - 6
    first, *more = wrapped(clean(text), room, "")
    yield f"    {layout.paint(label.ljust(_LABEL), 'dim')}{first}"
    yield from (f"    {' ' * _LABEL}{line}" for line in more)


def _advice(advice: Sequence[Finding], layout: Layout) -> Iterator[str]:
    yield f"  {layout.paint('advice', 'blue')}"
    for finding in advice:
        title = clean(mask_text(finding.title))
        first, *more = wrapped(f"{finding.rule.code}  {title}", layout.columns - 6, " " * 7)
        yield f"    {layout.paint(layout.symbols.advice, 'blue')} {first}"
        yield from (f"      {line}" for line in more)
        yield layout.paint(f"             {clean(_where(finding), layout.columns - 14)}", "dim")


def _summary(event: WorkflowDone, findings: Sequence[Finding], layout: Layout) -> Iterator[str]:
    """Findings, hangs and what was not exercised: the second always beside the first."""
    judged = len(event.cells) - sum(cell.mark == "not exercised" for cell in event.cells)
    yield from _line("findings", _found(findings, layout), layout)
    yield from _line("judged", f"{judged} of {len(event.cells)} faults offered", layout)
    yield from _line("hangs", _hangs(event), layout)
    yield from _line("left out", _left_out(event.not_exercised), layout)
    for reason, places in sorted(_by_reason(event.not_exercised).items()):
        yield from _reason(reason, places, layout)


def _line(label: str, text: str, layout: Layout) -> Iterator[str]:
    yield f"  {layout.paint(label.ljust(_LABEL + 2), 'dim')}{text}"


def _hangs(event: WorkflowDone) -> str:
    cells = [cell for cell in event.cells if cell.fault.name in _HANGS]
    skipped = Counter(cell.note or "not exercised" for cell in cells if cell.mark == "not exercised")
    tried = len(cells) - skipped.total()
    if not cells:
        return "none can happen here"
    why = ", ".join(f"{number} {clean(reason, 40)}" for reason, number in sorted(skipped.items()))
    return f"{tried} tried, {skipped.total()} skipped{f' ({why})' if why else ''}"


def _left_out(missing: Sequence[NotExercised]) -> str:
    return f"{len(missing)} not exercised" if missing else "nothing: every fault offered was judged"


def _by_reason(missing: Sequence[NotExercised]) -> dict[str, list[NotExercised]]:
    found: dict[str, list[NotExercised]] = {}
    for one in missing:
        found.setdefault(one.reason, []).append(one)
    return found


def _reason(reason: str, missing: Sequence[NotExercised], layout: Layout) -> Iterator[str]:
    why = REASONS.get(reason, "")
    name = clean(reason, 40)
    beside = layout.columns - width(name) - 12 >= len(why)
    yield f"    {len(missing):>4}  {name}{layout.paint(f'  {why}', 'dim') if why and beside else ''}"
    for line in wrapped(why, layout.columns - 12, "") if not beside else ():
        yield layout.paint(f"          {line}", "dim")
    if reason.startswith("reduced"):
        return
    places = Counter(f"{one.fault.name} at {one.crossing.seam}: {one.crossing.operation}" for one in missing)
    shown = [clean(place, 70) for place in list(places)[:_PLACES]]
    more = f" and {len(places) - _PLACES} more places" if len(places) > _PLACES else ""
    for line in wrapped(", ".join(shown) + more, layout.columns - 12, ""):
        yield layout.paint(f"          {line}", "dim")
    for note in dict.fromkeys(one.detail for one in missing if one.fault.name == "race" and one.detail):
        yield from _wrapped(note, layout, "          ", "dim")


def _rule(title: str, layout: Layout) -> str:
    line = layout.symbols.todo
    if not title:
        return layout.paint(line * layout.columns, "dim")
    rest = max(0, layout.columns - width(title) - 4)
    return f"{layout.paint(line * 2, 'dim')} {layout.paint(title, 'bold')} {layout.paint(line * rest, 'dim')}"


def _packed(parts: Sequence[str], between: str, columns: int) -> Iterator[str]:
    """Painted parts joined, as many to a line as fit."""
    line = ""
    for part in parts:
        joined = f"{line}{between}{part}" if line else part
        if line and len(_PAINTED.sub("", joined)) > columns:
            yield line
            joined = part
        line = joined
    yield line


def _note(note: str, layout: Layout) -> Iterator[str]:
    """A note's sentence, then its further lines as they stand: they are to be copied."""
    sentence, *lines = mask_text(note).splitlines() or [""]
    yield from _wrapped(f"note: {sentence}", layout, "  ")
    for line in lines:
        yield f"  {clean(line)}"


def _wrapped(text: str, layout: Layout, indent: str, styles: str = "") -> Iterator[str]:
    for line in wrapped(clean(text), layout.columns - len(indent), ""):
        yield indent + layout.paint(line, styles)
