"""Evidence: what a torn verdict shows of its record, as JSON values with secrets masked.

The same few keys in every verdict, so that a report can tell any finding's story:
``broke``, ``answer``, ``rows``, ``effects``, ``retry``, ``died``, ``recovery``, ``log``.
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


def common(experiment: Experiment, baseline: Baseline) -> dict[str, Any]:
    """What every torn verdict shows: the break, the answer, what stood before and after the retry."""
    found: dict[str, Any] = {"broke": [str(i) for i in experiment.fired or experiment.plan.injections]}
    if experiment.broken is not None:
        found["answer"] = answer(experiment.broken.answer)
    found["rows"] = row_counts(experiment, baseline)
    found["effects"] = effect_counts(experiment, baseline)
    if experiment.retry is not None:
        found["retry"] = answer(experiment.retry.answer)
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
