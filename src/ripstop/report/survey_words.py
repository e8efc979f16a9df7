"""What a survey comes to in words: headline, what is untested, what a reach is like. Plain text, no layout.

Nothing here is encoded for a place; terminal and page do that with all they show.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ripstop.model.survey import (
    Exit,
    FailureMode,
    Hazard,
    Place,
    Ranked,
    Reach,
    RiskCoverage,
    Route,
    Stake,
    Sureness,
    Survey,
)
from ripstop.model.trace import CONNECT
from ripstop.report.text import count

_NAMED = 6
_EXPLORED = ("torn", "unknown", "held", "")
_EXIT = {"except": "except", "answer": "answers", "raise": "raises"}


@dataclass(frozen=True, slots=True)
class Crossed:
    """The failure modes of one crossing: ``untested`` are those no test lets happen, of ``total``."""

    protocol: str
    operation: str
    place: Place
    untested: tuple[FailureMode, ...]
    total: int


def headline(survey: Survey) -> str:
    """The most important thing in one sentence: which workflow, why, where, and how much of it is tested."""
    if not survey.workflows:
        read = f"in {count(survey.files, 'file')}"
        if survey.left_out:
            return f"nothing to rank: {count(len(survey.left_out), 'route')} {read}, none reaches a seam"
        return f"no route of a web service found {read}"
    first = survey.workflows[0]
    if why := reasons(first):
        told = f"{first.route.operation} could cost most: {placed(why[0].reason, why[0].place)}"
    else:
        told = f"{first.route.operation} comes first ({first.route.place})"
    return f"{told}; {tested(first)}"


def placed(text: str, place: Place) -> str:
    """A sentence with its line, where it does not name that already."""
    return text if str(place) in text else f"{text} ({place})"


def reasons(ranked: Ranked) -> list[Hazard]:
    """The hazards of a workflow, heaviest first; equal ones as they were found."""
    return sorted(ranked.hazards, key=lambda hazard: -hazard.weight)


def tested(ranked: Ranked) -> str:
    """How much of it is tested, in words."""
    if not ranked.tests:
        return "no test calls it"
    total = len(ranked.failure_modes)
    done = sum(bool(mode.tested_by) for mode in ranked.failure_modes)
    calls = "1 test calls it" if len(ranked.tests) == 1 else f"{len(ranked.tests)} tests call it"
    if not total:
        return calls
    return f"{calls}, {done or 'none'} of {count(total, 'failure mode')} tested"


def crossed(modes: Sequence[FailureMode]) -> list[Crossed]:
    """Failure modes by crossing, in the order in which each crossing comes first."""
    found: dict[tuple[str, str, Place], list[FailureMode]] = {}
    for mode in modes:
        operation = f"CONNECT ({mode.protocol})" if mode.operation == CONNECT else mode.operation
        found.setdefault((mode.protocol, operation, mode.place), []).append(mode)
    return [
        Crossed(*key, tuple(mode for mode in several if not mode.tested_by), len(several))
        for key, several in found.items()
    ]


def by_outcome(crossed: Crossed) -> list[tuple[str, tuple[str, ...]]]:
    """Untested faults by what an exploration said of them: torn first, last those it says nothing of."""
    found: dict[str, dict[str, None]] = {word: {} for word in _EXPLORED}
    for mode in crossed.untested:
        found.setdefault(mode.explored, {})[mode.fault] = None
    return [(word, tuple(faults)) for word, faults in found.items() if faults]


def never_entered(ranked: Ranked) -> list[Exit]:
    """Exits that somebody looked for and nobody took."""
    return [one for one in ranked.exits if one.entered_by == ()]


def unwatched(ranked: Ranked) -> list[Exit]:
    """Exits of which nobody can say, for no run was measured."""
    return [one for one in ranked.exits if one.entered_by is None]


def exit_words(one: Exit) -> str:
    return f"{_EXIT.get(one.kind, one.kind)} {one.what}".strip()


def reach_words(reach: Reach) -> list[str]:
    """What is remarkable about a reach, each in a few words."""
    told = [f"by {reach.client}"] if reach.client else []
    told += ["an effect outside"] if reach.effect else []
    told += ["no time-out"] if reach.timeout is False else []
    told += ["no idempotency key"] if reach.effect and reach.key is False else []
    told += ["in a transaction"] if reach.in_transaction else []
    told += ["in a loop"] if reach.in_loop else []
    caught = dict.fromkeys(name.rpartition(".")[2] for name in reach.caught)
    told += [f"caught by {', '.join(caught)}"] if caught else []
    return told + sure_words(reach.sureness)


def via_words(reach: Reach) -> str:
    """Where the call is, and the calls that lead there from the handler."""
    return f"{reach.place} through {', '.join(map(str, reach.via))}" if reach.via else str(reach.place)


def sure_words(sureness: Sureness) -> list[str]:
    """Nothing where a claim is certain."""
    return [] if sureness is Sureness.CERTAIN else [str(sureness)]


def route_words(route: Route) -> str:
    """Where a route is and how it was found."""
    sure = "".join(f", {word}" for word in sure_words(route.sureness))
    by = "the running application says so" if route.found_by == "import" else f"found by {route.found_by}"
    name = route.place.symbol or route.handler.rpartition(".")[2]
    return f"{route.place}  {name}  ({route.framework}; {by}{sure})"


def stake_words(stake: Stake) -> list[str]:
    """What a person said of a workflow, each in a few words; empty where nobody said anything."""
    unit = f" {stake.currency}" if stake.currency else ""
    told = [f"risk {stake.risk}"] if stake.risk else []
    if stake.revenue is not None:
        told.append(f"revenue {stake.revenue:,.10g}{unit} a month")
    if stake.cost_of_failure is not None:
        told.append(f"a failure costs {stake.cost_of_failure:,.10g}{unit}")
    if stake.frequency is not None:
        told.append(f"{stake.frequency:,.10g} runs a month")
    if stake.owner:
        told.append(f"owner {stake.owner}")
    return told


def coverage_words(coverage: RiskCoverage) -> Iterator[str]:
    """Risk coverage in sentences, each share with the counts it is made of."""
    yield f"{share(coverage.risk_tested, coverage.risk_total)} of the ranked risk is behind a passing test"
    yield f"{share(coverage.error_tests, coverage.tests)} of hand-written tests take an error path"
    if coverage.generated:
        generated = share(coverage.generated_error_tests, coverage.generated)
        yield f"{generated} of generated tests take an error path"


def share(part: int, whole: int) -> str:
    """A share with its counts.

    >>> share(1, 4), share(0, 0)
    ('1 of 4 (25 %)', '0 of 0')
    """
    return f"{part} of {whole} ({100 * part / whole:.0f} %)" if whole else f"{part} of {whole}"


def advised(survey: Survey, *, configured: bool = False) -> str:
    """What to do next, as one command; empty where there is nothing to do.

    ``configured`` tells whether the project says how its service starts.
    """
    if not survey.workflows:
        return ""
    first = survey.workflows[0]
    if not configured or not first.tests:
        return "ripstop init writes a configuration and a first test for what is ranked first"
    untested = [mode for mode in first.failure_modes if not mode.tested_by]
    if any(mode.explored for mode in untested):
        return "ripstop backfill writes the tests that lack"
    if untested:
        return "ripstop explore breaks what these tests cross, one crossing at a time"
    return ""


def some(names: Sequence[str], most: int = _NAMED) -> str:
    """Names in a row, the rest counted.

    >>> some(["a", "b", "c"], 2)
    'a, b and 1 more'
    """
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"
