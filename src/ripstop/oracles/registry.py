"""All rules in order, and the one place where verdicts on one record are weighed against each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from ripstop.errors import UsageError
from ripstop.model.experiment import Baseline, Experiment
from ripstop.model.verdict import Rule, Status, Verdict
from ripstop.oracles import (
    bad_input_accepted,
    bad_racer,
    crash,
    duplicate_effect,
    duplicate_write,
    effect_in_transaction,
    evidence,
    expiry_not_kept,
    inbound,
    leaky_answer,
    lost_update,
    lost_write,
    misleading_answer,
    no_convergence,
    no_recovery,
    not_exercised,
    open_door,
    orphan_effect,
    partial_write,
    retried_permanent,
    retry_storm,
    unbounded_wait,
    unhandled_error,
    unstable,
)

Check = Callable[[Experiment, Baseline], Verdict | None]

_ORACLES: tuple[tuple[Rule, Check], ...] = (
    (unhandled_error.RULE, unhandled_error.check),
    (unbounded_wait.RULE, unbounded_wait.check),
    (misleading_answer.RULE, misleading_answer.check),
    (leaky_answer.RULE, leaky_answer.check),
    (partial_write.RULE, partial_write.check),
    (lost_write.RULE, lost_write.check),
    (orphan_effect.RULE, orphan_effect.check),
    (duplicate_effect.RULE, duplicate_effect.check),
    (duplicate_write.RULE, duplicate_write.check),
    (no_convergence.RULE, no_convergence.check),
    (no_recovery.RULE, no_recovery.check),
    (retry_storm.RULE, retry_storm.check),
    (retried_permanent.RULE, retried_permanent.check),
    (effect_in_transaction.RULE, effect_in_transaction.check),
)

_ON_BROKEN_REQUEST: tuple[Check, ...] = (
    unhandled_error.check,
    unbounded_wait.check,
    leaky_answer.check,
    inbound.good_one,
    no_recovery.check,
    bad_input_accepted.check,
    open_door.check,
)
"""What is asked where the caller's request was not the workflow's: it need not end as the baseline does."""

_AFTER_A_STRIKE: tuple[Check, ...] = (no_recovery.check, crash.check)
"""What is asked of a record in which the process itself was struck: how it answered is not."""

_IN_ANOTHER_TIME: tuple[Check, ...] = (
    unhandled_error.check,
    unbounded_wait.check,
    leaky_answer.check,
    no_recovery.check,
    expiry_not_kept.check,
)
"""What is asked where the clock was moved: what is refused then, or left, can be right."""

_IN_A_RACE: tuple[Check, ...] = (lost_update.check, bad_racer.check, no_recovery.check)
"""What is asked where two requests were interleaved: the baseline has only one of them."""

RULES: tuple[Rule, ...] = (
    *(rule for rule, _ in _ORACLES),
    lost_update.RULE,
    bad_racer.RULE,
    bad_input_accepted.RULE,
    open_door.RULE,
    expiry_not_kept.RULE,
    crash.RULE,
    not_exercised.RULE,
    unstable.RULE,
)

PRECEDENCE: Mapping[str, frozenset[str]] = {
    "RS203": frozenset({"RS202"}),
    "RS205": frozenset({"RS201"}),
    "RS206": frozenset({"RS201", "RS202", "RS203", "RS204", "RS205", "RS301", "RS501", "RS502"}),
    "RS302": frozenset({"RS303"}),
}
"""A torn verdict of the code on the left is the same cause told twice where one on the right is torn."""

_UNLESS_RETRY_FAILED = ("RS206", "RS201")


def judge(experiment: Experiment, baseline: Baseline) -> tuple[Verdict, ...]:
    """What every oracle that applies says of one record, in order of code, one cause told once.

    A dirty record gets one unknown verdict; a record whose fault never fired gets none.
    Torn verdicts carry the common evidence besides their own.
    """
    if experiment.dirty:
        why = evidence.line(experiment.dirty)
        shown = {"dirty": why, **evidence.common(experiment, baseline)}
        return (Verdict(unstable.RULE, Status.UNKNOWN, f"this record cannot be judged: {why}", shown),)
    if experiment.plan.injections and not experiment.fired:
        return ()
    verdicts = [v for check in _checks(experiment) if (v := check(experiment, baseline)) is not None]
    torn = frozenset(v.rule.code for v in verdicts if v.status is Status.TORN)
    kept = (v for v in verdicts if v.status is not Status.TORN or not _told(v.rule.code, torn, experiment))
    return tuple(_with_evidence(v, experiment, baseline) for v in kept)


def _checks(experiment: Experiment) -> tuple[Check, ...]:
    if experiment.race is not None:
        return _IN_A_RACE
    if crash.strikes(experiment):
        return _AFTER_A_STRIKE
    if expiry_not_kept.moved(experiment):
        return _IN_ANOTHER_TIME
    return _ON_BROKEN_REQUEST if inbound.altered(experiment) else tuple(check for _, check in _ORACLES)


def rule(code: str) -> Rule:
    """A rule by its code or slug, in any case. Raises UsageError (slug ``unknown-rule``)."""
    wanted = code.strip().lower()
    for one in RULES:
        if wanted in (one.code.lower(), one.slug):
            return one
    raise UsageError(
        "unknown-rule",
        f"there is no rule {code!r}",
        details=[f"{one.code} {one.slug}" for one in RULES],
        way_out="name one of these",
    )


def page(code: str) -> str:
    """A rule's own page as Markdown, with its heading."""
    one = rule(code)
    return f"# {one.code} {one.title}\n\nSeverity: {one.severity}.\n\n{one.page}"


def _told(code: str, torn: frozenset[str], experiment: Experiment) -> bool:
    """Whether a torn verdict is already told by a graver one on the same record."""
    others = PRECEDENCE.get(code, frozenset()) & torn
    mine, other = _UNLESS_RETRY_FAILED
    retry = experiment.retry
    if code == mine and retry is not None and not retry.answer.succeeded:
        others -= {other}
    return bool(others)


def _with_evidence(verdict: Verdict, experiment: Experiment, baseline: Baseline) -> Verdict:
    if verdict.status is not Status.TORN:
        return verdict
    return replace(verdict, evidence={**evidence.common(experiment, baseline), **verdict.evidence})
