"""Running a draft until it is green: start, try, mend, again. What runs things is given by others."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from ripstop.errors import RipstopError, UsageError
from ripstop.model.state import ColumnRule
from ripstop.model.survey import Ranked, Route
from ripstop.model.trace import Kind
from ripstop.scaffold import credentials, doubling, fuller, mending, requests, starting
from ripstop.scaffold.drafts import Draft, Seen
from ripstop.scaffold.mending import Context
from ripstop.scaffold.plan import Plan
from ripstop.scaffold.project import Project
from ripstop.scaffold.requests import Knowledge

STARTS = 8
TRIES = 40
_TOO_MANY = 429


class Stage(Protocol):
    """What runs a plan: ``open`` writes it down and starts it, in the place of what ran before."""

    def open(self, plan: Plan) -> None: ...
    def columns(self) -> tuple[ColumnRule, ...]: ...
    def attempt(self, draft: Draft) -> Seen: ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one workflow. ``seen`` are two green tries, empty where none was; ``last`` is the last
    try of all, ``note`` what only a person knows. ``wanted`` are the requests and rows of the draft."""

    ranked: Ranked
    draft: Draft
    seen: tuple[Seen, ...] = ()
    last: Seen = field(default_factory=Seen)
    note: str = ""
    tries: int = 0

    @property
    def green(self) -> bool:
        return len(self.seen) == 2


@dataclass(slots=True)
class Greening:
    """One service and its stage; ``plan`` is what it runs by now, bettered on the way."""

    project: Project
    plan: Plan
    stage: Stage
    routes: Sequence[Route] = ()
    said: list[str] = field(default_factory=list)
    _filled: dict[str, dict[str, Any]] = field(default_factory=dict)

    def start(self) -> str:
        """Start by the plan, mended as often as the service says what it misses; why it would not start."""
        words: str = ""
        for _ in range(STARTS):
            try:
                self.stage.open(self.plan)
            except RipstopError as error:
                words = f"{error} [{error.slug}]"
                better = starting.started(self.plan, str(error), self.project)
                if better is None:
                    own = isinstance(error, UsageError) and error.way_out
                    return f"{error.message}; {own or starting.advice(words, error.details)}"
                self.said.append(_told(self.plan.service.env, better.service.env))
                self.plan = better
            else:
                return ""
        return words

    def reach(self, ranked: Ranked) -> Outcome:
        """Try one workflow until it is green, or until nothing here knows what else to try."""
        known = Knowledge(
            self.project, self.stage.columns(), written(ranked), self._filled, asked_for(ranked)
        )
        first = requests.first(ranked, known)
        asked = requests.asked(self.project, ranked.route)
        context = Context(known, ranked.route, asked, self.routes, self.plan.service.env)
        tries = 0
        draft, seen = first, Seen()
        for draft, seen in self._tries(first, context):
            tries += 1
            if seen.good:
                draft, seen = self._known(ranked, draft, seen, context)
                return self._again(self._more(Outcome(ranked, draft, (seen,), seen, "", tries), context))
        return Outcome(ranked, draft, (), seen, _note(ranked, draft, seen), tries)

    def _tries(self, draft: Draft, context: Context) -> Iterator[tuple[Draft, Seen]]:
        for _ in range(TRIES):
            seen = self._attempt(draft)
            yield draft, seen
            plan = doubling.answered(self.plan, seen) or doubling.read_of_reply(self.plan, seen)
            if plan is not None:
                self.plan = plan
                if self.start():
                    return
                continue
            better = mending.mend(draft, seen, context, (credentials.known_first, credentials.identify))
            if better is None:
                return
            draft = better

    def _known(self, ranked: Ranked, draft: Draft, seen: Seen, context: Context) -> tuple[Draft, Seen]:
        """A request that worked and left nothing, though its code writes: the same of somebody known."""
        leaves = any(one.effect or one.kind is Kind.WRITE for one in ranked.reaches)
        if not leaves or seen.changes or seen.effects:
            return draft, seen
        better = credentials.known(draft, context)
        for one, shown in self._tries(better, context) if better is not None else ():
            if shown.good:
                return (one, shown) if shown.changes or shown.effects else (draft, seen)
        return draft, seen

    def _more(self, green: Outcome, context: Context) -> Outcome:
        """The green draft, or one as green that writes more of what the code writes."""
        best = green
        tries = green.tries
        for draft in itertools.islice(fuller.drafts(green.draft, green.last, context), fuller.MOST):
            left = fuller.unseen(green.ranked, best.last)
            if not left:
                break
            if draft == green.draft:
                continue
            seen, tries = self._attempt(draft), tries + 1
            if seen.good and fuller.unseen(green.ranked, seen) < left:
                best = replace(best, draft=draft, seen=(seen,), last=seen)
        return self._with_rows(replace(best, tries=tries), context)

    def _with_rows(self, green: Outcome, context: Context) -> Outcome:
        """The same with rows for it to delete, where the code deletes and nothing was there."""
        left = fuller.unseen(green.ranked, green.last)
        tries = green.tries
        for first in fuller.with_rows(green.draft, left, context):
            for draft, seen in itertools.islice(self._tries(first, context), fuller.MOST):
                tries += 1
                if seen.good and fuller.unseen(green.ranked, seen) < left:
                    return replace(green, draft=draft, seen=(seen,), last=seen, tries=tries)
                if seen.good:
                    break
        return replace(green, tries=tries)

    def _attempt(self, draft: Draft) -> Seen:
        """One try; once more on a fresh service where this one has had enough of us."""
        seen = self.stage.attempt(draft)
        if seen.status == _TOO_MANY and not self.start():
            seen = self.stage.attempt(draft)
        return seen

    def _again(self, first: Outcome) -> Outcome:
        """The same once more, on fresh state: what differs between the two is volatile."""
        second = self._attempt(first.draft)
        self.plan = doubling.typed(self.plan, second)
        if not second.good:
            note = f"{first.ranked.route.operation} was green once and then not: {_answer(second)}"
            return Outcome(first.ranked, first.draft, (), second, note, first.tries)
        return Outcome(first.ranked, first.draft, (*first.seen, second), second, "", first.tries)


def written(ranked: Ranked) -> tuple[str, ...]:
    """The tables that a workflow writes, by its code."""
    return tuple(
        dict.fromkeys(
            one.operation.split()[1].rpartition(".")[2].strip('"')
            for one in ranked.reaches
            if one.protocol == "postgres"
            and one.operation.partition(" ")[0] in ("INSERT", "UPDATE", "MERGE")
            and " " in one.operation
        )
    )


def asked_for(ranked: Ranked) -> tuple[str, ...]:
    """The tables that a workflow's handler itself reads."""
    own = (one for one in ranked.reaches if one.kind is Kind.READ and one.protocol == "postgres")
    return tuple(
        dict.fromkeys(
            one.target
            for one in own
            if one.place.path == ranked.route.place.path and not one.via and one.target
        )
    )


_GUARD = re.compile(
    r"auth|login|token|permission|verif|user|admin|role|requir|guard|jwt|current|scope", re.IGNORECASE
)


def _told(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    changed = [f"{name} = {value!r}" for name, value in after.items() if before.get(name) != value]
    return f"the service would not start without {', '.join(changed)}"


def _answer(seen: Seen) -> str:
    words = " ".join(_words(seen).split())[:200]
    what = f"{seen.broken}: " if seen.broken else ""
    return f"{what}{seen.status or 'no answer'} {words}".strip()


def _words(seen: Seen) -> str:
    """What an answer says, without the JSON around it where it has a sentence for people."""
    if isinstance(seen.body, Mapping):
        for name in ("message", "detail", "error", "errors", "title"):
            if isinstance(seen.body.get(name), str):
                return str(seen.body[name])
    return seen.text


def _note(ranked: Ranked, draft: Draft, seen: Seen) -> str:
    """Why it is not green, and what a person can say that the code does not."""
    operation = ranked.route.operation
    step = next((one for one in draft.arrange if one.name == seen.broken), None)
    if step is not None:
        return f"{operation} needs {seen.broken} first, and that was refused: {_answer(seen)}"
    if seen.refusals or seen.kept_from:
        return (
            f"{operation} calls what no double answers: {'; '.join((*seen.refusals, *seen.kept_from))[:300]}"
        )
    if seen.status in (401, 403):
        named = [one.rpartition(".")[2] for one in ranked.route.guards]
        guards = ", ".join(one for one in named if _GUARD.search(one)) or "its guard"
        return f"{operation} answered {_answer(seen)}: say who may do this, and how {guards} knows them"
    if seen.status is None or seen.status >= 500:
        line = next((one.strip() for one in reversed(seen.log) if "Error" in one or "error" in one), "")
        return f"{operation} answered {_answer(seen)}: see the service's own error, {line[:200]!r}"
    return f"{operation} answered {_answer(seen)}: say what a right request looks like"
