"""Pins: what held, chosen and grouped, so that a workflow gets a few tests and not hundreds.

Faults at one place with one observable outcome share a test. What cannot be told from a run
without the fault, or cannot be written truly, is left out with its reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from ripstop.backfill import inbound, names, timing
from ripstop.backfill.answers import answer_lines, error_word, shape
from ripstop.backfill.candidate import PIN, Candidate
from ripstop.backfill.encode import CannotRender, identifier, statement
from ripstop.backfill.flow import Flow
from ripstop.backfill.leaves import dumped
from ripstop.backfill.observed import Places, effect_counts, effect_lines, row_lines, standing
from ripstop.backfill.rows import GUARDED, REPEATED, WAITING, alters, rows_of
from ripstop.backfill.words import singular
from ripstop.model.events import Held
from ripstop.model.experiment import Baseline, Experiment
from ripstop.model.plan import Injection
from ripstop.model.state import Observation
from ripstop.model.trace import CLIENT, CONNECT, Phase, Trace

MOST_PINS = 14
MOST_FAULTS = 6
MOST_WAITING_FAULTS = 2
MOST_WAITING_PINS = 4
MOST_BROKEN_REQUESTS = 6
MOST_WRONG_CALLERS = 4
_NUMBERS = {1: "one", 2: "two", 3: "three"}


@dataclass(frozen=True, slots=True)
class Dropped:
    """A test that is not written, and why."""

    name: str
    reason: str
    rows: tuple[str, ...] = ()


def pins(
    held: Iterable[Held],
    baseline: Baseline,
    flow: Flow,
    places: Places,
    alter: inbound.Alter = inbound.unaltered,
) -> tuple[list[Candidate], list[Dropped]]:
    """The tests worth keeping of what held, best first, and what was left out."""
    groups: dict[str, Candidate] = {}
    dropped: dict[str, Dropped] = {}
    for one in held:
        if len(one.plan.injections) != 1:
            continue
        injection = one.plan.injections[0]
        try:
            if alters(injection.fault):
                pin = inbound.pin(one.experiment, injection, baseline, flow, places, alter)
            else:
                pin = _pin(one.experiment, injection, baseline, flow, places)
        except CannotRender as error:
            rows = rows_of(baseline, injection, injection.fault, repeats=False)
            dropped.setdefault(f"{rows}{error}", Dropped(str(injection), str(error), rows))
            continue
        old = groups.get(pin.key)
        groups[pin.key] = pin if old is None else _joined(old, pin)
    named = _named(groups.values(), baseline)
    chosen, left = _chosen(named)
    over = [
        Dropped(p.name, f"{MOST_PINS} pins are enough for one workflow", p.rows)
        for p in left
        if not _breaks_request(p)
    ]
    return chosen, [*dropped.values(), *over, *_more([p for p in left if _breaks_request(p)])]


def _pin(run: Experiment, injection: Injection, baseline: Baseline, flow: Flow, places: Places) -> Candidate:
    step = flow.step(injection.crossing.step)
    usual = baseline.step(injection.crossing.step)
    broken = next((e for e in run.exchanges if e.step == step.name), None)
    if broken is None or usual is None:
        raise CannotRender("its request was never sent")
    if broken.answer.status is None:
        raise CannotRender("no answer came, and no answer is nothing to keep")
    view = _View(run, injection, baseline, places)
    masked = broken.answer.status == usual.exchange.answer.status
    counts = masked and view.attempts_tell
    if masked and not counts and view.same_as_baseline and injection.crossing.seam != CLIENT:
        raise CannotRender("the outcome is that of a run without the fault, so no test could tell")
    after = answer_lines("response", broken.answer, usual)
    after += [f"    assert broken.attempts == {view.attempts}"] if counts else []
    ended = run.exchanges[-1].step == step.name
    after += _afterwards(run, view, step_call=statement("retry = ", step.call)) if ended else []
    repeats = ended and run.retry is not None
    return Candidate(
        name="",
        kind=PIN,
        workflow=baseline.workflow,
        injection=injection,
        faults=(injection.fault,),
        before=tuple(flow.before(step.name)),
        call=step.call,
        after=tuple(after),
        counts=counts,
        reason=_outcome(run, view, masked=counts),
        rows=rows_of(baseline, injection, injection.fault, repeats=repeats),
        key=_key(injection, after, shape(broken.answer, usual)),
        waits=injection.fault.name in WAITING,
        clock=timing.move(injection, run.moved) if timing.moves(injection) else None,
        other=_other(after, flow, step.name) if injection.crossing.seam == CLIENT else None,
    )


@dataclass(frozen=True, slots=True)
class _View:
    """One held run beside its baseline."""

    run: Experiment
    injection: Injection
    baseline: Baseline
    places: Places

    @property
    def usual(self) -> Observation:
        return self.baseline.until(self.injection.crossing.step)

    @property
    def attempts(self) -> int:
        return _crossings(self.run.trace, self.injection)

    @property
    def attempts_tell(self) -> bool:
        """Pools connect when they choose to, so connections are not counted."""
        if self.injection.crossing.operation == CONNECT or self.injection.crossing.seam == CLIENT:
            return False
        return self.attempts != _crossings(self.baseline.trace, self.injection)

    @property
    def same_as_baseline(self) -> bool:
        seen, usual = self.run.after_call, self.usual
        same_rows = standing(seen.changes, self.baseline) == standing(usual.changes, self.baseline)
        return same_rows and len(set(map(dumped, effect_list(seen, usual)))) == 1


def effect_list(*seen: Observation) -> list[list[tuple[str, str, int]]]:
    return [[(*kind, count) for kind, count in sorted(one.items())] for one in effect_counts(*seen)]


def _crossings(trace: Trace, injection: Injection) -> int:
    place = injection.crossing
    return sum(
        c.phase is Phase.CALL
        and (c.id.step, c.id.seam, c.id.operation) == (place.step, place.seam, place.operation)
        for c in trace
    )


def _afterwards(run: Experiment, view: _View, *, step_call: str) -> list[str]:
    """State after the call, the repetition if there was one, and the state after that."""
    usual = view.usual
    final = run.after_retry if run.retry is not None and run.after_retry is not None else None
    now, later, _ = effect_counts(run.after_call, final or run.after_call, usual)
    lines = (
        []
        if view.injection.crossing.seam == CLIENT
        else row_lines(run.after_call, usual, view.baseline, view.places)
    )
    if final is None:
        return lines + effect_lines(now)
    if run.retry is None or run.retry.answer.status is None:
        return lines + effect_lines(now)
    if now != later and view.injection.crossing.seam != CLIENT:
        lines += effect_lines({kind: count for kind, count in now.items() if later[kind] != count})
    repeated = view.baseline.step(run.retry.step)
    told = answer_lines("retry", run.retry.answer, repeated)
    same = repeated is not None and repeated.exchange.answer.status == run.retry.answer.status
    lines += ["", step_call, *(told[:1] if same else told)]
    lines += row_lines(final, usual, view.baseline, view.places)
    return lines + effect_lines(later)


def _other(after: list[str], flow: Flow, step: str) -> tuple[str, ...] | None:
    """The same assertions where the second request is made anew, key and all, instead of repeated."""
    sends = flow.step(step)
    if not sends.setup:
        return None
    line = statement("retry = ", sends.call)
    if line not in after:
        return None
    where = after.index(line)
    return (*after[:where], *sends.setup, *after[where:])


def _outcome(run: Experiment, view: _View, *, masked: bool) -> str:
    """The part of the name that says what the service does."""
    effect = names.effect_before(view.baseline, view.injection)
    final = run.after_retry or run.after_call
    if masked:
        return f"succeeds_at_try_{view.attempts}"
    if view.injection.crossing.seam == CLIENT:
        return _kept(view.usual, view.places) or "answers_again"
    kinds = Counter(e.kind for e in final.effects)
    count = next((n for kind, n in kinds.items() if identifier(kind, "effect") == effect), 0)
    if effect and run.retry is not None and count in _NUMBERS:
        return f"keeps_{_NUMBERS[count]}_{effect}"
    broken = next(e for e in run.exchanges if e.step == view.injection.crossing.step)
    word = error_word(broken.answer)
    return f"answers_{broken.answer.status}{f'_{word}' if word else ''}"


def _kept(usual: Observation, places: Places) -> str:
    """``keeps_one_charge``, else ``writes_one_order``, after what a workflow leaves."""
    for kind, count in Counter(e.kind for e in usual.effects).items():
        if count in _NUMBERS:
            return f"keeps_{_NUMBERS[count]}_{identifier(kind, 'effect')}"
    for table, count in Counter(c.table for c in usual.changes if c.kind == "insert").items():
        if count in _NUMBERS and places.seam(table):
            return f"writes_{_NUMBERS[count]}_{singular(identifier(table, 'row'))}"
    return ""


def _key(injection: Injection, after: list[str], answer: str) -> str:
    """What faults of one test have in common: the place, and everything that can be observed."""
    place = injection.crossing
    if timing.moves(injection):
        return dumped([place.step, place.seam, str(injection.fault), answer, after])
    return dumped([place.step, place.seam, place.operation, place.nth, injection.tries, answer, after])


def _joined(old: Candidate, new: Candidate) -> Candidate:
    faults = tuple(dict.fromkeys((*old.faults, *new.faults)))
    quick = [f for f in faults if f.name not in WAITING][:MOST_FAULTS]
    slow = [f for f in faults if f.name in WAITING][:MOST_WAITING_FAULTS]
    rows = tuple(dict.fromkeys((*old.rows, *new.rows)))
    return replace(old, faults=(*quick, *slow), rows=rows, waits=old.waits or new.waits)


def _named(groups: Iterable[Candidate], baseline: Baseline) -> list[Candidate]:
    """Final names; ``reason`` carried the outcome until the faults of each group were known."""
    taken: set[str] = set()
    named = []
    for pin in groups:
        after = names.effect_before(baseline, pin.injection)
        wanted = names.sentence(pin.workflow, pin.reason, pin.injection, pin.faults, after)
        name = names.unique(wanted, taken, pin.key)
        taken.add(name)
        named.append(replace(pin, name=name, reason=""))
    return named


def _more(left: list[Candidate]) -> list[Dropped]:
    """Broken requests beyond the bound, told together."""
    if not left:
        return []
    rows = tuple(dict.fromkeys(row for pin in left for row in pin.rows))
    reason = "refused as well; those that are written are enough for one workflow"
    return [Dropped(f"{len(left)} more broken requests, such as {left[0].name}", reason, rows)]


def _enough_like(pin: Candidate, chosen: list[Candidate]) -> bool:
    alike = sum(other.rows == pin.rows for other in chosen if _breaks_request(other))
    return alike >= (MOST_WRONG_CALLERS if GUARDED in pin.rows else MOST_BROKEN_REQUESTS)


def _breaks_request(pin: Candidate) -> bool:
    return alters(pin.injection.fault)


def _chosen(found: list[Candidate]) -> tuple[list[Candidate], list[Candidate]]:
    """The bound: first one for each checklist row and seam, then one for each outcome and each broken
    field, then the rest."""
    chosen: list[Candidate] = []
    covered: set[object] = set()
    for wants in (_row_keys, _outcome_keys, _field_keys, _all_keys):
        covered |= {key for pin in chosen for key in _field_keys(pin)}
        for pin in found:
            new = wants(pin) - covered
            waiting = sum(p.waits for p in chosen)
            full = len(chosen) >= MOST_PINS or (pin.waits and waiting >= MOST_WAITING_PINS)
            full |= _breaks_request(pin) and _enough_like(pin, chosen)
            if pin in chosen or not new or full:
                continue
            chosen.append(pin)
            covered |= new
    return chosen, [pin for pin in found if pin not in chosen]


def _row_keys(pin: Candidate) -> set[object]:
    return {(row, pin.injection.crossing.seam) for row in pin.rows if row != REPEATED or len(pin.rows) == 1}


def _outcome_keys(pin: Candidate) -> set[object]:
    return set() if _breaks_request(pin) else {pin.after}


def _field_keys(pin: Candidate) -> set[object]:
    """Another field that is broken counts for more than another way to break one."""
    fault = pin.injection.fault
    place = dict(fault.params).get("field", fault.name)
    return {(pin.injection.crossing.step, place)} if _breaks_request(pin) else set()


def _all_keys(pin: Candidate) -> set[object]:
    return {pin.name}
