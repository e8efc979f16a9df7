"""The zoo's table as text: a line for each pair as it is judged, and its troubles below it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from benchmarks.zoo.judging import Judgement
from benchmarks.zoo.pairs import Pair
from benchmarks.zoo.peers.comparing import Compared
from benchmarks.zoo.results import Result

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


def headings(peers: Sequence[str] = ()) -> tuple[str, ...]:
    """Ripstop's, and one for each peer: found, and how many of its failures the twin had too."""
    return (*HEADINGS, *(f"{peer}: found / on twin" for peer in peers))


def widths(pairs: Sequence[Pair], peers: Sequence[str] = ()) -> tuple[int, ...]:
    """Column widths, known before the first pair has run."""
    known = [(pair.name, pair.stack, _expected(pair)) for pair in pairs]
    own = (
        max(least, len(HEADINGS[n]), *(len(row[n]) for row in known if n < len(row)), 0)
        for n, least in enumerate(_WIDTHS)
    )
    return (*own, *(len(heading) for heading in headings(peers)[len(HEADINGS) :]))


def cells(result: Result) -> tuple[str, ...]:
    """One pair's line, in order of the headings. A dash: there is nothing to say."""
    judged = result.judged
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
        *map(_peer, result.peers.values()),
    )


def line(values: Iterable[str], to: Sequence[int]) -> str:
    return "  ".join(value.ljust(width) for value, width in zip(values, to, strict=True)).rstrip()


def troubles(result: Result) -> Iterator[str]:
    """What the line does not tell: why a side was not explored, where else the code was, which alarms."""
    judged = result.judged
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


def visits(result: Result) -> Iterator[str]:
    """What each peer told apart and caused, a line each."""
    for name, one in result.peers.items():
        told = f"    {name}:"
        if problem := one.bug.problem or one.twin.problem:
            yield f"{told} {problem}"
        if one.applies:
            caused = ", ".join(
                f"{times} {what} ({one.bug.repeated.get(what, 0)} again)"
                for what, times in one.bug.effects.items()
            )
            only = "; ".join(one.only_bug) or "nothing that the twin has not"
            yield f"{told} {only}; caused {caused or 'no effect'}, {one.bug.rows} row changes"


def _peer(one: Compared) -> str:
    if not one.applies:
        return "n/a"
    return f"{'yes' if one.found else 'no'} / {one.false_alarms}"


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
