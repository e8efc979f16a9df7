"""How oracles read a record in which the caller's own request was broken: what was sent, what it left.

Pure and shared by the rules on input and on identity. Decides nothing about what counts as torn,
but for the last: whether the good request still works afterwards.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from ripstop.model.experiment import Baseline, Experiment
from ripstop.model.plan import Injection
from ripstop.model.state import Observation
from ripstop.model.verdict import Verdict
from ripstop.oracles import evidence, no_convergence
from ripstop.oracles.compare import Effects, Rows, effects, rows
from ripstop.oracles.reading import carries_key, param, undone_worlds

SECOND = "field_duplicate"
INPUT = frozenset(
    {
        "field_missing",
        "field_null",
        "field_empty",
        "field_mistyped",
        "field_out_of_range",
        "field_too_long",
        "unknown_id",
        SECOND,
    }
)
IDENTITY = frozenset({"no_credentials", "other_credentials"})
ALTERED = INPUT | IDENTITY
"""Faults that send another request than the one the workflow means."""
_KEPT_ANSWER = frozenset({400, 409, 422})

_SENT = {
    "field_missing": "a request without {field}",
    "field_null": "null for {field}",
    "field_empty": "nothing in {field}",
    "field_mistyped": "another type for {field}",
    "field_out_of_range": "{value} for {field}",
    "field_too_long": "{length} characters for {field}",
    "field_duplicate": "a second request with the same {field}",
    "unknown_id": "{value} for {field}, which belongs to nothing",
    "no_credentials": "a caller who did not say who asks",
    "other_credentials": "somebody else's credentials",
}


@dataclass(frozen=True, slots=True)
class Residue:
    """What a request left that should have left nothing: row changes more or fewer, effects more."""

    left: Rows
    undone: Rows
    happened: Effects

    def __bool__(self) -> bool:
        return bool(self.left or self.undone or self.happened)

    @property
    def size(self) -> int:
        return self.left.total() + self.undone.total() + self.happened.total()

    @property
    def phrase(self) -> str:
        parts = []
        if changed := self.left or self.undone:
            many = evidence.count_of(changed.total(), "row change")
            parts.append(f"{many} stayed in {evidence.tables(changed)}")
        if self.happened:
            kinds = ", ".join(sorted({fact.kind for fact in self.happened}))
            parts.append(f"{evidence.count_of(self.happened.total(), 'effect')} stands ({kinds})")
        return " and ".join(parts)

    def shown(self) -> dict[str, object]:
        return {
            "left": evidence.listed_rows(self.left),
            "undone": evidence.listed_rows(self.undone),
            "stands": evidence.listed_effects(self.happened),
        }


def altered(experiment: Experiment) -> Injection | None:
    """The fault that broke the caller's request, if one did."""
    return next((i for i in experiment.fired if i.fault.name in ALTERED), None)


def sent(injection: Injection) -> str:
    """What was sent, in words."""
    known = {name: _shown(name, value) for name, value in injection.fault.params}
    return _SENT[injection.fault.name].format_map(known)


def residue(experiment: Experiment, baseline: Baseline) -> Residue:
    """What stands after the call that would not, had the broken request left nothing."""
    seen = experiment.after_call
    options = [_beyond(seen, world, baseline) for world in undone_worlds(experiment, baseline)]
    return min(options, key=lambda one: one.size)


def since(seen: Observation, before: Observation, baseline: Baseline) -> Residue:
    """What came about between two readings of one run."""
    return _beyond(seen, before, baseline)


def done(experiment: Experiment, baseline: Baseline) -> Counter[tuple[str, str]]:
    """Kind and place of every row change and effect that the broken request left."""
    found = residue(experiment, baseline)
    counted: Counter[tuple[str, str]] = Counter()
    for row, times in found.left.items():
        counted[row.kind, row.table] += times
    for effect, times in found.happened.items():
        counted[effect.seam, effect.kind] += times
    return counted


def usual(experiment: Experiment, baseline: Baseline) -> Counter[tuple[str, str]]:
    """Kind and place of every row change and effect of the step in the baseline."""
    step = baseline.step(experiment.broken.step) if experiment.broken else None
    counted: Counter[tuple[str, str]] = Counter()
    if step is not None:
        for row, times in rows(step.observed.changes, baseline).items():
            counted[row.kind, row.table] += times
        for effect, times in effects(step.observed.effects, baseline).items():
            counted[effect.seam, effect.kind] += times
    return counted


def written(experiment: Experiment) -> Iterator[tuple[str, str]]:
    """Column and text of every value that the run put into a row."""
    for change in experiment.after_call.changes:
        for column, text in (change.new or {}).items():
            if text is not None and (change.old or {}).get(column) != text:
                yield column, text


def column(injection: Injection) -> tuple[str, str]:
    """Table and column of the demand that was broken; empty where none is known."""
    named = str(param(injection, "breaks") or "").partition(" ")[0]
    table, _, name = named.rpartition(".")
    return table, name


def good_one(experiment: Experiment, baseline: Baseline) -> Verdict | None:
    """Whether the good request, sent after the broken one was refused, ends where it always ends.

    Under the same idempotency key a service may keep its first answer: nothing is said of that.
    """
    retry = experiment.retry
    if retry is None or altered(experiment) is None or (altered_name(experiment) == SECOND):
        return None
    if carries_key(retry, baseline) and retry.answer.status in _KEPT_ANSWER:
        return None
    return no_convergence.check(experiment, baseline)


def altered_name(experiment: Experiment) -> str:
    found = altered(experiment)
    return found.fault.name if found else ""


def _beyond(seen: Observation, world: Observation, baseline: Baseline) -> Residue:
    actual, proper = rows(seen.changes, baseline), rows(world.changes, baseline)
    standing = effects(seen.effects, baseline) - effects(world.effects, baseline)
    return Residue(actual - proper, proper - actual, standing)


def _shown(name: str, value: object) -> str:
    if name == "field" and str(value).startswith("path:"):
        return "the id in its path"
    return str(value).removeprefix("/") if name == "field" else str(value)
