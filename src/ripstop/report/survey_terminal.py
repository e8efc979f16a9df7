"""A survey on a terminal: the headline, a table of the ranked workflows, and each of the first in full."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Sequence
from typing import TextIO

from ripstop.model.secrets import mask_text
from ripstop.model.survey import Exit, LeftOut, Ranked, Reach, Survey
from ripstop.report import survey_words as words
from ripstop.report.matrix import Layout
from ripstop.report.paint import Paint, symbols_for, wants_color
from ripstop.report.text import clean, count, fit, width, wrapped

TOP = 5
_WIDEST = 120
_NARROWEST = 60
_LABEL = 10
_LINE = 4_000
_LISTED = 10
_HEAVY = 30
"""A weight from which on a reason is shown in red."""


def lines(
    survey: Survey, layout: Layout, *, top: int = TOP, everything: bool = False, configured: bool = False
) -> Iterator[str]:
    """The whole report: ``top`` workflows in full; with ``everything`` all of them, and every list whole.

    ``configured`` tells whether the project says how its service starts.
    """
    shown = survey.workflows if everything else survey.workflows[:top]
    most = 1_000_000 if everything else _LISTED
    yield from _wrapped(words.headline(survey), layout, "", "bold red" if survey.workflows else "bold")
    yield ""
    if survey.workflows:
        yield from _table(survey.workflows if everything else survey.workflows[: max(top, _LISTED)], layout)
        yield from _rest(len(survey.workflows) - max(top, _LISTED), "workflow", everything)
    for number, ranked in enumerate(shown, 1):
        yield ""
        yield from _workflow(number, ranked, layout, most)
    yield ""
    yield layout.paint(layout.symbols.todo * layout.columns, "dim")
    found = bool(survey.workflows or survey.left_out)
    yield from _left_out(survey.left_out, layout, most) if found else ()
    yield from _part("unread", _some([f"{one.place}  {one.why}" for one in survey.unread], most), layout)
    yield from _part("coverage", words.coverage_words(survey.coverage) if found else (), layout)
    yield from _part("note", list(survey.notes), layout)
    if told := words.advised(survey, configured=configured):
        yield from _part("next", [told], layout)
    ranked_all = count(len(survey.workflows), "workflow")
    yield layout.paint(
        f"{ranked_all} ranked, {count(survey.files, 'file')} read in {survey.seconds:.1f} s",
        "dim",
    )


def layout_of(stream: TextIO) -> Layout:
    """How wide a stream is, whether it takes colour, and which symbols it can show."""
    columns = max(_NARROWEST, min(_WIDEST, shutil.get_terminal_size().columns))
    return Layout(columns, Paint(wants_color(stream, None)), symbols_for(stream))


def _rest(number: int, noun: str, everything: bool) -> Iterator[str]:
    if number > 0 and not everything:
        yield f"        and {count(number, noun)} more: --all"


def _table(ranked: Sequence[Ranked], layout: Layout) -> Iterator[str]:
    """A row a workflow: rank, risk, operation, tests, untested failure modes, first reason."""
    operations = [clean(one.route.operation, 60) for one in ranked]
    room = min(max(map(width, operations)), layout.columns // 2 - 12)
    head = f"  {'':>3} {'risk':>5}  {fit('workflow', room)}  {'tests':>5}  {'untested':>9}  why"
    yield layout.paint(head, "dim")
    for number, (one, operation) in enumerate(zip(ranked, operations, strict=True), 1):
        untested = sum(not mode.tested_by for mode in one.failure_modes)
        modes = f"{untested} of {len(one.failure_modes)}" if one.failure_modes else "-"
        row = f"  {number:>3} {one.score:>5}  {fit(operation, room)}  {len(one.tests):>5}  {modes:>9}  "
        why = "; ".join(hazard.slug.replace("-", " ") for hazard in words.reasons(one)) or "reaches a seam"
        yield row + clean(why, layout.columns - width(row))


def _workflow(number: int, ranked: Ranked, layout: Layout, most: int) -> Iterator[str]:
    yield _rule(f"{number}. {clean(ranked.route.operation, layout.columns - 24)}", ranked.score, layout)
    yield from _part("route", [words.route_words(ranked.route)], layout)
    if ranked.route.guards:
        yield from _part("guarded", [f"by {words.some(ranked.route.guards)}"], layout)
    if said := words.stake_words(ranked.stake):
        where = f"  ({ranked.stake.said_at})" if ranked.stake.said_at else ""
        yield from _part("said", [f"{', '.join(said)}{where}"], layout)
    yield from _why(ranked, layout)
    yield from _part("reaches", [_reach(n, one) for n, one in enumerate(ranked.reaches, 1)], layout)
    yield from _part("untested", _untested(ranked, most), layout)
    yield from _part("exits", _some(_exits(ranked), most), layout)
    yield from _part("tests", _some(_tests(ranked), most), layout)


def _rule(title: str, score: int, layout: Layout) -> str:
    paint, line, risk = layout.paint, layout.symbols.todo, f"risk {score}"
    rest = line * max(0, layout.columns - width(title) - width(risk) - 8)
    left = f"{paint(line * 2, 'dim')} {paint(title, 'bold')} {paint(rest, 'dim')}"
    return f"{left} {paint(risk, 'bold')} {paint(line, 'dim')}"


def _why(ranked: Ranked, layout: Layout) -> Iterator[str]:
    told = words.reasons(ranked)
    for number, one in enumerate(told):
        sure = "".join(f" ({word})" for word in words.sure_words(one.sureness))
        label = "why" if not number else ""
        style = "red" if one.weight >= _HEAVY else "yellow"
        text = f"{one.weight:>3}  {words.placed(f'{one.reason}{sure}', one.place)}"
        first, *more = wrapped(clean(text), layout.columns - _LABEL - 4, "     ")
        yield f"  {layout.paint(label.ljust(_LABEL), 'dim')}{layout.paint(first[:3], style)}{first[3:]}"
        yield from (f"  {' ' * _LABEL}{line}" for line in more)


def _reach(number: int, reach: Reach) -> str:
    operation = mask_text(reach.operation)
    target = mask_text(reach.target)
    where = f" at {target}" if target and target not in operation else ""
    told = ", ".join(words.reach_words(reach))
    through = words.via_words(reach)
    return f"{number}  {reach.protocol}: {operation}{where}{f' ({told})' if told else ''}  {through}"


def _untested(ranked: Ranked, most: int) -> list[str]:
    """A line a crossing with faults nobody lets happen there, what an exploration tore first."""
    explored = any(mode.explored for mode in ranked.failure_modes)
    found = []
    for one in words.crossed(ranked.failure_modes):
        groups = words.by_outcome(one)
        told = [_faults(word or "not exercised", faults, most, explored) for word, faults in groups]
        if told:
            number = f"{len(one.untested)} of {one.total}"
            found.append(f"{mask_text(one.operation)}: {number}: {'; '.join(told)}")
    return found


def _faults(word: str, faults: Sequence[str], most: int, explored: bool) -> str:
    return f"{f'{word} ' if explored else ''}{words.some(faults, most)}"


def _exits(ranked: Ranked) -> list[str]:
    """A line an exit nobody took; those of which no run can tell, together at the end."""
    told = [f"{_exit(one)}: never entered" for one in words.never_entered(ranked)]
    unwatched = "; ".join(_exit(one) for one in words.unwatched(ranked))
    return [*told, f"not measured: {unwatched}"] if unwatched else told


def _exit(one: Exit) -> str:
    return f"{one.place} {mask_text(words.exit_words(one))}"


def _tests(ranked: Ranked) -> list[str]:
    if not ranked.tests:
        return ["none"]
    return [f"{test}{'  (an error path)' if test in ranked.error_tests else ''}" for test in ranked.tests]


def _left_out(left_out: Sequence[LeftOut], layout: Layout, most: int) -> Iterator[str]:
    told = [f"{one.route.operation}: {one.reason}  {one.route.place}" for one in left_out]
    yield from _part("left out", _some(told, most) or ["nothing: every route found is ranked"], layout)


def _some(texts: Sequence[str], most: int) -> list[str]:
    kept = list(texts[:most])
    return [*kept, f"and {len(texts) - most} more: --all"] if len(texts) > most else kept


def _part(label: str, texts: Iterable[str], layout: Layout) -> Iterator[str]:
    """Texts under one label, each on lines of its own; nothing where there are none."""
    for number, text in enumerate(texts):
        first, *more = wrapped(clean(text, _LINE), layout.columns - _LABEL - 4, "   ")
        yield f"  {layout.paint(('' if number else label).ljust(_LABEL), 'dim')}{first}"
        yield from (f"  {' ' * _LABEL}{line}" for line in more)


def _wrapped(text: str, layout: Layout, indent: str, styles: str = "") -> Iterator[str]:
    for line in wrapped(clean(text), layout.columns - len(indent), ""):
        yield indent + layout.paint(line, styles)
