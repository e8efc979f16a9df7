"""RS206: the seam is healed, the request is sent again, and the workflow still does not get there."""

from __future__ import annotations

from ripstop.model.experiment import Baseline, Experiment
from ripstop.model.http import Exchange
from ripstop.model.verdict import Rule, Severity, Status, Verdict
from ripstop.oracles import evidence
from ripstop.oracles.compare import effects, rows, same_answer
from ripstop.oracles.reading import (
    as_expected,
    call_succeeded,
    carries_key,
    expected,
    known_steps,
    retry_counts,
    undone_worlds,
    whole,
)

_PAGE = """\
## What it checks

With the seam healed, the same request, byte for byte, ends where the baseline ends: a success answer,
and the baseline's rows and effects. `200` in place of `201` is fine, and so is a conflict for a
repetition of what had succeeded, or 404 for what was deleted already, as long as the state is whole.

A decline may be final for its key: where the provider refused (a declined card) and nothing was done, the
same key may be told that refusal again, as at the provider's own.

Where no idempotency key is declared and the first attempt had really been committed, a 409 is all that
a service can say; that is reported as advice.

## Why it matters

"Try again later" is a promise. A retry that meets the leftovers of the first attempt (a row that is
in the way, a reservation still held, a job marked as running) breaks it, for this caller for ever.

## Example

```python
db.execute(insert_user, email)              # committed
mail.send(welcome)                          # fails: 503 "try again"
# the retry: 409 "address already registered", and the mail is never sent
```

## What to do instead

Make each attempt start from what is there: look up by key, continue at the first step that is not
done. Or leave nothing behind when you answer with an error.
"""

RULE = Rule("RS206", "no-convergence", "retry does not converge", Severity.HIGH, _PAGE)


_FINAL = frozenset({400, 402, 403, 422})
"""Refusals that a caller need not send again; 404, 409 and 429 may tell of leftovers instead."""


def check(experiment: Experiment, baseline: Baseline) -> Verdict | None:
    """The retry's answer and the state after it, against the baseline's."""
    retry, seen = experiment.retry, experiment.after_retry
    if retry is None or seen is None or not retry_counts(experiment, baseline):
        return None
    if not known_steps(experiment, baseline):
        return None
    complete = whole(seen, experiment, baseline)
    succeeded = as_expected(retry, baseline)
    repeated = call_succeeded(experiment, baseline)
    told = retry.answer.status or "no answer"
    if complete and (succeeded or (repeated and retry.answer.status == 409) or _gone(retry)):
        return Verdict(RULE, Status.HELD, f"the retry ({told}) ended where the baseline ends")
    if _refused_for_good(experiment, baseline):
        return Verdict(RULE, Status.HELD, f"a declined request stays refused ({told}) under its key")
    shown = _difference(experiment, baseline)
    if complete and retry.answer.status == 409 and not carries_key(retry, baseline):
        summary = f"{retry.step} had been committed, and its retry is told 409"
        return Verdict(RULE, Status.TORN, summary, shown, severity=Severity.ADVICE)
    if not succeeded:
        state = "though all of it stands" if complete else "and the state is not the baseline's"
        return Verdict(RULE, Status.TORN, f"the retry of {retry.step} got {told} after heal, {state}", shown)
    summary = f"the retry of {retry.step} answered {told}, yet the state is not the baseline's"
    return Verdict(RULE, Status.TORN, summary, shown)


def _gone(retry: Exchange) -> bool:
    """What was deleted is not there to be deleted again, and may be called so (RFC 9110, 9.2.2)."""
    return retry.request.method.upper() == "DELETE" and retry.answer.status in (404, 410)


def _refused_for_good(experiment: Experiment, baseline: Baseline) -> bool:
    """Whether a key whose request was declined is told so again, and nothing stands for it.

    The first refusal may have been lost on its way: then a refusal is one that names no conflict.
    """
    retry, broken, seen = experiment.retry, experiment.broken, experiment.after_retry
    declined = any(injection.fault.name == "declined" for injection in experiment.fired)
    if not declined or retry is None or broken is None or seen is None or not carries_key(retry, baseline):
        return False
    first = broken.answer.status
    finals = {first} & _FINAL if first is not None and 400 <= first < 500 else _FINAL
    actual, standing = rows(seen.changes, baseline), effects(seen.effects, baseline)
    return retry.answer.status in finals and any(
        actual == rows(world.changes, baseline) and standing == effects(world.effects, baseline)
        for world in undone_worlds(experiment, baseline)
    )


def _difference(experiment: Experiment, baseline: Baseline) -> dict[str, object]:
    seen, usual = experiment.after_retry, expected(experiment, baseline)
    if seen is None:
        return {}
    have, want = rows(seen.changes, baseline), rows(usual.changes, baseline)
    stand, should = effects(seen.effects, baseline), effects(usual.effects, baseline)
    return {
        "same_answer": _same_answer(experiment, baseline),
        "missing_rows": evidence.listed_rows(want - have),
        "extra_rows": evidence.listed_rows(have - want),
        "missing_effects": evidence.listed_effects(should - stand),
        "extra_effects": evidence.listed_effects(stand - should),
    }


def _same_answer(experiment: Experiment, baseline: Baseline) -> bool:
    retry = experiment.retry
    usual = baseline.step(retry.step) if retry else None
    if retry is None or usual is None:
        return False
    return same_answer(retry.answer, usual.exchange.answer, usual.volatile_body)
