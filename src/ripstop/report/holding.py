"""What held although something had already happened: the outcomes worth telling beside the findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from ripstop.model.events import Held
from ripstop.model.secrets import mask_text
from ripstop.model.state import Observation
from ripstop.report.text import clean, count

_TOLD = 6
Outcome = tuple[str, str, str, str, str]


def sentences(held: Iterable[Held]) -> Iterator[str]:
    """One sentence for each operation and outcome in which an effect stood when the request failed.

    >>> list(sentences(()))
    []
    """
    outcomes = Counter(found for one in held if (found := _outcome(one)))
    for (operation, stood, caller, left, retry), times in list(outcomes.items())[:_TOLD]:
        yield f"{stood} made, {operation} failed ({count(times, 'fault')}): {caller}, {left}; retry {retry}"


def _outcome(one: Held) -> Outcome | None:
    """What the world had, what broke, what the caller saw, what was written, what the retry came to."""
    run = one.experiment
    broken, retry, after = run.broken, run.retry, run.after_retry
    first = next((i.crossing for i in one.plan.injections), None)
    if first is None or broken is None or broken.answer.succeeded or retry is None or after is None:
        return None
    own = {effect.seam for effect in run.after_call.effects}
    if not own or first.seam in own or not retry.answer.succeeded:
        return None
    said = f"{broken.answer.status or 'no answer'} {clean(mask_text(_text(broken.answer.body)), 60)}".strip()
    again = f"{retry.answer.status}, {_effects(after)} in all, {_rows(after)}"
    return first.operation, _effects(run.after_call), said, _rows(run.after_call), again


def _rows(seen: Observation) -> str:
    """How many row changes, without updates that left a row as it was (``ON CONFLICT DO UPDATE``)."""
    number = sum(change.kind != "update" or change.old != change.new for change in seen.changes)
    return count(number, "row") if number else "no row"


def _effects(seen: Observation) -> str:
    kinds = Counter(effect.kind for effect in seen.effects)
    return ", ".join(count(number, kind) for kind, number in kinds.items())


def _text(body: bytes) -> str:
    return body.decode("utf-8", "replace")
