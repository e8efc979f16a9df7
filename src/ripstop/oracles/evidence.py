"""Evidence: what a torn verdict shows of its record, as JSON values with secrets masked.

The same few keys in every verdict, so that a report can tell any finding's story:
``broke``, ``answer``, ``rows``, ``effects``, ``values``, ``retry``, ``died``, ``recovery``, ``log``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from ripstop.model.experiment import Baseline, Experiment
from ripstop.model.http import Answer
from ripstop.model.secrets import mask_body, mask_json, mask_text
from ripstop.model.state import Observation
from ripstop.oracles.compare import EffectFact, Effects, RowFact, Rows, effects, rows
from ripstop.oracles.reading import expected

_LISTED = 20
_LOG_LINES = 5
_LINE_LIMIT = 300
_VALUES = 4
_VALUE_LIMIT = 40


def common(experiment: Experiment, baseline: Baseline) -> dict[str, Any]:
    """What every torn verdict shows: the break, the answer, what stood before and after the retry."""
    found: dict[str, Any] = {"broke": [str(i) for i in experiment.fired or experiment.plan.injections]}
    if experiment.broken is not None:
        found["answer"] = answer(experiment.broken.answer)
    found["rows"] = row_counts(experiment, baseline)
    found["effects"] = effect_counts(experiment, baseline)
    found["values"] = _values(experiment, baseline)
    if experiment.retry is not None:
        found["retry"] = answer(experiment.retry.answer)
    if experiment.moved is not None:
        found["moved"] = {"ahead_s": experiment.moved.ahead_s, "to": experiment.moved.to}
    if experiment.died:
        found["died"] = line(experiment.died)
    if experiment.recovery is not None:
        found["recovery"] = experiment.recovery
    if experiment.log:
        found["log"] = [line(text) for text in experiment.log[-_LOG_LINES:]]
    return found


def answer(got: Answer) -> dict[str, Any]:
    """Status, failure, content type and the beginning of the body."""
    return {
        "status": got.status,
        "failure": got.failure,
        "content_type": got.header("content-type"),
        "body": mask_body(got.body),
    }


def line(text: str) -> str:
    return mask_text(text)[:_LINE_LIMIT]


def row_counts(experiment: Experiment, baseline: Baseline) -> dict[str, dict[str, int]]:
    """For each kind of net row change: how many the baseline makes, and how many stood when."""

    def count(world: Observation) -> Counter[str]:
        counted: Counter[str] = Counter()
        for fact, times in rows(world.changes, baseline, journal=True).items():
            counted[f"{fact.kind} {fact.table}"] += times
        return counted

    return _stages(
        count(expected(experiment, baseline)),
        count(experiment.after_call),
        None if experiment.after_retry is None else count(experiment.after_retry),
    )


def effect_counts(experiment: Experiment, baseline: Baseline) -> dict[str, dict[str, int]]:
    """For each kind of effect: how many the baseline has, and how many happened by when."""

    def count(world: Observation) -> Counter[str]:
        counted: Counter[str] = Counter()
        for fact, times in effects(world.effects, baseline, net=False).items():
            counted[f"{fact.seam} {fact.kind}"] += times
        return counted

    return _stages(
        count(expected(experiment, baseline)),
        count(experiment.after_call),
        None if experiment.after_retry is None else count(experiment.after_retry),
    )


def _stages(
    usual: Counter[str], after_call: Counter[str], after_retry: Counter[str] | None
) -> dict[str, dict[str, int]]:
    names = sorted({*usual, *after_call, *(after_retry or ())})
    found = {name: {"expected": usual[name], "after_call": after_call[name]} for name in names}
    for name in names if after_retry is not None else ():
        found[name]["after_retry"] = after_retry[name] if after_retry is not None else 0
    return found


def _values(experiment: Experiment, baseline: Baseline) -> dict[str, list[str]]:
    """What rows and effects hold in place of what the baseline has, by moment, where it is another."""

    def held(world: Observation) -> tuple[Rows, Effects]:
        return rows(world.changes, baseline, journal=True), effects(world.effects, baseline, net=False)

    usual = held(expected(experiment, baseline))
    seen = {"after_call": experiment.after_call, "after_retry": experiment.after_retry}
    found = {when: other_values(*usual, *held(world)) for when, world in seen.items() if world is not None}
    return {when: told for when, told in found.items() if told}


def other_values(usual: Rows, due: Effects, seen: Rows, happened: Effects) -> list[str]:
    """How what is there differs from its like: ``stock: left_over 7 instead of 8``. At most four of them."""
    wanted, found = _images(usual - seen, due - happened), _images(seen - usual, happened - due)
    told: list[str] = []
    for name in sorted(found.keys() & wanted.keys()):
        alone = len(found[name]) == len(wanted[name]) == 1
        told += _apart(name, wanted[name][0], found[name][0]) if alone else [f"{name}: other values"]
    return told[:_VALUES]


def _images(lines: Rows, effects: Effects) -> dict[str, list[dict[str, str | None]]]:
    """What each table's rows and each kind of effects hold."""
    found: dict[str, list[dict[str, str | None]]] = {}
    for row in lines.elements():
        found.setdefault(row.table, []).append(dict(row.new))
    for effect in effects.elements():
        found.setdefault(f"{effect.seam} {effect.kind}", []).append(dict(effect.data))
    return found


def _apart(name: str, wanted: dict[str, str | None], found: dict[str, str | None]) -> list[str]:
    """Each value of one row or effect that is not the wanted one, secrets masked."""
    said, usual = mask_json(found), mask_json(wanted)
    differing = (key for key in found if key in wanted and found[key] != wanted[key])
    return [f"{name}: {key} {_short(said[key])} instead of {_short(usual[key])}" for key in differing]


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= _VALUE_LIMIT else f"{text[: _VALUE_LIMIT - 1]}…"


def listed_rows(found: Rows) -> list[dict[str, Any]]:
    """Net row changes, at most twenty of them, with their stable values."""
    return [_row(fact, times) for fact, times in sorted(found.items())[:_LISTED]]


def _row(fact: RowFact, times: int) -> dict[str, Any]:
    shown: dict[str, Any] = {"change": fact.kind, "table": fact.table, "times": times}
    if fact.old:
        shown["old"] = mask_json(dict(fact.old))
    if fact.new:
        shown["new"] = mask_json(dict(fact.new))
    return shown


def listed_effects(found: Effects) -> list[dict[str, Any]]:
    return [_effect(fact, times) for fact, times in sorted(found.items())[:_LISTED]]


def _effect(fact: EffectFact, times: int) -> dict[str, Any]:
    return {"seam": fact.seam, "kind": fact.kind, "times": times, "data": mask_json(dict(fact.data))}


def tables(found: Iterable[RowFact]) -> str:
    """The tables of some rows, for a sentence."""
    return ", ".join(sorted({fact.table for fact in found}))


def count_of(number: int, noun: str) -> str:
    """A count in words a sentence can hold.

    >>> count_of(1, "row"), count_of(2, "row")
    ('1 row', '2 rows')
    """
    return f"{number} {noun}{'' if number == 1 else 's'}"
