"""Tests whose request is broken by the test itself: written out, with no fault to arm.

A pin says that a request which cannot be right is refused and changes nothing; it is proved by sending
the good one in its place. How a fault changes a request comes in as a callable.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from ripstop.backfill.answers import answer_lines, error_word, shape
from ripstop.backfill.candidate import PIN, Candidate
from ripstop.backfill.encode import CannotRender
from ripstop.backfill.flow import Flow, Step
from ripstop.backfill.leaves import dumped
from ripstop.backfill.observed import Places, effect_counts, effect_lines, row_lines
from ripstop.backfill.rows import rows_of
from ripstop.model.experiment import Baseline, Experiment
from ripstop.model.fault import FaultSpec
from ripstop.model.http import Answer, Headers, Request
from ripstop.model.plan import Injection
from ripstop.model.state import Observation

Alter = Callable[[FaultSpec, Request, Headers], Request | None]
"""What a fault of the caller's side makes of a request; None where it leaves it alone."""

MOST_BODY_CHARS = 120
_PLACEHOLDER = (("x-other-identity", "-"),)


def unaltered(_fault: FaultSpec, _request: Request, _other: Headers) -> Request | None:
    """Where nobody says how a fault changes a request, no such test is written."""
    return None


@dataclass(frozen=True, slots=True)
class Broken:
    """A step whose request is broken, as code. ``plain`` is the good one: what leads up to it, and it."""

    step: Step
    before: tuple[str, ...]
    plain: tuple[tuple[str, ...], Any]
    fixtures: tuple[str, ...] = ()


def broken(injection: Injection, baseline: Baseline, flow: Flow, alter: Alter) -> Broken:
    """The broken request of an injection as code. Raises CannotRender where it cannot be written."""
    name, fault = injection.crossing.step, injection.fault
    usual = baseline.step(name)
    fixture = baseline.other if isinstance(baseline.other, str) else ""
    if fault.name == "field_duplicate":
        raise CannotRender("it takes two requests, the second under a key of its own")
    other = baseline.other if isinstance(baseline.other, tuple) else _PLACEHOLDER
    request = alter(fault, usual.exchange.request, other) if usual else None
    if request is None:
        raise CannotRender("how its request is broken is not known")
    if fault.name == "other_credentials" and fixture:
        names = [name for name, _ in _PLACEHOLDER]
        request = replace(request, headers=tuple(h for h in request.headers if h[0] not in names))
    else:
        fixture = ""
    step, good = flow.altered(name, request, fixture), flow.step(name)
    plain = (tuple(flow.before(name)), good.call)
    return Broken(step, tuple(flow.before(name, step)), plain, (fixture,) if fixture else ())


def pin(
    run: Experiment,
    injection: Injection,
    baseline: Baseline,
    flow: Flow,
    places: Places,
    alter: Alter,
) -> Candidate:
    """A broken request that was refused and changed nothing. Raises CannotRender."""
    sent = next((e for e in run.exchanges if e.step == injection.crossing.step), None)
    usual = baseline.step(injection.crossing.step)
    if sent is None or usual is None or sent.answer.status is None:
        raise CannotRender("no answer came, and no answer is nothing to keep")
    if sent.answer.status < 400:
        raise CannotRender("it was accepted, which may be right and is nothing to insist on")
    if sent.answer.status >= 500:
        raise CannotRender("it was refused as if the service had failed, which is nothing to insist on")
    if run.exchanges[-1].step != sent.step:
        raise CannotRender("the workflow went on after it")
    made = broken(injection, baseline, flow, alter)
    after = [*_told(sent.answer), *unchanged(run.after_call, baseline.until(sent.step), baseline, places)]
    word = error_word(sent.answer)
    return Candidate(
        name="",
        kind=PIN,
        workflow=baseline.workflow,
        injection=injection,
        faults=(injection.fault,),
        before=made.before,
        call=made.step.call,
        after=tuple(after),
        reason=f"answers_{sent.answer.status}{f'_{word}' if word else ''}",
        rows=rows_of(baseline, injection, injection.fault, repeats=False),
        key=dumped([sent.step, str(injection.fault), shape(sent.answer, usual)]),
        plain=made.plain,
        fixtures=made.fixtures,
    )


def unchanged(stands: Observation, usual: Observation, baseline: Baseline, places: Places) -> list[str]:
    """What stands, and that nothing the step would have left is there."""
    counts, _ = effect_counts(stands, usual)
    return [*row_lines(stands, usual, baseline, places), *effect_lines(counts)]


def _told(answer: Answer) -> list[str]:
    """The status, and the body where it is short: a validator's long list is its own business."""
    lines = answer_lines("response", answer, None)
    return lines if len(answer.body) <= MOST_BODY_CHARS else lines[:1]
