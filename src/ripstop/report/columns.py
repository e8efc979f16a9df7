"""A race in two columns, statement by statement: who did what when, who was held, who waited for whom."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ripstop.model.experiment import Experiment, Race
from ripstop.model.http import Exchange
from ripstop.model.secrets import mask_body, mask_text
from ripstop.model.trace import RIVAL, Crossing, Kind, Phase
from ripstop.report.text import clean, fit

_COLUMN = 42
_GAP = "  "
_LINES = 3
_MOMENTS = 160
_BODY = 60
_WAIT_MS = 4.0


@dataclass(frozen=True, slots=True, order=True)
class _Moment:
    """What is told of one racer at one time; ``rank`` orders what happens at the same."""

    at_ms: float
    rank: int
    second: bool
    lines: tuple[str, ...]


def interleaving(experiment: Experiment) -> Iterator[str]:
    """A line for each statement of either racer, in the order in which they happened; nothing for no race."""
    race = experiment.race
    if race is None or race.order or race.first is None:
        return
    first = [c for c in experiment.trace if c.id.step == race.first.step and c.phase is Phase.CALL]
    second = [c for c in experiment.trace if c.phase is Phase.RIVAL]
    head = fit(clean(f"first: {race.first.step}", _COLUMN), _COLUMN)
    yield ""
    yield f"    {head}{_GAP}{clean(_named(race), _COLUMN)}"
    yield f"    {'-' * _COLUMN}{_GAP}{'-' * _COLUMN}"
    swapped = any(c.fault for c in second)
    firsts = _moments(first, second, race, second=False, waits=swapped)
    seconds = _moments(second, first, race, second=True, waits=not swapped)
    moments = sorted([*firsts, *seconds])
    for moment in moments[:_MOMENTS]:
        for line in moment.lines:
            yield f"    {' ' * (_COLUMN + len(_GAP)) if moment.second else ''}{line}".rstrip()
    if len(moments) > _MOMENTS:
        yield f"    ... and {len(moments) - _MOMENTS} more"


def shown_in(experiment: Experiment) -> frozenset[Crossing]:
    """The crossings that the columns tell, and no list has to tell again."""
    race = experiment.race
    if race is None or race.order or race.first is None:
        return frozenset()
    step = race.first.step
    return frozenset(
        c for c in experiment.trace if c.phase is Phase.RIVAL or (c.phase is Phase.CALL and c.id.step == step)
    )


def _named(race: Race) -> str:
    who = {"another": "another caller", "same": "the same request"}.get(race.by, race.by)
    step = race.rival.step.removeprefix(RIVAL) if race.rival else "not sent"
    return f"second: {step} ({who})"


def _moments(
    mine: Sequence[Crossing], theirs: Sequence[Crossing], race: Race, *, second: bool, waits: bool
) -> Iterator[_Moment]:
    waits = waits and bool(race.waited)
    last_ms = max((c.at_ms for c in theirs[:1]), default=0.0) if not mine else 0.0
    for crossing in mine:
        if crossing.kind is Kind.CONNECT:
            continue
        end_ms = crossing.at_ms + crossing.duration_ms
        between = any(crossing.at_ms < o.at_ms and o.at_ms + o.duration_ms <= end_ms for o in theirs)
        between = between or (waits and crossing.duration_ms >= _WAIT_MS)
        outcome = "" if _fine(crossing) else f" -> {clean(crossing.outcome, 24)}"
        text = _statement(crossing)
        if between:
            why = _why(crossing, race, first_wait=waits)
            waits = False
            yield _Moment(crossing.at_ms, 0, second, (*text, f"  | {why}"))
            yield _Moment(end_ms, 1, second, (f"  | goes on{outcome}",))
        else:
            told = (*text[:-1], f"{text[-1]}{outcome}")
            yield _Moment(crossing.at_ms, 0, second, told)
        if not crossing.after_answer:
            last_ms = max(last_ms, end_ms)
    if answer := _answer(race.rival if second else race.first):
        yield _Moment(last_ms, 2, second, (answer,))


def _why(crossing: Crossing, race: Race, *, first_wait: bool) -> str:
    if crossing.fault:
        return "held before this"
    if first_wait and race.waited:
        return clean(race.waited, _COLUMN - 4)
    return "waits for its turn"


def _fine(crossing: Crossing) -> bool:
    return crossing.outcome == "ok" or crossing.outcome.startswith("status:2")


def _statement(crossing: Crossing) -> list[str]:
    text = clean(mask_text(" ".join((crossing.text or crossing.id.operation).split())))
    lines = textwrap.wrap(text, _COLUMN, subsequent_indent="  ", break_long_words=True) or [""]
    if len(lines) > _LINES:
        lines = [*lines[: _LINES - 1], fit(lines[_LINES - 1], _COLUMN - 1).rstrip() + "…"]
    return lines


def _answer(exchange: Exchange | None) -> str:
    if exchange is None:
        return ""
    answer = exchange.answer
    told = answer.failure or f"{answer.status} {clean(mask_body(answer.body), _BODY)}"
    return clean(f"=> {told}", _COLUMN)
