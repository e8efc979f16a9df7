"""Several set-ups at work on one workflow's candidates: ahead of each other, booked in order.

A set-up that is free takes the next candidate that no earlier one still under way might make needless. What
came of it waits until all before it are booked, and counts only if it is asked for by then. So the first
set-up alone, or any number of them in whatever order they end, come to the same.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from ripstop.explore.findings import Findings, overall, torn
from ripstop.explore.planning import FIRST, Candidate
from ripstop.explore.reducing import Reducer
from ripstop.explore.trial import Outcome, Trial
from ripstop.model.plan import Plan

_AHEAD = 200
"""How far down the line a free set-up looks."""
_KEPT = 32
"""Records that wait for those before them; each may hold a whole trace."""


@dataclass(slots=True)
class Line:
    """Candidates in the order in which they are booked, and what came of those that ran ahead.

    ``changed`` guards all of it. Only the thread that books takes a candidate out.
    """

    reducer: Reducer
    waiting: deque[Candidate]
    changed: threading.Condition = field(default_factory=threading.Condition)
    _under_way: set[Plan] = field(default_factory=set)
    _came: dict[Plan, Outcome] = field(default_factory=dict)
    _dropped: set[Plan] = field(default_factory=set)
    """Needless by now, and still under way."""
    _problem: BaseException | None = None
    _over: bool = False

    def outcome(self, candidate: Candidate, trial: Trial, findings: Findings) -> Outcome:
        """What came of the first in line; run here unless another set-up is at it or was.

        While another one is at it, this one runs what can be run ahead. Raises what went wrong elsewhere.
        """
        while True:
            with self.changed:
                if self._problem:
                    raise self._problem
                if done := self._came.pop(candidate.plan, None):
                    return _as_known(done, findings)
                mine = candidate if candidate.plan not in self._under_way else self._next()
                if mine is None:
                    self.changed.wait()
                    continue
                self._under_way.add(mine.plan)
            self._run(mine, trial, findings)

    def started(self, candidate: Candidate) -> bool:
        """Whether it runs already, or has run."""
        return candidate.plan in self._under_way or candidate.plan in self._came

    def drop(self, candidate: Candidate) -> None:
        """It is not asked for any more, whatever came of it. ``changed`` is held."""
        if candidate.plan in self._under_way:
            self._dropped.add(candidate.plan)
        self._came.pop(candidate.plan, None)

    def help(self, trial: Trial, findings: Findings, warm: Callable[[], object]) -> None:
        """Run what can be run ahead until all is booked; a set-up's own thread, once it is ``warm``."""
        try:
            warm()
            while (mine := self._wait_for_next()) is not None:
                self._run(mine, trial, findings)
        except BaseException as problem:
            with self.changed:
                self._problem = problem
                self.changed.notify_all()

    def close(self) -> None:
        """Send the helpers home."""
        with self.changed:
            self._over = True
            self.changed.notify_all()

    def _run(self, mine: Candidate, trial: Trial, findings: Findings) -> None:
        came = trial.of(mine.plan, findings)
        with self.changed:
            self._under_way.discard(mine.plan)
            if mine.plan in self._dropped:
                self._dropped.discard(mine.plan)
            else:
                self._came[mine.plan] = came
            self.changed.notify_all()

    def _wait_for_next(self) -> Candidate | None:
        with self.changed:
            while not self._over and self._problem is None:
                if mine := self._next():
                    self._under_way.add(mine.plan)
                    return mine
                self.changed.wait()
        return None

    def _next(self) -> Candidate | None:
        """The first that nobody runs, that is still needed, and that no one before it may make needless."""
        if len(self._came) >= _KEPT:
            return None
        before: list[Candidate] = []
        for candidate in list(self.waiting)[:_AHEAD]:
            # Whether repeating is safe is to be known before anything else is repeated.
            if before and before[0].fault.name == FIRST != candidate.fault.name:
                return None
            needless = self.started(candidate) or self.reducer.reason(candidate)
            if not needless and not self.reducer.leans(candidate, before):
                return candidate
            before.append(candidate)
        return None


def _as_known(outcome: Outcome, findings: Findings) -> Outcome:
    """What came of a plan ahead of others, as it would be told had it waited for them: a cause that they
    confirmed needs no second run."""
    first, mine = outcome.experiment, torn(outcome.verdicts)
    if len(outcome.runs) > 1 and all(findings.known(first.plan, verdict) for verdict in mine):
        return Outcome((first,), overall(outcome.verdicts), outcome.verdicts, torn=mine)
    return outcome
