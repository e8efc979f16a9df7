"""The zoo's table as text: a line for each pair as it is judged, and its troubles below it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from benchmarks.zoo.judging import Judgement
from benchmarks.zoo.pairs import Pair

HEADINGS = (
    "pair",
    "stack",
    "expected",
    "found",
    "also there",
    "false alarms",
    "first: exp.",
    "ready to first s",
    "start to first s",
    "exp.",
    "s",
)
_WIDTHS = (0, 0, 0, 5, 17, 17, 11, 16, 16, 5, 6)
"""The least; the first three are as wide as their widest value."""


def widths(pairs: Sequence[Pair]) -> tuple[int, ...]:
    """Column widths, known before the first pair has run."""
    known = [(pair.name, pair.stack, _expected(pair)) for pair in pairs]
    return tuple(
        max(least, len(HEADINGS[n]), *(len(row[n]) for row in known if n < len(row)), 0)
        for n, least in enumerate(_WIDTHS)
    )


def cells(judged: Judgement) -> tuple[str, ...]:
    """One pair's line, in order of the headings. A dash: there is nothing to say."""
    first = judged.first
    return (
        judged.pair.name,
        judged.pair.stack,
        _expected(judged.pair),
        "yes" if judged.found else "no",
        " ".join(judged.others) or "-",
        _false_alarms(judged),
        str(first.experiments) if first else "-",
        f"{first.seconds - judged.bug.ready_s:.1f}" if first else "-",
        f"{first.seconds:.1f}" if first else "-",
        str(judged.bug.experiments),
        f"{judged.bug.seconds:.1f}",
    )


def line(values: Iterable[str], to: Sequence[int]) -> str:
    return "  ".join(value.ljust(width) for value, width in zip(values, to, strict=True)).rstrip()


def troubles(judged: Judgement) -> Iterator[str]:
    """What the line does not tell: why a side was not explored, where else the code was, which alarms."""
    for side, run in (("bug", judged.bug), ("twin", judged.twin)):
        if run.problem:
            yield f"    {judged.pair.name}, {side}: {run.problem}"
            yield from (f"      | {text}" for text in run.log)
    if judged.elsewhere:
        yield f"    {judged.pair.name}: expected at {judged.pair.at}, told at {', '.join(judged.elsewhere)}"
    if judged.false_alarms:
        for one in judged.twin.findings:
            place = f"{', '.join(one.faults)} at {one.step} > {one.operation}"
            yield f"    {judged.pair.name}, twin: {one.code} {place}"


def markdown(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A table as Markdown. Codes and names need no encoding; a bar in a value would end its cell."""
    yield f"| {' | '.join(headings)} |"
    yield f"|{'---|' * len(headings)}"
    for row in rows:
        yield f"| {' | '.join(value.replace('|', '/') for value in row)} |"


def _expected(pair: Pair) -> str:
    return f"{' or '.join(pair.codes)}{f' at {pair.at}' if pair.at else ''}"


def _false_alarms(judged: Judgement) -> str:
    if judged.twin.problem:
        return "not explored"
    told = Counter(judged.false_alarms)
    return " ".join(code if times == 1 else f"{code}x{times}" for code, times in told.items()) or "none"
