"""Which workflow could cost most: a score from reasons and from what a person says, and what is left out.

The score orders and can be added up. What the code suggests makes at most 299 points of it; what a person
states stands above: ``risk="critical"`` 900, ``"high"`` 600, money a month 300 to 900 by its share of
the largest sum in the same currency. ``risk="low"`` leaves a tenth of what the code suggests.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ripstop.model.survey import Hazard, LeftOut, Ranked, Reach, Route, Stake, Sureness
from ripstop.model.trace import Kind
from ripstop.scan.code import Codebase
from ripstop.scan.hazards.asking import is_effect, is_write

MOST_GUESSED = 299
_STATED = {"critical": 900, "high": 600}
_MONEY = (300, 600)
_SURE = {Sureness.CERTAIN: 1.0, Sureness.LIKELY: 0.8, Sureness.GUESS: 0.5}
_AGAIN = 0.25
"""What a second line with the same reason adds, of its weight; a third adds as much again of the rest."""
_WRITE, _EFFECT, _READ = 3, 6, 1
_HEALTH = re.compile(
    r"/(healthz?|health[-_]?checks?|ping|readyz|readiness|livez|liveness|heartbeat|metrics)/?$", re.IGNORECASE
)
_PERHAPS_HEALTH = re.compile(r"^[^{]*/(ready|live|alive|up|status|version|info)/?$", re.IGNORECASE)
"""Names that say so only where no table is read."""
_PAGES = re.compile(
    r"^/(docs|redoc|openapi\.json|openapi\.ya?ml|swagger.*|schema|favicon\.ico|robots\.txt|__debug__.*)/?$"
    r"|^/(static|assets|media|public)(/|$)|\{filename\}$|\*$",
    re.IGNORECASE,
)
_PROBE = re.compile(r"^(SELECT( 1)?|PING|CONNECT|BEGIN|COMMIT|ROLLBACK)$")
_NO_WORK = frozenset({"HEAD", "OPTIONS"})


def money_a_month(stake: Stake) -> float | None:
    """What a person's numbers say of a month; None where they say no sum.

    The revenue that hangs on it, or what its failures would cost if each run failed; a cost without a
    frequency counts once.
    """
    runs = 1.0 if stake.frequency is None else stake.frequency
    sums = [stake.revenue, None if stake.cost_of_failure is None else stake.cost_of_failure * runs]
    return max((one for one in sums if one is not None), default=None)


def guessed(hazards: Iterable[Hazard], reaches: Iterable[Reach] = ()) -> int:
    """The points that the code alone suggests."""
    weighed: dict[str, list[float]] = defaultdict(list)
    for hazard in hazards:
        weighed[hazard.slug].append(hazard.weight * _SURE[hazard.sureness])
    points = 0.0
    for several in weighed.values():
        first, *others = sorted(several, reverse=True)
        points += first + min(first, sum(_AGAIN * one for one in others))
    distinct = {(one.protocol, one.operation): one for one in reaches}.values()
    points += sum(_EFFECT if is_effect(one) else _WRITE if is_write(one) else _READ for one in distinct)
    return max(1, min(MOST_GUESSED, round(points)))


def ranked(workflows: Sequence[Ranked]) -> tuple[Ranked, ...]:
    """The same workflows with their scores, highest first; equal ones by operation."""
    largest: dict[str, float] = defaultdict(float)
    for one in workflows:
        largest[one.stake.currency] = max(largest[one.stake.currency], money_a_month(one.stake) or 0.0)
    scored = [replace(one, score=_score(one, largest)) for one in workflows]
    return tuple(sorted(scored, key=lambda one: (-one.score, one.route.path, one.route.method)))


def left_out(route: Route, reaches: Sequence[Reach], code: Codebase, stake: Stake) -> LeftOut | None:
    """Why a route is not ranked; None where it is. A route a person speaks of is always ranked."""
    if stake != Stake():
        return None
    if (why := _why(route, reaches)) is not None:
        return LeftOut(route, why)
    if not reaches and route.handler not in code.functions:
        return LeftOut(route, "its handler is not in the code that was read: nothing can be said of it")
    if not reaches:
        return LeftOut(route, "pure calculation: it reaches no seam")
    return None


def _why(route: Route, reaches: Sequence[Reach]) -> str | None:
    works = any(not _PROBE.match(one.operation) or one.kind is Kind.CALL for one in reaches)
    changes = any(is_write(one) or is_effect(one) for one in reaches)
    looks = route.method.upper() in ("GET", *_NO_WORK)
    if looks and _HEALTH.search(route.path) and not changes:
        return "a health check"
    if looks and _PERHAPS_HEALTH.search(route.path) and not works:
        return "a health check"
    if _PAGES.search(route.path) and not works:
        return "static files or documentation"
    if route.method.upper() in _NO_WORK:
        return f"{route.method.upper()} asks for no work"
    return None


def _score(one: Ranked, largest: Mapping[str, float]) -> int:
    points = guessed(one.hazards, one.reaches)
    if one.stake.risk == "low":
        points = max(1, points // 10)
    stated = _STATED.get(one.stake.risk, 0)
    money, most = money_a_month(one.stake), largest.get(one.stake.currency, 0.0)
    if money is not None and most > 0:
        base, span = _MONEY
        stated = max(stated, base + round(span * money / most))
    return stated + points
